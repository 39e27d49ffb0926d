//! `enduring credential`: keys for programs that speak with the record store. Works beside a running server.

use super::{Place, Refusal, answer};
use crate::service::credentials::{self, Credential, Scope};
use clap::Subcommand;
use serde::Serialize;

/// What to do with credentials.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a credential, and show its secret this once
    Create(Create),
    /// List the credentials, without their secrets
    List(List),
    /// Revoke a credential for good; a running server follows within a minute
    Revoke(Revoke),
}

#[derive(Debug, clap::Args)]
pub(super) struct Create {
    #[command(flatten)]
    place: Place,
    /// What people call it
    #[arg(long)]
    name: String,
    /// What it may do; give the flag again for more
    #[arg(long, required = true)]
    scope: Vec<Scope>,
    /// Answer as JSON: {"key": …, "secret": …}
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct List {
    #[command(flatten)]
    place: Place,
    /// Answer as JSON: an array
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Revoke {
    #[command(flatten)]
    place: Place,
    /// The key of the credential
    key: String,
}

/// A credential as `list` shows it.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    key: &'a str,
    name: &'a str,
    scopes: Vec<&'static str>,
    created: String,
    revoked: Option<String>,
}

impl<'a> Shown<'a> {
    fn of(credential: &'a Credential) -> Self {
        Self {
            key: &credential.key,
            name: &credential.name,
            scopes: credential.scopes.iter().map(|scope| scope.as_str()).collect(),
            created: crate::xapi::instant(credential.created),
            revoked: credential.revoked.map(crate::xapi::instant),
        }
    }

    fn line(&self) -> String {
        let state = if self.revoked.is_some() { "revoked" } else { "valid" };
        format!("{}  {}  {}  {}  {}\n", self.key, self.created, state, self.scopes.join(","), self.name)
    }
}

impl From<credentials::Error> for Refusal {
    fn from(error: credentials::Error) -> Self {
        Self::because(error)
    }
}

/// Does what was asked.
pub(super) async fn run(command: Command) -> Result<(), Refusal> {
    match command {
        Command::Create(args) => create(args).await,
        Command::List(args) => list(args).await,
        Command::Revoke(args) => revoke(args).await,
    }
}

async fn create(args: Create) -> Result<(), Refusal> {
    let app = args.place.open().await?;
    let made = credentials::create(&app, &args.name, args.scope.into_iter().collect()).await;
    app.store.close().await?;
    let (credential, secret) = made?;
    let value = serde_json::json!({"key": credential.key, "secret": secret});
    let text = format!("key     {}\nsecret  {secret}\n\nThe secret is not kept; write it down now.", credential.key);
    answer(args.json, &value, &text)
}

async fn list(args: List) -> Result<(), Refusal> {
    let app = args.place.open().await?;
    let listed = credentials::list(&app).await;
    app.store.close().await?;
    let listed = listed?;
    let shown: Vec<_> = listed.iter().map(Shown::of).collect();
    answer(args.json, &shown, &shown.iter().map(Shown::line).collect::<String>())
}

async fn revoke(args: Revoke) -> Result<(), Refusal> {
    let app = args.place.open().await?;
    let done = credentials::revoke(&app, &args.key).await;
    app.store.close().await?;
    Ok(done?)
}
