//! `enduring activity publish`.

use super::{Place, Refusal, answer};
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
    place: Place,
}

pub(super) async fn run(command: Command) -> Result<(), Refusal> {
    match command {
        Command::Publish(args) => publish(&args).await,
    }
}

async fn publish(args: &Publish) -> Result<(), Refusal> {
    let document = std::fs::read(&args.file)
        .map_err(|error| Refusal::Refused(format!("{} cannot be read: {error}", args.file.display())))?;
    let app = args.place.open().await?;
    let base = args.file.parent().unwrap_or(Path::new("."));
    let published = activities::publish(&app, &document, Some(base), "command-line").await;
    let answered = match published {
        Ok(version) => {
            #[derive(Serialize)]
            struct Published<'a> {
                id: &'a str,
                version: u32,
            }
            let text = format!("{} is published as version {}", version.document.title, version.version);
            answer(args.json, &Published { id: &version.activity, version: version.version }, &text)
        }
        Err(Error::Incomplete { gaps }) => incomplete(args, &gaps),
        Err(error) => Err(Refusal::because(error)),
    };
    app.store.close().await?;
    answered
}

/// Names every gap: on the standard output where a script reads it.
fn incomplete(args: &Publish, gaps: &[Gap]) -> Result<(), Refusal> {
    #[derive(Serialize)]
    struct Incomplete<'a> {
        gaps: &'a [Gap],
    }
    let lines: Vec<String> =
        gaps.iter().map(|Gap { pointer, code, message }| format!("{pointer} ({code})\n  {message}")).collect();
    answer(args.json, &Incomplete { gaps }, &lines.join("\n"))?;
    let count = match gaps.len() {
        1 => "one thing".to_owned(),
        count => format!("{count} things"),
    };
    Err(Refusal::Refused(format!("{} lacks {count}; nothing was published", args.file.display())))
}
