//! `enduring activity publish`.

use super::{CommandError, StoreArgs, print};
use crate::service::catalogue::activities::{self, Error};
use credit::Gap;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What to do with activities.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Publish an activity, or name everything that its document lacks
    Publish(Publish),
}

/// Flags of `activity publish`.
#[derive(Debug, clap::Args)]
pub(super) struct Publish {
    /// The activity document: a .json file; a package that it names by file is read from beside it
    file: PathBuf,
    /// Print id and version, or the gaps, as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: StoreArgs,
}

pub(super) async fn run(command: Command) -> Result<(), CommandError> {
    match command {
        Command::Publish(args) => publish(&args).await,
    }
}

async fn publish(args: &Publish) -> Result<(), CommandError> {
    let document = std::fs::read(&args.file)
        .map_err(|error| CommandError::Failed(format!("{} cannot be read: {error}", args.file.display())))?;
    let app = args.place.open().await?;
    let base = args.file.parent().unwrap_or(Path::new("."));
    let published = activities::publish(&app, &document, Some(base), "command-line").await;
    let done = match published {
        Ok(version) => {
            #[derive(Serialize)]
            struct PublishReceipt<'a> {
                id: &'a str,
                version: u32,
            }
            let text = format!("{} is published as version {}", version.document.title, version.version);
            print(args.json, &PublishReceipt { id: &version.activity, version: version.version }, &text)
        }
        Err(Error::Incomplete { gaps }) => incomplete(args, &gaps),
        Err(error) => Err(CommandError::failed(error)),
    };
    app.close().await?;
    done
}

/// Names every gap: on the standard output where a script reads it.
fn incomplete(args: &Publish, gaps: &[Gap]) -> Result<(), CommandError> {
    #[derive(Serialize)]
    struct GapReport<'a> {
        gaps: &'a [Gap],
    }
    let lines: Vec<String> =
        gaps.iter().map(|Gap { pointer, code, message }| format!("{pointer} ({code})\n  {message}")).collect();
    print(args.json, &GapReport { gaps }, &lines.join("\n"))?;
    let count = match gaps.len() {
        1 => "one thing".to_owned(),
        count => format!("{count} things"),
    };
    Err(CommandError::Failed(format!("{} lacks {count}; nothing was published", args.file.display())))
}
