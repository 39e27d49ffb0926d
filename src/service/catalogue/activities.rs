//! Activities: publishing a version, and finding the current one.
//!
//! A version is immutable and known by the SHA-256 of its canonical document, in which the package is named by its bytes.
//! Publishing the same document again returns the existing version.

use crate::service::catalogue::packages;
use crate::service::{ActivityVersion, App, PackageVersion, PackageVersionId};
use base::hash::Sha256;
use credit::{Activity, Gap, PackageRef, completeness};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;
use store::{Commit, Document, Index, IndexKey, Kind, Order, Records as _, Span, StoreError, StoredDocument};

/// Which version of an activity is the current one: where publishing the next begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::service) struct CurrentVersion {
    activity: String,
    version: u32,
    published: Timestamp,
}

impl Document for CurrentVersion {
    const KIND: &'static Kind = &Kind { name: "activity", indexes: &[Index { name: "published", unique: false }] };

    fn key(&self) -> String {
        self.activity.clone()
    }

    fn index(&self) -> Vec<IndexKey> {
        vec![IndexKey { index: "published", key: xapi::instant(self.published) }]
    }
}

/// Why there is no activity version.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The document lacks something; nothing was published.
    #[error("the activity document is not complete: {}", sentences(gaps))]
    Incomplete { gaps: Vec<Gap> },
    #[error("no activity has the id {0}; publish it first")]
    Unknown(String),
    #[error("activity {activity} has no version {version}")]
    NoVersion { activity: String, version: u32 },
    #[error(transparent)]
    Package(#[from] packages::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn sentences(gaps: &[Gap]) -> String {
    let each: Vec<String> = gaps.iter().map(|gap| format!("{} {}", gap.pointer, gap.message)).collect();
    each.join("; ")
}

/// Publishes a document: makes the next version of its activity, unless the current one says the same.
///
/// A package named by a file is imported first, from `base`, the folder of the document; without one, as in a request, a
/// package must have been imported before. `by` is an account or the name of a credential.
pub async fn publish(app: &App, document: &[u8], base: Option<&Path>, by: &str) -> Result<ActivityVersion, Error> {
    let mut activity = completeness::read(document).map_err(|gaps| Error::Incomplete { gaps })?;
    let package = resolve(app, &activity.package, base, by).await?;
    let standard = package.package.standard();
    if !standard.is_played() {
        let message = format!(
            "The package follows {standard}, which this version cannot play; name one of SCORM 1.2, or no learner could \
             take the activity."
        );
        return Err(Error::Incomplete { gaps: vec![Gap::new("/package", "standard-not-yet-played", message)] });
    }
    let launchable: Vec<&str> = package.package.launchable().map(|item| item.id).collect();
    let gaps = completeness::gaps_with_package(&activity, &launchable);
    if !gaps.is_empty() {
        return Err(Error::Incomplete { gaps });
    }
    activity.package = PackageRef::Sha256(package.sha256);
    unless_raced(async || publish_with(app, &activity, &package, by).await).await
}

async fn publish_with(
    app: &App,
    activity: &Activity,
    package: &PackageVersion,
    by: &str,
) -> Result<ActivityVersion, Error> {
    let sha256 = Sha256::of(activity.canonical().map_err(|error| StoreError::Failed(error.to_string()))?);
    let kept = app.store.get::<CurrentVersion>(&app.provider, &activity.id).await?;
    if let Some(kept) = &kept {
        let current = version(app, &activity.id, kept.document.version).await?;
        if current.sha256 == sha256 {
            return Ok(current);
        }
    }
    let number = kept.as_ref().map_or(0, |kept| kept.document.version) + 1;
    let published = app.clock.now();
    let version = ActivityVersion {
        activity: activity.id.clone(),
        version: number,
        sha256,
        document: activity.clone(),
        package: package.id,
        package_sha256: package.sha256,
        required_items: required_items(activity, package),
        published,
        by: by.to_owned(),
    };
    let current = CurrentVersion { activity: activity.id.clone(), version: number, published };
    let point = match kept {
        Some(kept) => StoredDocument { document: current, ..kept }.replace()?,
        None => current.insert()?,
    };
    let commit = Commit { writes: vec![version.insert()?, point], ..Commit::default() };
    app.store.commit(&app.provider, commit).await?;
    Ok(version)
}

