//! The command line: one file per command, each with its `Args` and a `run`.
//!
//! The contract with scripts: the result goes to standard output, as JSON where `--json` is given; an error is one plain
//! sentence on standard error; the exit status is 0 for success, 1 for a failure, 2 for wrong usage.

mod activity;
mod credential;
mod key;
mod learner;
mod package;
mod sample;
mod serve;
mod transfer;
mod verify;

use crate::config::{Config, ConfigError};
use crate::service::upkeep::installation;
use crate::service::{App, Archive, OpenError, StoreError};
use base::clock::SystemClock;
use clap::{Parser, Subcommand};
use rustix::fs::Mode;
use serde::Serialize;
use std::fmt::Display;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Who acts by the command line, in the audit trail.
const OPERATOR: &str = "operator";

/// The learning record store that can prove a CME credit.
#[derive(Debug, Parser)]
#[command(name = "enduring", version, about, disable_help_subcommand = true, args_conflicts_with_subcommands = true)]
struct CommandLine {
    #[command(flatten)]
    alone: serve::Args,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Where the store and its settings are; every command takes it.
#[derive(Debug, clap::Args)]
pub struct StoreArgs {
    /// The configuration file [default: enduring.toml, where there is one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The directory of the embedded store [default: ./data]
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    /// A MongoDB replica set and database instead of the embedded store
    #[arg(long, value_name = "URL")]
    store: Option<String>,
    /// A file that holds the URL of --store, so that no list of processes shows its password
    #[arg(long, value_name = "FILE")]
    store_file: Option<String>,
    /// How browsers reach the app [default: http://localhost:8080]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create, list and revoke credentials for the record store
    #[command(subcommand)]
    Credential(credential::Command),
    /// List and rotate the keys that sign the ledger
    #[command(subcommand)]
    Key(key::Command),
    /// Run the server; so does `enduring` alone
    Serve(serve::Args),
    /// Check a package, or import it
    #[command(subcommand)]
    Package(package::Command),
    /// Write the sample activities as files: the zip and the activity document of each
    Sample(sample::Args),
    /// Publish an activity
    #[command(subcommand)]
    Activity(activity::Command),
    /// Pseudonymize a person
    #[command(subcommand)]
    Learner(learner::Command),
    /// Recompute every credit, and check every hash
    Verify(verify::Args),
    /// Copy everything from one store into another
    Copy(transfer::CopyArgs),
    /// Write everything that a store keeps to a file
    Export(transfer::ExportArgs),
    /// Import such a file into a store
    Import(transfer::ImportArgs),
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Exit status 1.
    #[error("{0}")]
    Failed(String),
    /// Exit status 2: the command or the configuration is wrong.
    #[error("{0}")]
    Usage(String),
    /// Exit status 1; the output already says why.
    #[error("")]
    Reported,
}

impl CommandError {
    /// A failure with the message of `error`.
    pub fn failed(error: impl Display) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<ConfigError> for CommandError {
    fn from(error: ConfigError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        Self::failed(error)
    }
}

impl From<OpenError> for CommandError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error @ StoreError::Missing(_)) => {
                Self::Usage(format!("{error}; name one with --data or --store"))
            }
            OpenError::Store(error) => error.into(),
            OpenError::Place(_) | OpenError::TrustAnchors { .. } | OpenError::Fonts(_) => {
                Self::Usage(error.to_string())
            }
        }
    }
}

impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        Self::failed(error)
    }
}

/// Runs the command line, and returns the exit status.
pub fn main() -> ExitCode {
    // Whatever this process creates is its user's alone: the database, uploads, exports, samples.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let CommandLine { alone, command } = CommandLine::parse();
    let done = actix_web::rt::System::new().block_on(async {
        match command.unwrap_or(Command::Serve(alone)) {
            Command::Credential(command) => credential::run(command).await,
            Command::Key(command) => key::run(command).await,
            Command::Serve(args) => Box::pin(serve::run(args)).await,
            Command::Package(command) => package::run(command).await,
            Command::Sample(args) => sample::run(&args),
            Command::Activity(command) => activity::run(command).await,
            Command::Learner(command) => learner::run(command).await,
            Command::Verify(args) => verify::run(args).await,
            Command::Copy(args) => transfer::copy(args).await,
            Command::Export(args) => transfer::export(args).await,
            Command::Import(args) => transfer::import(args).await,
        }
    });
    let (status, sentence) = match done {
        Ok(()) => return ExitCode::SUCCESS,
        Err(CommandError::Reported) => return ExitCode::from(1),
        Err(CommandError::Failed(sentence)) => (1, sentence),
        Err(CommandError::Usage(sentence)) => (2, sentence),
    };
    // When even standard error is closed, there is nowhere to report it.
    let _written = writeln!(io::stderr(), "enduring: {sentence}");
    ExitCode::from(status)
}

impl StoreArgs {
    /// The configuration, with the flags of this command, `(key, value)`, which override everything else.
    pub fn configuration(&self, flags: &[(&'static str, String)]) -> Result<Config, CommandError> {
        let here = [("data", &self.data), ("store", &self.store), ("store_file", &self.store_file), ("url", &self.url)];
        let mut settings: Vec<_> = here.into_iter().filter_map(|(key, value)| Some((key, value.clone()?))).collect();
        settings.extend_from_slice(flags);
        Ok(Config::load(self.config.as_deref(), std::env::vars(), &settings)?)
    }

    /// Opens the store for a command that runs beside a server, or alone. End by `app.close()`.
    pub async fn open(&self) -> Result<App, CommandError> {
        // A command lets nobody sign in, whatever the address.
        let config = self.configuration(&[("demo", "false".to_owned())])?;
        let app = App::open_beside(config, Arc::new(SystemClock)).await?;
        installation::join(app).await.map_err(CommandError::failed)
    }

    /// Opens the store to read it: creates nothing, and works beside a server and on a read-only copy.
    async fn open_to_read(&self) -> Result<(App, Arc<dyn Archive>), CommandError> {
        let config = self.configuration(&[("demo", "false".to_owned())])?;
        let (app, archive) = App::open_to_read(config, Arc::new(SystemClock)).await?;
        let app = installation::join(app).await.map_err(CommandError::failed)?;
        Ok((app, archive))
    }
}

/// Prints the result of a command: `value` for a script, `text` for a person.
pub fn print(json: bool, value: &impl Serialize, text: &str) -> Result<(), CommandError> {
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, value).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        writeln!(out, "{}", text.trim_end())?;
    }
    Ok(out.flush()?)
}
