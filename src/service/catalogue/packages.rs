//! Packages: checking an upload, importing it, and reading what was imported.
//!
//! An upload is examined before anything of it is kept. Then its files are inflated a second time, straight into the
//! blobs, and one commit makes the package version. A refused upload leaves its report and nothing else.

mod keep;
mod view;

pub use view::PackageView;

use crate::service::{App, PackageVersion, PackageVersionId};
use base::hash::Sha256;
use base::ids;
use content::{self, Examination, ImportReport, Limits};
use jiff::Timestamp;
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use store::{Commit, Document, Index, IndexKey, Kind, Order, Records as _, Span, StoreError};
use tokio::sync::Semaphore;

/// How many packages are examined and kept at once; others wait.
const AT_ONCE: usize = 2;
/// How many characters of a file's name are kept.
const LONGEST_NAME: usize = 200;
/// How many package versions the process remembers.
const REMEMBERED: u64 = 64;

/// What one process caches about the packages of one store.
pub(in crate::service) struct Memory {
    working: Semaphore,
    /// Package versions never change, and their ids are never reused.
    known: Cache<PackageVersionId, Arc<PackageVersion>>,
}

impl Default for Memory {
    fn default() -> Self {
        Self { working: Semaphore::new(AT_ONCE), known: Cache::new(REMEMBERED) }
    }
}

/// A package version that an import made or found.
#[derive(Debug, Clone)]
pub struct PackageImport {
    pub version: Arc<PackageVersion>,
    /// False if these bytes were imported before and nothing changed.
    pub fresh: bool,
}

/// A refused upload: its report, kept so that its page can be shown again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Refusal {
    /// Of the bytes as uploaded.
    pub sha256: Sha256,
    /// In bytes, as uploaded.
    pub size: u64,
    /// The file's name as the designer knows it; empty when the client sent none.
    pub name: String,
    pub report: ImportReport,
    pub refused: Timestamp,
    /// Who uploaded it: an account, or the name of a credential.
    pub by: String,
}

impl Document for Refusal {
    const KIND: &'static Kind = &Kind { name: "package-refusal", indexes: &[Index { name: "refused", unique: false }] };

    fn key(&self) -> String {
        self.sha256.to_string()
    }

    fn index(&self) -> Vec<IndexKey> {
        vec![IndexKey { index: "refused", key: xapi::instant(self.refused) }]
    }
}

/// Why there is no package version.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The upload is not a package that can be played; its report says why, and is kept.
    #[error("{}", refusal_sentence(&.0.report))]
    Refused(Box<Refusal>),
    #[error("no package has the id {0}; see the list of packages")]
    Unknown(String),
    /// The file could not be read.
    #[error("the file cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a package was refused, by its gravest finding, as a sentence.
pub fn refusal_sentence(report: &ImportReport) -> String {
    let first = report.findings.first();
    let reason = first.map_or_else(String::new, |finding| format!(": {} {}", finding.message, finding.remedy));
    format!("the package was refused{reason}")
}

/// The report about the file at `path`. Stores nothing.
///
/// # Errors
/// When the file cannot be read; whatever is wrong with its content is in the report.
pub fn check(path: &Path) -> io::Result<ImportReport> {
    Ok(content::examine(io::BufReader::new(File::open(path)?), &Limits::DEFAULT)?.report)
}

/// Imports the file at `path`, which stays where it is. `name` is the file's name as the designer knows it, if it is
/// known; `by` is who uploads it. The same bytes are imported once.
///
/// # Errors
/// [`Error::Refused`] with the report, or what failed while reading and storing.
pub async fn import(app: &App, path: &Path, name: Option<&str>, by: &str) -> Result<PackageImport, Error> {
    // The semaphore is never closed; if it were, only the limit would be lost.
    let _turn = app.memory.packages.working.acquire().await.ok();
    let path = path.to_owned();
    let (sha256, size) = in_background({
        let path = path.clone();
        move || digest(&path)
    })
    .await?;
    if let Some(version) = by_digest(app, sha256).await? {
        return Ok(PackageImport { version, fresh: false });
    }
    let examined = in_background({
        let path = path.clone();
        move || content::examine(io::BufReader::new(File::open(path)?), &Limits::DEFAULT)
    })
    .await?;
    let Examination { report, package, root } = examined;
    let name: String = name.unwrap_or_default().chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    let Some(package) = package else {
        let by = by.to_owned();
        let refused = app.clock.now();
        return Err(refuse(app, Refusal { sha256, size, name, report, refused, by }).await);
    };
    let package = in_background(keep::files(app.store.clone(), path, package, root)).await?;
    let version = PackageVersion {
        id: PackageVersionId(ids::random()),
        sha256,
        size,
        name,
        package,
        report,
        imported: app.clock.now(),
        by: by.to_owned(),
    };
    let mut writes = vec![version.insert()?];
    // An earlier release may have refused what this one accepts.
    let refusal = app.store.get::<Refusal>(&app.provider, &sha256.to_string()).await?;
    writes.extend(refusal.map(|refusal| refusal.delete()));
    match app.store.commit(&app.provider, Commit { writes, ..Commit::default() }).await {
        Ok(_) => Ok(PackageImport { version: Arc::new(version), fresh: true }),
        // Someone else imported the same bytes meanwhile.
        Err(StoreError::Taken { .. }) => match by_digest(app, sha256).await? {
            Some(version) => Ok(PackageImport { version, fresh: false }),
            None => {
                Err(StoreError::Failed("a package was imported twice at once and then not found".to_owned()).into())
            }
        },
        Err(error) => Err(error.into()),
    }
}

