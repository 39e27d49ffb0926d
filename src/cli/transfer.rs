//! `enduring copy`, `enduring export` and `enduring import`: everything that a store keeps, somewhere else.

use super::{Refusal, answer};
use crate::clock::{Clock as _, SystemClock};
use crate::service::transfer::{self, Counts};
use crate::store::archive::Archive;
use crate::store::{Place, Role};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::fs::File;
use tokio::io::{AsyncWriteExt as _, BufReader, BufWriter};

/// Seconds between two lines of progress.
const SAY_EVERY: i64 = 2;

/// From one store into another.
#[derive(Debug, clap::Args)]
pub(super) struct CopyArgs {
    /// Where everything is: a directory, or mongodb://…
    #[arg(long, value_name = "STORE")]
    from: String,
    /// Where everything goes: a directory, or mongodb://…
    #[arg(long, value_name = "STORE")]
    to: String,
    /// The counts as JSON
    #[arg(long)]
    json: bool,
}

/// From a store into a file.
#[derive(Debug, clap::Args)]
pub(super) struct ExportArgs {
    /// Where everything is: a directory, or mongodb://…
    #[arg(long, value_name = "STORE", default_value = "./data")]
    from: String,
    /// The file to write, as JSON Lines; it must not be there yet
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The counts as JSON
    #[arg(long)]
    json: bool,
}

/// From a file into a store.
#[derive(Debug, clap::Args)]
pub(super) struct ImportArgs {
    /// A file that `enduring export` wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where everything goes: a directory, or mongodb://…
    #[arg(long, value_name = "STORE", default_value = "./data")]
    to: String,
    /// The counts as JSON
    #[arg(long)]
    json: bool,
}

/// Copies, and says what was copied.
pub(super) async fn copy(args: CopyArgs) -> Result<(), Refusal> {
    if args.from == args.to {
        return Err(Refusal::Usage("--from and --to name the same store; name another target".to_owned()));
    }
    let (from, to) = (open(&args.from).await?, open(&args.to).await?);
    let copied = transfer::copy(&*from, &*to, &mut progress()).await;
    close([from, to]).await?;
    say(args.json, &copied.map_err(Refusal::because)?)
}

/// Exports, and says what was exported.
pub(super) async fn export(args: ExportArgs) -> Result<(), Refusal> {
    let file = File::create_new(&args.file).await.map_err(|e| at(&args.file, &e))?;
    let from = open(&args.from).await?;
    let mut file = BufWriter::new(file);
    let exported = transfer::export(&*from, &mut file, &mut progress()).await;
    close([from]).await?;
    let counts = exported.map_err(Refusal::because)?;
    file.flush().await?;
    file.into_inner().sync_all().await?;
    say(args.json, &counts)
}

/// Imports, and says what was imported.
pub(super) async fn import(args: ImportArgs) -> Result<(), Refusal> {
    let file = File::open(&args.file).await.map_err(|e| at(&args.file, &e))?;
    let to = open(&args.to).await?;
    let imported = transfer::import(&mut BufReader::new(file), &*to, &mut progress()).await;
    close([to]).await?;
    say(args.json, &imported.map_err(Refusal::because)?)
}

/// Opens a store as its only user, so that nothing changes under way.
async fn open(store: &str) -> Result<Arc<dyn Archive>, Refusal> {
    Ok(Place::named(store)?.open(Role::Server, Arc::new(SystemClock)).await?)
}

async fn close<const N: usize>(stores: [Arc<dyn Archive>; N]) -> Result<(), Refusal> {
    for store in stores {
        store.close().await?;
    }
    Ok(())
}

fn at(file: &std::path::Path, error: &io::Error) -> Refusal {
    Refusal::Refused(format!("{}: {error}", file.display()))
}

/// Says on the standard error output how far it is, every few seconds.
fn progress() -> impl FnMut(&Counts) {
    let mut said = SystemClock.now();
    move |counts| {
        let now = SystemClock.now();
        if now.duration_since(said).as_secs() >= SAY_EVERY {
            said = now;
            // Nobody reads it when it cannot be written.
            let _written = writeln!(io::stderr(), "{}", sentence(counts));
        }
    }
}

fn say(json: bool, counts: &Counts) -> Result<(), Refusal> {
    answer(json, counts, &sentence(counts))
}

fn sentence(counts: &Counts) -> String {
    let mut text = String::new();
    for (name, number) in counts {
        let comma = if text.is_empty() { "" } else { ", " };
        // Writing to a string does not fail.
        let _written = write!(text, "{comma}{name} {number}");
    }
    if text.is_empty() { "nothing".to_owned() } else { text }
}
