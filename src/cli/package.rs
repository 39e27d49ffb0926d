//! `enduring package check` and `enduring package import`.

use super::{CommandError, StoreArgs, print};
use crate::service::catalogue::packages::{self, Error, PackageView};
use content::{ImportReport, Item, Launch, Role, Severity};
use serde::Serialize;
use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};

/// What to do with a package.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Report what a package is and what is wrong with it; store nothing
    Check(Check),
    /// Import a package, so that activities can use it
    Import(Import),
}

/// Flags of `package check`.
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// The package: a .zip file
    file: PathBuf,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

/// Flags of `package import`.
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// The package: a .zip file
    file: PathBuf,
    /// Print what was imported, with the report, as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: StoreArgs,
}

pub(super) async fn run(command: Command) -> Result<(), CommandError> {
    match command {
        Command::Check(args) => check(&args),
        Command::Import(args) => import(&args).await,
    }
}

fn check(args: &Check) -> Result<(), CommandError> {
    let report = packages::check(&args.file).map_err(|error| unreadable(&args.file, &error))?;
    print(args.json, &report, &text(&report)?)?;
    if report.accepted { Ok(()) } else { Err(CommandError::Failed(packages::refusal_sentence(&report))) }
}

async fn import(args: &Import) -> Result<(), CommandError> {
    let app = args.place.open().await?;
    let name = args.file.file_name().map(|name| name.to_string_lossy().into_owned());
    let imported = packages::import(&app, &args.file, name.as_deref(), "command-line").await;
    let done = match imported {
        Ok(imported) => {
            let version = &imported.version;
            let state = if imported.fresh { "imported" } else { "was imported before" };
            let text = format!("{} {state} as {}\n{}", version.package.title, version.id, text(&version.report)?);
            print(args.json, &PackageView::whole(version), &text)
        }
        Err(Error::Refused(refusal)) => {
            #[derive(Serialize)]
            struct RefusalReport<'a> {
                report: &'a ImportReport,
            }
            print(args.json, &RefusalReport { report: &refusal.report }, &text(&refusal.report)?)?;
            Err(CommandError::Failed(packages::refusal_sentence(&refusal.report)))
        }
        Err(Error::Unreadable(error)) => Err(unreadable(&args.file, &error)),
        Err(error) => Err(CommandError::failed(error)),
    };
    app.close().await?;
    done
}

fn unreadable(file: &Path, error: &std::io::Error) -> CommandError {
    CommandError::Failed(format!("{} cannot be read: {error}", file.display()))
}

/// The report for a person at a terminal.
fn text(report: &ImportReport) -> Result<String, CommandError> {
    let mut text = String::new();
    write_report(report, &mut text).map_err(CommandError::failed)?;
    Ok(text)
}

fn write_report(report: &ImportReport, text: &mut String) -> fmt::Result {
    let kind = report.kind.map_or_else(|| "Not recognized".to_owned(), |kind| kind.to_string());
    let verdict = if report.accepted { "Accepted" } else { "Refused" };
    let edition = report.edition.as_deref().unwrap_or_default();
    writeln!(text, "{verdict}: {}", format!("{kind} {edition}").trim())?;
    if let Some(title) = &report.title {
        writeln!(text, "Title: {title}")?;
    }
    if report.tool.is_some() {
        writeln!(text, "Made with: {}", report.made_with())?;
    }
    for finding in &report.findings {
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        };
        writeln!(text, "\n{severity} {} {}", finding.code, finding.place)?;
        writeln!(text, "  {}", finding.message)?;
        for other in &finding.others {
            writeln!(text, "  {}: {}", other.place, other.message)?;
        }
        if finding.unlisted() > 0 {
            writeln!(text, "  The same in {} more places.", finding.unlisted())?;
        }
        writeln!(text, "  {}", finding.remedy)?;
    }
    if !report.items.is_empty() {
        writeln!(text, "\nItems:")?;
    }
    write_items(&report.items, 1, text)
}

fn write_items(items: &[Item], depth: usize, text: &mut String) -> fmt::Result {
    for item in items {
        write!(text, "{:indent$}{}", "", item.title, indent = 2 * depth)?;
        match &item.launch {
            Some(Launch { role: Role::Sco, path, suffix }) => writeln!(text, " [SCO {path}{suffix}]")?,
            Some(Launch { role: Role::Asset, path, suffix }) => writeln!(text, " [asset {path}{suffix}]")?,
            None => writeln!(text)?,
        }
        write_items(&item.items, depth + 1, text)?;
    }
    Ok(())
}
