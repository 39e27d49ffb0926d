//! Moving everything that a store keeps: into another store, into a file of JSON Lines, and back.
//!
//! A [`source`] returns everything in one order, as often as needed; a [`target`] reads its own pieces along with it. So one
//! pass copies what is missing, and another compares the two, byte by byte.
//!
//! Nothing is written to a store that contains anything, unless a copy of the same source was started there and has not finished:
//! [`mark`] is the mark by which that is known.

mod lines;
mod mark;
mod open;
mod piece;
mod source;
mod target;

pub use lines::RereadableFile;
pub use open::{Archive, directory, open};

use crate::config::Config;
use crate::service::App;
use crate::service::upkeep::installation::Installation;
use crate::service::upkeep::kinds;
use crate::service::verification::{Report, verify};
use base::clock::Clock;
use base::hash::Sha256;
use mark::TargetState;
use source::{Origin, Source, StoreSource, Tally};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use store::StoreError;
use target::{Target, Task};
use tokio::io::AsyncWrite;

/// How many pieces are copied together.
const PAGE: usize = 200;
/// How many bytes of a blob are in memory at a time.
const BLOB_PIECE: u64 = 1 << 20;

/// How many of each there are: `statements`, `blobs`, `due`, and every kind of record by its name.
pub type Counts = BTreeMap<String, u64>;

/// The current stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// What an earlier attempt has left in the target is compared with the source.
    LookingAtEarlier,
    /// What the target does not have yet is copied.
    Copying,
    /// The target is compared with the source.
    Comparing,
    /// The source is written to a file.
    Exporting,
}

/// How far a copy is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub stage: Stage,
    /// What has passed so far.
    pub counts: Counts,
    /// How many statements there are in all, if the source says so.
    pub statements: Option<u64>,
}

/// What happens to the target once everything is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It is a store like any other from then on, and no further copy is possible.
    Whole,
    /// Nobody uses it yet: a later copy adds what is new in the source.
    ToBeContinued,
}

/// The result of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferReport {
    /// What both source and target contain.
    pub counts: Counts,
    /// Whether the target already contained all of it, so that nothing was written.
    pub was_there: bool,
}

/// A difference between target and source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    Missing(String),
    Extra(String),
    Other(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(what) => write!(f, "{what} is not in the target"),
            Self::Extra(what) => write!(f, "{what} is in the target and not in the source"),
            Self::Other(what) => write!(f, "{what} is not the same in source and target"),
        }
    }
}

/// Why a copy failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the source is empty; check its name")]
    Nothing,
    #[error("the source is itself a copy that has not finished; repeat that copy first")]
    Unfinished,
    #[error(
        "the target belongs to another installation ({0}); nothing was written. Name an empty directory or database"
    )]
    OtherInstallation(String),
    #[error(
        "the target is in use or contains other data ({0}); nothing was written. \
         Name an empty directory or database, or make this one empty first"
    )]
    Held(Difference),
    #[error(
        "the target contains a copy of another source, or of a later moment, that has not finished; \
         nothing was written. Name an empty directory or database, or make this one empty first"
    )]
    OtherSource,
    #[error("another copy into the same target has started since; wait until it finishes")]
    Superseded,
    #[error("the source was changed during the copy; stop every server and command that uses it, and repeat")]
    Changed,
    #[error(
        "source and target are not the same ({0}), and no server will use the target as it is. Make it empty (drop the \
         database, or remove the directory), make sure that nothing else writes to source or target, and start again"
    )]
    Unequal(Difference),
    #[error("a record of kind {0} was written by a newer version; use that version, or a later one")]
    Newer(String),
    #[error("blob {0} is missing in the source, or its bytes are not what its name says; verify the source")]
    Blob(Sha256),
    #[error("line {line} of the export cannot be read: {why}")]
    Line { line: u64, why: String },
    #[error("the export ends early; create it again, or download it again")]
    Cut,
    #[error(
        "a store cannot be reached at the moment; repeat the command when it can, and a copy continues where it stopped"
    )]
    Away,
    #[error(transparent)]
    Store(StoreError),
    #[error("the file failed: {0}")]
    File(#[from] std::io::Error),
    #[error("what was copied could not be verified: {0}")]
    Verify(#[from] crate::service::verification::Error),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable => Self::Away,
            other => Self::Store(other),
        }
    }
}

impl From<Difference> for Error {
    fn from(difference: Difference) -> Self {
        Self::Unequal(difference)
    }
}

