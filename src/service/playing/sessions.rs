//! Play sessions: what the server remembers of a launch, and who holds its token.
//!
//! The token in a launch URL carries exactly one registration's rights to one package version. Only its SHA-256 is kept.
//! Everything here is a convenience of the run-time: what a decision needs is in the log.

pub use crate::service::SessionId;

use crate::service::catalogue::packages;
use crate::service::expiry;
use crate::service::playing::units;
use crate::service::{ActivityVersion, App, PackageVersion, PackageVersionId, Registration, RegistrationId};
use base::hash::Sha256;
use content::OutlineEntry;
use jiff::{SignedDuration, Timestamp};
use runtime::{ItemProgress, Mode, Objection, Phase, ScoState, StatementContext, Status, Unit, Visit};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Document, Index, IndexKey, Key, Kind, Records as _, StoreError, StoredDocument};

/// How long a launch may rest before its pages are no longer served.
const IDLE: SignedDuration = SignedDuration::from_hours(8);
/// How long what was said offline may still arrive.
const LATE: SignedDuration = SignedDuration::from_hours(24);

/// One launch of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub id: SessionId,
    /// The SHA-256 of the token.
    pub token: Sha256,
    /// Whose; nobody's in a preview.
    pub registration: Option<RegistrationId>,
    pub package: PackageVersionId,
    /// The identifier of the item in its manifest.
    pub item: String,
    pub mode: Mode,
    /// Where the learner goes afterwards, when a portal launched.
    pub return_url: Option<String>,
    /// Whether its player was opened. A launch that nobody opens takes nothing over.
    pub entered: bool,
    /// When the browser was last heard of.
    pub heard: Timestamp,
    pub visit: Visit,
    /// Over all commits so far; see [`StoredCommit::chain`].
    pub chain: Sha256,
}

impl Document for Session {
    const KIND: &'static Kind = &Kind {
        name: "play-session",
        indexes: &[
            Index { name: "token", unique: true },
            Index { name: "registration", unique: false },
            Index { name: expiry::INDEX, unique: false },
        ],
    };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn index(&self) -> Vec<IndexKey> {
        let token = IndexKey { index: "token", key: self.token.to_string() };
        let instant = xapi::instant;
        match self.registration {
            Some(registration) => {
                let key = Key::of(&[&registration, &instant(self.visit.opened)]).into();
                vec![token, IndexKey { index: "registration", key }]
            }
            // A preview is about nobody: it is cleared away once nothing more can come.
            None => vec![
                token,
                IndexKey { index: expiry::INDEX, key: instant(self.heard.saturating_add(LATE).unwrap_or(self.heard)) },
            ],
        }
    }
}

impl Session {
    /// Where its chain of commits begins.
    pub fn chain_start(id: SessionId) -> Sha256 {
        Sha256::of(id.to_string())
    }

    /// Whether its pages and files are still served.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.heard) <= IDLE
    }

    /// Whether what it says is still taken.
    pub fn is_heard(&self, now: Timestamp) -> bool {
        now.duration_since(self.heard) <= LATE
    }
}

/// Everything that one registration plays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Play {
    pub registration: RegistrationId,
    /// The session whose player was opened last, which alone counts.
    pub live: SessionId,
    /// What each item that was opened has come to.
    pub parts: BTreeMap<String, ItemProgress>,
    /// What the whole has come to.
    pub course: Status,
}

impl Document for Play {
    const KIND: &'static Kind = &Kind { name: "play", indexes: &[] };

    fn key(&self) -> String {
        self.registration.to_string()
    }

    fn index(&self) -> Vec<IndexKey> {
        Vec::new()
    }
}

/// One registration's way through one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sco {
    pub registration: RegistrationId,
    pub item: String,
    pub state: ScoState,
}

impl Sco {
    /// The key of this record. Item identifiers can be long, and keys cannot.
    pub fn key_of(registration: RegistrationId, item: &str) -> String {
        Key::of(&[&registration, &Sha256::of(item)]).into()
    }
}

impl Document for Sco {
    const KIND: &'static Kind = &Kind { name: "sco-state", indexes: &[] };

    fn key(&self) -> String {
        Self::key_of(self.registration, &self.item)
    }

    fn index(&self) -> Vec<IndexKey> {
        Vec::new()
    }
}

/// A commit exactly as it came. Kept as evidence whether it was applied or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredCommit {
    pub session: SessionId,
    pub sequence: u64,
    pub received: Timestamp,
    pub body: String,
    /// Of the body.
    pub sha256: Sha256,
    /// Of the chain before and the body's hash: changing one commit breaks all that follow.
    pub chain: Sha256,
    pub fate: Fate,
    pub objections: Vec<Objection>,
}

/// What became of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    Applied,
    /// A newer launch had taken over.
    Superseded,
    /// The session had ended before.
    AfterEnd,
    /// The launch was not for credit.
    NotForCredit,
}

