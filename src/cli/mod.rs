//! The command line: one file per command, each with its `Args` and a `run`.
//!
//! The contract with scripts: what was asked for goes to the standard output, as JSON where `--json` is given; a refusal is
//! one plain sentence on the standard error output; the exit status is 0 when it was done, 1 for a refusal, 2 for wrong usage.

mod activity;
mod credential;
mod learner;
mod package;
mod sample;
mod serve;
mod transfer;
mod verify;

use crate::config::{Config, ConfigError};
use crate::service::upkeep::installation;
use crate::service::{App, OpenError};
use base::clock::SystemClock;
use clap::{Parser, Subcommand};
use serde::Serialize;
use std::fmt::Display;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use store::{LocationError, StoreError};

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
pub struct Place {
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
    /// Make, list and revoke credentials for the record store
    #[command(subcommand)]
    Credential(credential::Command),
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
    /// Pseudonymise a person
    #[command(subcommand)]
    Learner(learner::Command),
    /// Compute every credit again, and check every hash
    Verify(verify::Args),
    /// Copy everything from one store into another
    Copy(transfer::CopyArgs),
    /// Write everything that a store keeps to a file
    Export(transfer::ExportArgs),
    /// Take everything in such a file into a store
    Import(transfer::ImportArgs),
}

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Exit status 1.
    #[error("{0}")]
    Refused(String),
    /// Exit status 2: the command or the configuration is not to be understood.
    #[error("{0}")]
    Usage(String),
    /// Exit status 1; the answer on the standard output has said why.
    #[error("")]
    Said,
}

impl Refusal {
    /// A refusal in the words of `error`.
    pub fn because(error: impl Display) -> Self {
        Self::Refused(error.to_string())
    }
}

impl From<ConfigError> for Refusal {
    fn from(error: ConfigError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::because(error)
    }
}

impl From<LocationError> for Refusal {
    fn from(error: LocationError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<OpenError> for Refusal {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => error.into(),
            OpenError::Place(_) | OpenError::TrustAnchors { .. } => Self::Usage(error.to_string()),
        }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::because(error)
    }
}

/// Does what the command line asks, and answers the exit status.
pub fn main() -> ExitCode {
    let CommandLine { alone, command } = CommandLine::parse();
    let done = actix_web::rt::System::new().block_on(async {
        match command.unwrap_or(Command::Serve(alone)) {
            Command::Credential(command) => credential::run(command).await,
            Command::Serve(args) => serve::run(args).await,
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
        Err(Refusal::Said) => return ExitCode::from(1),
        Err(Refusal::Refused(sentence)) => (1, sentence),
        Err(Refusal::Usage(sentence)) => (2, sentence),
    };
    // Nobody is left to tell when even the standard error output is closed.
    let _written = writeln!(io::stderr(), "enduring: {sentence}");
    ExitCode::from(status)
}

impl Place {
    /// The configuration, with the flags of this command, `(key, value)`, strongest of all.
    pub fn configuration(&self, flags: &[(&'static str, String)]) -> Result<Config, Refusal> {
        let here = [("data", &self.data), ("store", &self.store), ("store_file", &self.store_file), ("url", &self.url)];
        let mut said: Vec<_> = here.into_iter().filter_map(|(key, value)| Some((key, value.clone()?))).collect();
        said.extend_from_slice(flags);
        Ok(Config::load(self.config.as_deref(), std::env::vars(), &said)?)
    }

    /// Opens the store for a command that runs beside a server, or alone. End by `app.store.close()`.
    pub async fn open(&self) -> Result<App, Refusal> {
        // A command opens no door to anyone, whatever the address.
        let config = self.configuration(&[("demo", "false".to_owned())])?;
        let app = App::open_beside(config, Arc::new(SystemClock)).await?;
        installation::join(app).await.map_err(Refusal::because)
    }
}

/// Writes the answer of a command: `value` where a script reads it, `text` where a person does.
pub fn answer(json: bool, value: &impl Serialize, text: &str) -> Result<(), Refusal> {
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, value).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        writeln!(out, "{}", text.trim_end())?;
    }
    Ok(out.flush()?)
}
