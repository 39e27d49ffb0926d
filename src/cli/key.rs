//! `enduring key`: the keys that sign the ledger. Works beside a running server.

use super::{CommandError, OPERATOR, StoreArgs, print};
use crate::service::audit::{self, Act};
use crate::service::ledger::keys::{self, Custody, KeyView};
use crate::service::ledger::rotation::{self, OldKey};
use crate::service::playing::content_key;
use clap::Subcommand;

/// What to do with the keys.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the keys, oldest first, without their private halves
    List(List),
    /// Sign with another key from now on: the one in signing_key_file, or a new one in the store
    Rotate(Rotate),
}

#[derive(Debug, clap::Args)]
pub(super) struct List {
    #[command(flatten)]
    place: StoreArgs,
    /// Print JSON: an array
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Rotate {
    #[command(flatten)]
    place: StoreArgs,
    /// The file of the present key, or the key that wraps it, is lost
    #[arg(long)]
    lost: bool,
    /// Print JSON: the new key as `list` shows it
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) async fn run(command: Command) -> Result<(), CommandError> {
    match command {
        Command::List(args) => list(args).await,
        Command::Rotate(args) => rotate(args).await,
    }
}

async fn list(args: List) -> Result<(), CommandError> {
    let app = args.place.open().await?;
    let listed = keys::list(&app).await;
    app.close().await?;
    let listed = listed?;
    let text = if listed.is_empty() {
        "There is no key yet; the server makes one when it first needs it.".to_owned()
    } else {
        listed.iter().map(line).collect()
    };
    print(args.json, &listed, &text)
}

fn line(key: &KeyView) -> String {
    let from = key.time.used_from.map(|at| at.to_string()).unwrap_or_default();
    let first = key.time.first_entry.unwrap_or(1);
    let entries = match key.time.last_entry {
        Some(last) if last < first => "no entries".to_owned(),
        Some(last) => format!("entries {first} to {last}"),
        None => format!("entries from {first} on"),
    };
    let custody = match key.custody {
        Custody::File => "private key in a file",
        Custody::Wrapped => "private key in the store, wrapped",
        Custody::Store => "private key in the store, not wrapped",
        Custody::Gone => "replaced, private key removed",
    };
    format!("{}  {from}  {entries}  {custody}\n", key.kid)
}

async fn rotate(args: Rotate) -> Result<(), CommandError> {
    let app = args.place.open().await?;
    let old = if args.lost { OldKey::Lost } else { OldKey::Readable };
    let done = rotation::rotate(&app, old).await;
    if args.lost && done.is_ok() {
        content_key::forget_lost(&app).await?;
    }
    if let Ok(key) = &done {
        // The command has succeeded, so a failure is only reported.
        if let Err(error) = audit::record(&app, OPERATOR, Act::SigningKeyRotated, "enduring key rotate", &key.kid).await
        {
            tracing::warn!(%error, "the audit trail has no entry of this");
        }
        // Older pages of the database have the replaced private key. A running server removes them later.
        app.scrub().await?;
    }
    app.close().await?;
    let key = done.map_err(CommandError::failed)?;
    let text = format!(
        "{} signs from entry {} on. Older entries are checked by the keys that signed them, which stay published. A running \
         server needs no restart unless its configuration changes.",
        key.kid,
        key.time.first_entry.unwrap_or(1)
    );
    print(args.json, &key, &text)
}
