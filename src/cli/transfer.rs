//! `enduring copy`, `enduring export` and `enduring import`: moves everything that a store keeps.

use super::{CommandError, print};
use crate::config::{Config, store_in};
use crate::service::OpenError;
use crate::service::transfer::{self, Archive, Counts, Ending, Error, Progress, Stage, TransferReport};
use crate::service::verification::Report;
use base::clock::{Clock as _, SystemClock};
use jiff::Timestamp;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::fs::File;
use tokio::io::{AsyncWriteExt as _, BufReader, BufWriter};

/// Seconds between two lines of progress.
const REPORT_EVERY: i64 = 2;

/// From one store into another.
#[derive(Debug, clap::Args)]
pub(super) struct CopyArgs {
    /// Where everything is: a directory, or mongodb://…
    #[arg(long, value_name = "STORE", required_unless_present = "from_file")]
    from: Option<String>,
    /// A file that holds the URL of --from, so that no list of processes shows its password
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    from_file: Option<PathBuf>,
    /// Where everything goes: an empty directory, or mongodb://… with an empty database
    #[arg(long, value_name = "STORE", required_unless_present = "to_file")]
    to: Option<String>,
    /// A file that holds the URL of --to, so that no list of processes shows its password
    #[arg(long, value_name = "FILE", conflicts_with = "to")]
    to_file: Option<PathBuf>,
    /// Leave the target unfinished, for a later copy to bring what the source has gained since; nothing uses it until then
    #[arg(long)]
    to_be_continued: bool,
    /// The counts as JSON
    #[arg(long)]
    json: bool,
}

/// From a store into a file.
#[derive(Debug, clap::Args)]
pub(super) struct ExportArgs {
    /// Where everything is: a directory, or mongodb://… [default: ./data]
    #[arg(long, value_name = "STORE")]
    from: Option<String>,
    /// A file that holds the URL of --from, so that no list of processes shows its password
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    from_file: Option<PathBuf>,
    /// The file to write, as JSON Lines; it must not exist yet
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
    /// Where everything goes: an empty directory, or mongodb://… with an empty database [default: ./data]
    #[arg(long, value_name = "STORE")]
    to: Option<String>,
    /// A file that holds the URL of --to, so that no list of processes shows its password
    #[arg(long, value_name = "FILE", conflicts_with = "to")]
    to_file: Option<PathBuf>,
    /// The counts as JSON
    #[arg(long)]
    json: bool,
}

/// Copies, and reports what was copied.
pub(super) async fn copy(args: CopyArgs) -> Result<(), CommandError> {
    let (from, to) = (name(args.from, args.from_file)?, name(args.to, args.to_file)?);
    if from == to {
        return Err(CommandError::Usage("--from and --to name the same store; name another target".to_owned()));
    }
    let config = configuration()?;
    let from = open_source(&from).await?;
    let to = open(&to).await?;
    let ending = if args.to_be_continued { Ending::ToBeContinued } else { Ending::Whole };
    let copied = transfer::copy(&*from, &*to, ending, &mut progress()).await;
    from.close().await?;
    report_arrival(args.json, config, to, copied).await
}

/// Exports, and reports what was exported. The file gets its name only when it is complete.
pub(super) async fn export(args: ExportArgs) -> Result<(), CommandError> {
    if args.file.exists() {
        let name = args.file.display();
        return Err(CommandError::Failed(format!("{name} already exists; name another file, or remove it")));
    }
    let from = open_source(&name(args.from, args.from_file)?).await?;
    let mut part = args.file.clone().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    let exported = write(&*from, &part).await;
    from.close().await?;
    if exported.is_err() {
        // It holds secrets and is useless. If it cannot be removed either, the first error is still reported.
        let _removed = tokio::fs::remove_file(&part).await.is_ok();
    }
    let counts = exported?;
    tokio::fs::rename(&part, &args.file).await.map_err(|e| at(&args.file, &e))?;
    print_counts(args.json, &counts)
}

/// Writes a file that only its owner may read: the signing key is in it.
async fn write(from: &dyn Archive, part: &Path) -> Result<Counts, CommandError> {
    let file = File::options().write(true).create(true).truncate(true).mode(0o600).open(part).await;
    let mut file = BufWriter::new(file.map_err(|e| at(part, &e))?);
    let counts = transfer::export(from, &mut file, &mut progress()).await.map_err(CommandError::failed)?;
    file.flush().await?;
    file.into_inner().sync_all().await?;
    Ok(counts)
}

/// Imports, and reports what was imported.
pub(super) async fn import(args: ImportArgs) -> Result<(), CommandError> {
    let file = File::open(&args.file).await.map_err(|e| at(&args.file, &e))?;
    let config = configuration()?;
    let to = open(&name(args.to, args.to_file)?).await?;
    let imported = transfer::import(&mut BufReader::new(file), &*to, &mut progress()).await;
    report_arrival(args.json, config, to, imported).await
}