/// The package version with this id.
///
/// # Errors
/// [`Error::Unknown`] when there is none.
pub async fn get(app: &App, id: PackageVersionId) -> Result<Arc<PackageVersion>, Error> {
    let known = &app.memory.packages.known;
    if let Some(version) = known.get(&id) {
        return Ok(version);
    }
    let kept = app.store.get::<PackageVersion>(&app.provider, &id.to_string()).await?;
    let version = Arc::new(kept.ok_or_else(|| Error::Unknown(id.to_string()))?.document);
    known.insert(id, version.clone());
    Ok(version)
}

/// The package version that was imported from bytes with this SHA-256.
///
/// # Errors
/// Those of the store.
pub async fn by_digest(app: &App, sha256: Sha256) -> Result<Option<Arc<PackageVersion>>, Error> {
    let found = app.store.find::<PackageVersion>(&app.provider, "sha256", &sha256.to_string()).await?;
    Ok(found.map(|kept| Arc::new(kept.document)))
}

/// The latest package versions, newest first.
///
/// # Errors
/// Those of the store.
pub async fn list(app: &App, limit: usize) -> Result<Vec<PackageVersion>, Error> {
    let found = app.store.list::<PackageVersion>(&app.provider, newest("imported", limit)).await?;
    Ok(found.into_iter().map(|kept| kept.document).collect())
}

/// The latest refused uploads, newest first.
///
/// # Errors
/// Those of the store.
pub async fn refusals(app: &App, limit: usize) -> Result<Vec<Refusal>, Error> {
    let found = app.store.list::<Refusal>(&app.provider, newest("refused", limit)).await?;
    Ok(found.into_iter().map(|kept| kept.document).collect())
}

/// The refusal of the upload with this SHA-256.
///
/// # Errors
/// [`Error::Unknown`] when there is none.
pub async fn refusal(app: &App, sha256: Sha256) -> Result<Refusal, Error> {
    let kept = app.store.get::<Refusal>(&app.provider, &sha256.to_string()).await?;
    Ok(kept.ok_or_else(|| Error::Unknown(sha256.to_string()))?.document)
}

fn newest(index: &'static str, limit: usize) -> Span {
    Span { order: Order::Newest, ..Span::beginning(index, "", limit) }
}

/// Keeps the report, in place of an earlier one about the same bytes, and returns the refusal.
async fn refuse(app: &App, refusal: Refusal) -> Error {
    let kept = app.store.get::<Refusal>(&app.provider, &refusal.key()).await;
    let write = match kept {
        Ok(Some(mut kept)) => {
            kept.document = refusal.clone();
            kept.replace()
        }
        Ok(None) => refusal.insert(),
        Err(error) => return error.into(),
    };
    let commit = match write {
        Ok(write) => Commit { writes: vec![write], ..Commit::default() },
        Err(error) => return error.into(),
    };
    match app.store.commit(&app.provider, commit).await {
        // Stale: the same upload was refused twice at once, and the other report says the same.
        Ok(_) | Err(StoreError::Stale { .. }) => Error::Refused(Box::new(refusal)),
        Err(error) => error.into(),
    }
}

/// Runs blocking work where it does not hold up requests.
async fn in_background<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|_| StoreError::Failed("the work on a package stopped before its end".to_owned()))?;
    // Blocking work that uses the store carries the store's own errors.
    done.map_err(|error| error.downcast::<StoreError>().map_or_else(Error::Unreadable, Error::Store))
}

/// The SHA-256 and the length in bytes of a file.
fn digest(path: &Path) -> io::Result<(Sha256, u64)> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::hasher();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => hasher.update(buffer.get(..read).unwrap_or_default()),
        }
    }
    Ok((hasher.finish(), file.seek(SeekFrom::End(0))?))
}