/// Copies everything from one store into another, and compares the two at the end.
///
/// If it was interrupted, or is to be continued, repeat it, and it continues where it stopped. `progress` is called after each
/// page.
pub async fn copy(
    from: &dyn Archive,
    to: &dyn Archive,
    ending: Ending,
    progress: &mut dyn FnMut(&Progress),
) -> Result<TransferReport, Error> {
    transfer(&mut StoreSource::of(from), to, ending, progress).await
}

/// Copies everything from a file into `to`, and compares the two at the end. Repeated like [`copy`].
pub async fn import(
    from: &mut dyn RereadableFile,
    to: &dyn Archive,
    progress: &mut dyn FnMut(&Progress),
) -> Result<TransferReport, Error> {
    transfer(&mut lines::LineReader::of(from), to, Ending::Whole, progress).await
}

/// Writes everything in `from` to `to`.
pub async fn export(
    from: &dyn Archive,
    to: &mut (dyn AsyncWrite + Unpin),
    progress: &mut dyn FnMut(&Progress),
) -> Result<Counts, Error> {
    let mut source = StoreSource::of(from);
    let origins = source.origins().await?;
    let mut tally = Tally::new(Stage::Exporting, origins.as_deref(), progress);
    let mut file = lines::LineWriter::begin(to, origins).await?;
    source.feed(&mut file, &mut tally).await?;
    source.unchanged().await?;
    let counts = tally.counts().clone();
    file.end(&counts).await?;
    Ok(counts)
}

/// Recomputes every credit in `store`, of each provider.
pub async fn verified(store: Arc<dyn Archive>, config: Config, clock: Arc<dyn Clock>) -> Result<Vec<Report>, Error> {
    let providers = source::providers(&*store).await?;
    let app = App::over(store, config, clock);
    let mut reports = Vec::new();
    for provider in providers {
        reports.push(verify(&App { provider, ..app.clone() }).await?);
    }
    Ok(reports)
}

async fn transfer(
    from: &mut dyn Source,
    to: &dyn Archive,
    ending: Ending,
    progress: &mut dyn FnMut(&Progress),
) -> Result<TransferReport, Error> {
    let origins = from.origins().await?;
    let origins = origins.as_deref();
    let mark = match mark::begin(to, origins).await? {
        TargetState::InUse => {
            check_installation(to, origins).await?;
            let counts = compare(from, to, origins, progress).await.map_err(in_a_store_in_use)?;
            return Ok(TransferReport { counts, was_there: true });
        }
        TargetState::New(mark) => mark,
        TargetState::Resumed(mark) => {
            let mut tally = Tally::new(Stage::LookingAtEarlier, origins, progress);
            from.feed(&mut Target::new(to, Task::Clear(&mark)), &mut tally).await?;
            mark
        }
    };
    let mut tally = Tally::new(Stage::Copying, origins, progress);
    let taken = from.feed(&mut Target::new(to, Task::Take(&mark)), &mut tally).await;
    // If the source has changed meanwhile, that is the cause.
    from.unchanged().await?;
    taken?;
    let compared = compare(from, to, origins, progress).await;
    from.unchanged().await?;
    let counts = compared?;
    if ending == Ending::Whole {
        mark.end(to).await?;
    }
    Ok(TransferReport { counts, was_there: false })
}

/// Fails if `to` belongs to another installation than the source.
async fn check_installation(to: &dyn Archive, origins: Option<&[Origin]>) -> Result<(), Error> {
    for origin in origins.unwrap_or_default() {
        let there = source::installation(to, &origin.provider).await?;
        if let Some(there) = there.filter(|there| origin.installation.as_ref() != Some(there)) {
            let name = serde_json::from_str::<Installation>(&there).map_or(there, |known| known.to_string());
            return Err(Error::OtherInstallation(name));
        }
    }
    Ok(())
}

async fn compare(
    from: &mut dyn Source,
    to: &dyn Archive,
    origins: Option<&[Origin]>,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Counts, Error> {
    let mut tally = Tally::new(Stage::Comparing, origins, progress);
    let mut target = Target::new(to, Task::Compare);
    from.feed(&mut target, &mut tally).await?;
    target.holds_no_others().await?;
    Ok(tally.counts().clone())
}

fn in_a_store_in_use(error: Error) -> Error {
    match error {
        Error::Unequal(difference) => Error::Held(difference),
        other => other,
    }
}