/// Reports what arrived in `to`, and what verifying it finds.
async fn report_arrival(
    json: bool,
    config: Config,
    to: Arc<dyn Archive>,
    moved: Result<TransferReport, Error>,
) -> Result<(), CommandError> {
    let verified = match moved {
        Ok(moved) => verify(&to, config).await.map(|reports| (moved, reports)),
        Err(error) => Err(error),
    };
    to.close().await?;
    let (TransferReport { counts, was_there }, reports) = verified.map_err(CommandError::failed)?;
    if was_there {
        print_line("the target held all of it already; nothing was written");
    }
    for report in &reports {
        print_line(&super::verify::text(report));
    }
    print_counts(json, &counts)?;
    if reports.iter().all(Report::is_clean) { Ok(()) } else { Err(CommandError::Reported) }
}

async fn verify(to: &Arc<dyn Archive>, config: Config) -> Result<Vec<Report>, Error> {
    print_line("verifying");
    transfer::verified(Arc::clone(to), config, Arc::new(SystemClock)).await
}

/// What credits are recomputed with. Read first, so that a mistake in it does not waste a copy.
fn configuration() -> Result<Config, CommandError> {
    Ok(Config::load(None, std::env::vars(), &[("demo", "false".to_owned())])?)
}

/// The name of a store: the one given, or what a file holds, or the default directory.
fn name(given: Option<String>, file: Option<PathBuf>) -> Result<String, CommandError> {
    match file {
        Some(file) => Ok(store_in(&file)?),
        None => Ok(given.unwrap_or_else(|| "./data".to_owned())),
    }
}

/// Opens a store that must exist.
async fn open_source(store: &str) -> Result<Arc<dyn Archive>, CommandError> {
    if let Some(directory) = transfer::directory(store).map_err(open_error)?
        && !directory.is_dir()
    {
        let name = directory.display();
        return Err(CommandError::Failed(format!("there is no directory {name}; check its name")));
    }
    open(store).await
}

async fn open(store: &str) -> Result<Arc<dyn Archive>, CommandError> {
    transfer::open(store, Arc::new(SystemClock)).await.map_err(open_error)
}

/// The wrong name of a store was given by a flag here, not by the setting that [`OpenError`] names.
fn open_error(error: OpenError) -> CommandError {
    match error {
        OpenError::Place(error) => CommandError::Usage(error.to_string()),
        other => other.into(),
    }
}

fn at(file: &Path, error: &io::Error) -> CommandError {
    CommandError::Failed(format!("{}: {error}", file.display()))
}

/// Reports the progress on standard error: at the beginning of each stage, and every few seconds.
fn progress() -> impl FnMut(&Progress) {
    let mut reported: Option<(Stage, Timestamp)> = None;
    move |progress| {
        let now = SystemClock.now();
        let is_due = |(stage, at): (Stage, Timestamp)| {
            stage != progress.stage || now.duration_since(at).as_secs() >= REPORT_EVERY
        };
        if reported.is_none_or(is_due) {
            reported = Some((progress.stage, now));
            print_line(&progress_line(progress));
        }
    }
}

fn progress_line(progress: &Progress) -> String {
    let doing = match progress.stage {
        Stage::LookingAtEarlier => "looking at what an earlier try has left",
        Stage::Copying => "copying",
        Stage::Comparing => "comparing",
        Stage::Exporting => "exporting",
    };
    if progress.counts.is_empty() {
        return doing.to_owned();
    }
    let all = progress.statements.filter(|_| progress.counts.contains_key("statements"));
    let of_all = all.map(|all| format!("; there are {all} statements in all")).unwrap_or_default();
    format!("{doing}: {}{of_all}", sentence(&progress.counts))
}

/// Prints a line about the work on standard error.
fn print_line(words: &str) {
    // If it cannot be written, nobody reads it.
    let _written = writeln!(io::stderr(), "{words}");
}

fn print_counts(json: bool, counts: &Counts) -> Result<(), CommandError> {
    print(json, counts, &sentence(counts))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_says_what_is_done_and_how_much_there_is() {
        let counts = Counts::from([("account".to_owned(), 3), ("blobs".to_owned(), 12)]);
        let mut progress = Progress { stage: Stage::Copying, counts: Counts::new(), statements: Some(5000) };
        assert_eq!(progress_line(&progress), "copying");
        progress.counts = counts;
        assert_eq!(progress_line(&progress), "copying: account 3, blobs 12");
        progress.counts.insert("statements".to_owned(), 400);
        assert_eq!(
            progress_line(&progress),
            "copying: account 3, blobs 12, statements 400; there are 5000 statements in all"
        );
    }
}
