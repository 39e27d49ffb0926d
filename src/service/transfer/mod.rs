//! Moving everything that a store keeps: into another store, into a file of JSON Lines, and back.
//!
//! A [`source`] gives everything in one order, as often as it is asked; a [`target`] reads its own pieces along with it. So one
//! pass takes in what is missing, and another holds the one against the other, byte by byte.
//!
//! Nothing is written to a store that holds anything, unless a copy of the same source was begun there and has not ended:
//! [`arrival`] is the mark by which that is known.

mod arrival;
mod lines;
mod open;
mod piece;
mod source;
mod target;

pub use lines::Reread;
pub use open::{Archive, directory, open};

use crate::config::Config;
use crate::service::App;
use crate::service::crediting::verify::{Report, verify};
use crate::service::upkeep::installation::Installation;
use crate::service::upkeep::kinds;
use arrival::Standing;
use base::clock::Clock;
use base::hash::Sha256;
use source::{Origin, Source, Tally, Whole};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use store::StoreError;
use target::{Target, Task};
use tokio::io::AsyncWrite;

/// Pieces that travel together.
const PAGE: usize = 200;
/// Bytes of a blob that are held at a time.
const BLOB_PIECE: u64 = 1 << 20;

/// How many of each there are: `statements`, `blobs`, `due`, and every kind of record by its name.
pub type Counts = BTreeMap<String, u64>;

/// What is done at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// What an earlier try has left in the target is held against the source.
    LookingAtEarlier,
    /// What the target has not yet is taken in.
    Copying,
    /// The target is held against the source.
    Comparing,
    /// The source is written to a file.
    Exporting,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub stage: Stage,
    /// What has gone by.
    pub counts: Counts,
    /// How many statements there are in all, where the source says so.
    pub statements: Option<u64>,
}

/// What becomes of the target when everything is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It is a store like any other from then on, and takes nothing more in.
    Whole,
    /// Nobody uses it yet: a later copy brings what the source has gained.
    ToBeContinued,
}

/// What was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// What source and target hold, both of them.
    pub counts: Counts,
    /// Whether the target held all of it before, so that nothing was written.
    pub was_there: bool,
}

/// Something in which the target is not as the source.
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