impl StoredCommit {
    /// The key of this record.
    pub fn key_of(session: SessionId, sequence: u64) -> String {
        Key::of(&[&session, &format_args!("{sequence:020}")]).into()
    }
}

impl Document for StoredCommit {
    const KIND: &'static Kind = &Kind { name: "play-commit", indexes: &[Index { name: "session", unique: true }] };

    fn key(&self) -> String {
        Self::key_of(self.session, self.sequence)
    }

    fn index(&self) -> Vec<IndexKey> {
        vec![IndexKey { index: "session", key: self.key() }]
    }
}

/// Why there is no such session, or nothing that it needs.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("this launch address is not known; open the activity again from its own page")]
    UnknownLaunch,
    #[error(
        "this launch was left alone for too long; open the activity again from its own page, where you will resume"
    )]
    Expired,
    #[error("no registration has the id {0}; register the learner first")]
    NoRegistration(RegistrationId),
    #[error("the package has no item {0:?} that can be launched; its import report lists those that there are")]
    NoItem(String),
    #[error(transparent)]
    Package(#[from] packages::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the record that {0} needs is gone")]
    Gone(String),
}

/// The session that this token opens, whose pages are still served.
pub async fn open(app: &App, token: &str) -> Result<StoredDocument<Session>, Error> {
    let session = known(app, token).await?;
    if session.document.is_fresh(app.clock.now()) { Ok(session) } else { Err(Error::Expired) }
}

/// The session that this token opens, from which something may still arrive.
pub(super) async fn heard(app: &App, token: &str) -> Result<StoredDocument<Session>, Error> {
    let session = known(app, token).await?;
    if session.document.is_heard(app.clock.now()) { Ok(session) } else { Err(Error::Expired) }
}

async fn known(app: &App, token: &str) -> Result<StoredDocument<Session>, Error> {
    let key = Sha256::of(token).to_string();
    app.store.find::<Session>(&app.provider, "token", &key).await?.ok_or(Error::UnknownLaunch)
}

/// The session with this id.
pub async fn by_id(app: &App, id: &str) -> Result<Option<StoredDocument<Session>>, StoreError> {
    app.store.get::<Session>(&app.provider, id).await
}

/// One registration's way through one item, if it has begun.
pub(super) async fn state(
    app: &App,
    registration: RegistrationId,
    item: &str,
) -> Result<Option<StoredDocument<Sco>>, StoreError> {
    app.store.get::<Sco>(&app.provider, &Sco::key_of(registration, item)).await
}

/// Whose session it is, and of which version of which activity.
#[derive(Debug, Clone)]
pub struct Enrolled {
    pub registration: Registration,
    pub version: ActivityVersion,
}

/// The registration `id` and the activity version that it pins.
pub async fn enrolled(app: &App, id: RegistrationId) -> Result<Enrolled, Error> {
    let found = app.store.get::<Registration>(&app.provider, &id.to_string()).await?;
    let registration = found.ok_or(Error::NoRegistration(id))?.document;
    let key = ActivityVersion::key_of(&registration.activity, registration.version);
    let version = app.store.get::<ActivityVersion>(&app.provider, &key).await?;
    let version = version.ok_or_else(|| Error::Gone(format!("registration {id}")))?.document;
    Ok(Enrolled { registration, version })
}

/// The item of `package` that a session plays.
pub(in crate::service) fn item<'a>(package: &'a PackageVersion, id: &str) -> Result<OutlineEntry<'a>, Error> {
    package.package.item(id).ok_or_else(|| Error::NoItem(id.to_owned()))
}

/// The same item, as the run-time plays it.
pub(in crate::service) fn unit(package: &PackageVersion, id: &str) -> Result<Unit, Error> {
    units::find(&package.package, id).ok_or_else(|| Error::NoItem(id.to_owned()))
}

/// What statements about a session say.
pub(super) fn about<'a>(
    app: &'a App,
    enrolled: &'a Enrolled,
    session: &Session,
    item: OutlineEntry<'a>,
    now: Timestamp,
) -> StatementContext<'a> {
    let Enrolled { registration, version } = enrolled;
    StatementContext {
        base: &app.config.url,
        learner: registration.learner.0,
        registration: registration.id.0,
        activity: &registration.activity,
        version: registration.version,
        document: version.sha256,
        package: version.package_sha256,
        item: item.id,
        item_title: item.title,
        session: session.id.0,
        now,
    }
}

/// Where a play session stands, as the player is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Open,
    /// The activity was opened elsewhere, later.
    Superseded,
    Ended,
}

/// Where `session` stands, beside the newest launch of its registration.
pub(super) fn standing(session: &Session, play: Option<&Play>) -> Standing {
    match play {
        Some(play) if session.mode == Mode::Normal && play.live != session.id => Standing::Superseded,
        _ if session.visit.phase == Phase::Ended => Standing::Ended,
        _ => Standing::Open,
    }
}

/// The package version that a session plays.
pub async fn package(app: &App, session: &Session) -> Result<Arc<PackageVersion>, Error> {
    Ok(packages::get(app, session.package).await?)
}