/// The items that a learner must complete: those named, or all that can be launched.
fn required_items(activity: &Activity, package: &PackageVersion) -> Vec<String> {
    if activity.required_items.is_empty() {
        package.package.launchable().map(|item| item.id.to_owned()).collect()
    } else {
        activity.required_items.clone()
    }
}

async fn resolve(app: &App, package: &PackageRef, base: Option<&Path>, by: &str) -> Result<Arc<PackageVersion>, Error> {
    let gap = |pointer: &str, code, message: String| Error::Incomplete { gaps: vec![Gap::new(pointer, code, message)] };
    match package {
        PackageRef::Id(id) => match packages::get(app, PackageVersionId(*id)).await {
            Err(packages::Error::Unknown(_)) => {
                Err(gap("/package/id", "package-not-found", format!("No package {id} was imported; import it first.")))
            }
            found => Ok(found?),
        },
        PackageRef::Sha256(sha256) => packages::by_digest(app, *sha256).await?.ok_or_else(|| {
            let message = format!("No package with the SHA-256 {sha256} was imported; import it first.");
            gap("/package/sha256", "package-not-found", message)
        }),
        PackageRef::File(file) => {
            let Some(base) = base else {
                let message = "A document that is sent names its package by id or sha256; import the package first.";
                return Err(gap("/package/file", "package-by-file", message.to_owned()));
            };
            let path = base.join(file);
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            match packages::import(app, &path, name.as_deref(), by).await {
                Ok(imported) => Ok(imported.version),
                Err(packages::Error::Unreadable(error)) => {
                    let message = format!("The package {} cannot be read: {error}.", path.display());
                    Err(gap("/package/file", "package-not-found", message))
                }
                Err(refused @ packages::Error::Refused(_)) => {
                    Err(gap("/package/file", "package-refused", format!("Correct the package: {refused}")))
                }
                Err(error) => Err(error.into()),
            }
        }
    }
}

/// The current version of an activity.
pub async fn current(app: &App, activity: &str) -> Result<ActivityVersion, Error> {
    let kept = app.store.get::<CurrentVersion>(&app.provider, activity).await?;
    let kept = kept.ok_or_else(|| Error::Unknown(activity.to_owned()))?;
    version(app, activity, kept.document.version).await
}

/// One version of an activity.
pub async fn version(app: &App, activity: &str, version: u32) -> Result<ActivityVersion, Error> {
    let key = ActivityVersion::key_of(activity, version);
    let kept = app.store.get::<ActivityVersion>(&app.provider, &key).await?;
    let missing = || Error::NoVersion { activity: activity.to_owned(), version };
    Ok(kept.ok_or_else(missing)?.document)
}

/// The current version of every activity, the last published first.
pub async fn list(app: &App) -> Result<Vec<ActivityVersion>, Error> {
    let newest = Span { order: Order::Newest, ..Span::beginning("published", "", Span::ALL) };
    let mut versions = Vec::new();
    for kept in app.store.list::<CurrentVersion>(&app.provider, newest).await? {
        versions.push(version(app, &kept.document.activity, kept.document.version).await?);
    }
    Ok(versions)
}

/// Retries an attempt that another request has overtaken.
async fn unless_raced<T>(mut attempt: impl AsyncFnMut() -> Result<T, Error>) -> Result<T, Error> {
    const ATTEMPTS: usize = 8;
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(Error::Store(StoreError::Stale { .. } | StoreError::Taken { .. })) => {}
            done => return done,
        }
    }
    attempt().await
}