/// Why it did not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the source holds nothing; see whether its name is right")]
    Nothing,
    #[error("the source is itself a copy that has not ended; repeat that copy first")]
    Unfinished,
    #[error(
        "the target belongs to another installation ({0}); nothing was written. Name an empty directory or database"
    )]
    OtherInstallation(String),
    #[error(
        "the target is in use or holds other data ({0}); nothing was written. \
         Name an empty directory or database, or make this one empty first"
    )]
    Held(Difference),
    #[error(
        "the target holds a copy of another source, or of a later moment, that has not ended; \
         nothing was written. Name an empty directory or database, or make this one empty first"
    )]
    OtherSource,
    #[error("another copy into the same target has begun since; wait until it ends")]
    Superseded,
    #[error("the source was written to meanwhile; stop every server and command that uses it, and repeat")]
    Changed,
    #[error(
        "source and target are not the same ({0}), and no server will use the target as it is. Make it empty (drop the \
         database, or remove the directory), see that nothing else writes to source or target, and begin again"
    )]
    Unequal(Difference),
    #[error("a record of kind {0} was written by a newer version; use that version, or a later one")]
    Newer(String),
    #[error("blob {0} is missing in the source, or its bytes are not what its name says; verify the source")]
    Blob(Sha256),
    #[error("line {line} of the export cannot be read: {why}")]
    Line { line: u64, why: String },
    #[error("the export ends early; make it again, or fetch it again")]
    Cut,
    #[error(
        "a store cannot be reached at the moment; repeat the command when it can, and a copy goes on where it stopped"
    )]
    Away,
    #[error(transparent)]
    Store(StoreError),
    #[error("the file failed: {0}")]
    File(#[from] std::io::Error),
    #[error("what was copied could not be verified: {0}")]
    Verify(#[from] crate::service::crediting::verify::Error),
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

/// Copies everything from one store into another, and holds the one against the other at the end.
///
/// When it broke off, or was to be continued, it is repeated, and goes on where it stopped. `progress` is told after each
/// page.
pub async fn copy(
    from: &dyn Archive,
    to: &dyn Archive,
    ending: Ending,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Moved, Error> {
    bring(&mut Whole::of(from), to, ending, progress).await
}

/// Takes everything that a file says into `to`, and holds the one against the other at the end. Repeated as [`copy`] is.
pub async fn import(
    from: &mut dyn Reread,
    to: &dyn Archive,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Moved, Error> {
    bring(&mut lines::In::of(from), to, Ending::Whole, progress).await
}

/// Writes everything that `from` keeps to `to`.
pub async fn export(
    from: &dyn Archive,
    to: &mut (dyn AsyncWrite + Unpin),
    progress: &mut dyn FnMut(&Progress),
) -> Result<Counts, Error> {
    let mut source = Whole::of(from);
    let origins = source.origins().await?;
    let mut tally = Tally::new(Stage::Exporting, origins.as_deref(), progress);
    let mut file = lines::Out::begin(to, origins).await?;
    source.feed(&mut file, &mut tally).await?;
    source.unchanged().await?;
    let counts = tally.counts().clone();
    file.end(&counts).await?;
    Ok(counts)
}

/// Computes every credit in `store` again, of each provider.
pub async fn verified(store: Arc<dyn Archive>, config: Config, clock: Arc<dyn Clock>) -> Result<Vec<Report>, Error> {
    let providers = source::providers(&*store).await?;
    let app = App::over(store, config, clock);
    let mut reports = Vec::new();
    for provider in providers {
        reports.push(verify(&App { provider, ..app.clone() }).await?);
    }
    Ok(reports)
}

async fn bring(
    from: &mut dyn Source,
    to: &dyn Archive,
    ending: Ending,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Moved, Error> {
    let origins = from.origins().await?;
    let origins = origins.as_deref();
    let arrival = match arrival::begin(to, origins).await? {
        Standing::Held => {
            belongs_to(to, origins).await?;
            let counts = compare(from, to, origins, progress).await.map_err(of_a_held_one)?;
            return Ok(Moved { counts, was_there: true });
        }
        Standing::New(arrival) => arrival,
        Standing::Resumed(arrival) => {
            let mut tally = Tally::new(Stage::LookingAtEarlier, origins, progress);
            from.feed(&mut Target::new(to, Task::Clear(&arrival)), &mut tally).await?;
            arrival
        }
    };
    let mut tally = Tally::new(Stage::Copying, origins, progress);
    let taken = from.feed(&mut Target::new(to, Task::Take(&arrival)), &mut tally).await;
    // When the source has changed meanwhile, that is why.
    from.unchanged().await?;
    taken?;
    let compared = compare(from, to, origins, progress).await;
    from.unchanged().await?;
    let counts = compared?;
    if ending == Ending::Whole {
        arrival.end(to).await?;
    }
    Ok(Moved { counts, was_there: false })
}

/// Refuses when `to` belongs to another installation than the one that comes.
async fn belongs_to(to: &dyn Archive, origins: Option<&[Origin]>) -> Result<(), Error> {
    for origin in origins.unwrap_or_default() {
        let there = source::installation(to, &origin.provider).await?;
        if let Some(there) = there.filter(|there| origin.installation.as_ref() != Some(there)) {
            let told = serde_json::from_str::<Installation>(&there).map_or(there, |known| known.to_string());
            return Err(Error::OtherInstallation(told));
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

fn of_a_held_one(error: Error) -> Error {
    match error {
        Error::Unequal(difference) => Error::Held(difference),
        other => other,
    }
}
