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
/// How long what was recorded offline may still arrive.
const LATE: SignedDuration = SignedDuration::from_hours(24);

/// One launch of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub id: SessionId,
    /// The SHA-256 of the token.
    pub token: Sha256,
    /// Whose session it is; none in a preview.
    pub registration: Option<RegistrationId>,
    pub package: PackageVersionId,
    /// The identifier of the item in its manifest.
    pub item: String,
    pub mode: Mode,
    /// Where the learner goes afterwards, when a portal launched.
    pub return_url: Option<String>,
    /// Whether its player was opened. A launch that nobody opens supersedes nothing.
    pub entered: bool,
    /// When the browser last sent anything.
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
            // A preview belongs to no learner: it is removed once nothing more can arrive.
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

    /// Whether what it sends is still accepted.
    pub fn accepts_commits(&self, now: Timestamp) -> bool {
        now.duration_since(self.heard) <= LATE
    }
}

/// Everything that one registration plays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Play {
    pub registration: RegistrationId,
    /// The session whose player was opened last, which alone counts.
    pub live: SessionId,
    /// The status of each item that was opened.
    pub parts: BTreeMap<String, ItemProgress>,
    /// The status of the whole.
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

/// One registration's progress in one item.
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

/// The outcome of a commit.
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

/// Why there is no such session, or why something that it needs is missing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("this launch address is not known; open the activity again from its own page")]
    UnknownLaunch,
    #[error("this launch was idle for too long; open the activity again from its own page, where you will resume")]
    Expired,
    #[error("no registration has the id {0}; register the learner first")]
    NoRegistration(RegistrationId),
    #[error("the package has no item {0:?} that can be launched; its import report lists the items")]
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
pub(super) async fn open_late(app: &App, token: &str) -> Result<StoredDocument<Session>, Error> {
    let session = known(app, token).await?;
    if session.document.accepts_commits(app.clock.now()) { Ok(session) } else { Err(Error::Expired) }
}

async fn known(app: &App, token: &str) -> Result<StoredDocument<Session>, Error> {
    let key = Sha256::of(token).to_string();
    app.store.find::<Session>(&app.provider, "token", &key).await?.ok_or(Error::UnknownLaunch)
}

/// The session with this id.
pub async fn by_id(app: &App, id: &str) -> Result<Option<StoredDocument<Session>>, StoreError> {
    app.store.get::<Session>(&app.provider, id).await
}

/// One registration's progress in one item, if it has begun.
pub(super) async fn state(
    app: &App,
    registration: RegistrationId,
    item: &str,
) -> Result<Option<StoredDocument<Sco>>, StoreError> {
    app.store.get::<Sco>(&app.provider, &Sco::key_of(registration, item)).await
}

/// A registration with the activity version that it pins.
#[derive(Debug, Clone)]
pub struct PinnedRegistration {
    pub registration: Registration,
    pub version: ActivityVersion,
}

/// The registration `id` and the activity version that it pins.
pub async fn pinned(app: &App, id: RegistrationId) -> Result<PinnedRegistration, Error> {
    let found = app.store.get::<Registration>(&app.provider, &id.to_string()).await?;
    let registration = found.ok_or(Error::NoRegistration(id))?.document;
    let key = ActivityVersion::key_of(&registration.activity, registration.version);
    let version = app.store.get::<ActivityVersion>(&app.provider, &key).await?;
    let version = version.ok_or_else(|| Error::Gone(format!("registration {id}")))?.document;
    Ok(PinnedRegistration { registration, version })
}

/// The item of `package` that a session plays.
pub(in crate::service) fn item<'a>(package: &'a PackageVersion, id: &str) -> Result<OutlineEntry<'a>, Error> {
    package.package.item(id).ok_or_else(|| Error::NoItem(id.to_owned()))
}

/// The same item, as the run-time plays it.
pub(in crate::service) fn unit(package: &PackageVersion, id: &str) -> Result<Unit, Error> {
    units::find(&package.package, id).ok_or_else(|| Error::NoItem(id.to_owned()))
}

/// What statements about a session contain.
pub(super) fn about<'a>(
    app: &'a App,
    pinned: &'a PinnedRegistration,
    session: &Session,
    item: OutlineEntry<'a>,
    now: Timestamp,
) -> StatementContext<'a> {
    let PinnedRegistration { registration, version } = pinned;
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

/// The state of a play session, as reported to the player.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionState {
    Open,
    /// The activity was opened elsewhere, later.
    Superseded,
    Ended,
}

/// The state of `session`, compared with the newest launch of its registration.
pub(super) fn state_of(session: &Session, play: Option<&Play>) -> SessionState {
    match play {
        Some(play) if session.mode == Mode::Normal && play.live != session.id => SessionState::Superseded,
        _ if session.visit.phase == Phase::Ended => SessionState::Ended,
        _ => SessionState::Open,
    }
}

/// The package version that a session plays.
pub async fn package(app: &App, session: &Session) -> Result<Arc<PackageVersion>, Error> {
    Ok(packages::get(app, session.package).await?)
}
