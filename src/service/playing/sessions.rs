//! Play sessions: what the server remembers of a launch, and who holds its token.
//!
//! The token in a launch URL carries exactly one registration's rights to one package version. Only its SHA-256 is kept.
//! Everything here is a convenience of the run-time: what a decision needs is in the log.

pub use crate::service::SessionId;

use crate::service::catalogue::packages;
use crate::service::expiry;
use crate::service::playing::content_key::{Subject, content_key};
use crate::service::playing::units;
use crate::service::{ActivityVersion, App, PackageVersion, PackageVersionId, Registration, RegistrationId};
use base::hash::Sha256;
use base::ids;
use content::OutlineEntry;
use jiff::{SignedDuration, Timestamp};
use runtime::{ItemProgress, Mode, Objection, Phase, ScoState, StatementContext, Status, Unit, Visit};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Document, Index, IndexKey, Key, Kind, Order, Records as _, Span, StoreError, StoredDocument};

/// How long a launch may rest before its pages are no longer served.
const IDLE: SignedDuration = SignedDuration::from_hours(8);
/// How long what was recorded offline may still arrive.
const LATE: SignedDuration = SignedDuration::from_hours(24);
/// How long content may still load files after its visit has ended, such as the picture on its last page.
const AFTERWARDS: SignedDuration = SignedDuration::from_secs(60);
/// How many sessions with the same files are looked at for one that is still open.
const MOST_WITH_FILES: usize = 20;

/// One launch of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub id: SessionId,
    /// The SHA-256 of its ticket: the secret in the address that a launch gives.
    pub token: Sha256,
    /// Whose session it is; none in a preview.
    pub registration: Option<RegistrationId>,
    pub package: PackageVersionId,
    /// The identifier of the item in its manifest.
    pub item: String,
    pub mode: Mode,
    /// Where the learner goes afterwards, when a portal launched.
    pub return_url: Option<String>,
    /// When it was launched, which is when its absolute life began; the last release did not say.
    #[serde(default)]
    pub launched: Option<Timestamp>,
    /// The SHA-256 of the key in the addresses of its files; none once it was closed.
    #[serde(default)]
    pub files: Option<Sha256>,
    /// The first session of the preview that it continues; none of a learner's.
    #[serde(default)]
    pub preview: Option<SessionId>,
    /// The origin whose page may frame the player; none for a player that has its window to itself.
    #[serde(default)]
    pub frame_ancestor: Option<String>,
    /// The SHA-256 of the secret of the sign-in that launched it: signing out closes it.
    #[serde(default)]
    pub signed_in: Option<Sha256>,
    /// The last load of its player page that was opened, counted from 1.
    #[serde(default)]
    pub load: u64,
    /// The last load whose page has read the values, and may have started content.
    #[serde(default)]
    pub started: u64,
    /// The load that sent the last commit that was applied. The commit's number is in `visit`.
    #[serde(default)]
    pub spoke: u64,
    /// The last load that has said that its page is going away.
    #[serde(default)]
    pub parted: u64,
    /// How many commits of it are stored.
    #[serde(default)]
    pub commits: u64,
    /// Whether its player was opened. A launch that nobody opens supersedes nothing.
    pub entered: bool,
    /// When the browser last sent anything.
    pub heard: Timestamp,
    pub visit: Visit,
    /// The progress of a preview or a review, which is kept nowhere else.
    #[serde(default)]
    pub trial: Option<ScoState>,
    /// Over all commits so far; see [`StoredCommit::chain`].
    pub chain: Sha256,
}

impl Document for Session {
    const KIND: &'static Kind = &Kind {
        name: "play-session",
        indexes: &[
            Index { name: "token", unique: true },
            Index { name: "registration", unique: false },
            Index { name: "files", unique: false },
            Index { name: expiry::INDEX, unique: false },
        ],
    };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn index(&self) -> Vec<IndexKey> {
        let token = IndexKey { index: "token", key: self.token.to_string() };
        let instant = xapi::instant;
        let files = self.files.map(|files| {
            let key = Key::of(&[&files, &instant(self.visit.opened)]).into();
            IndexKey { index: "files", key }
        });
        let other = if let Some(registration) = self.registration {
            let key = Key::of(&[&registration, &instant(self.visit.opened)]).into();
            IndexKey { index: "registration", key }
        } else {
            // A preview belongs to no learner: it is removed once nothing more can arrive.

            let key = instant(self.heard.saturating_add(LATE).unwrap_or(self.heard));
            IndexKey { index: expiry::INDEX, key }
        };
        [token, other].into_iter().chain(files).collect()
    }
}

impl Session {
    /// Where its chain of commits begins.
    pub fn chain_start(id: SessionId) -> Sha256 {
        Sha256::of(id.to_string())
    }

    /// For whom it plays.
    pub(super) fn subject(&self) -> Subject {
        self.registration.map_or(Subject::Preview(self.preview.unwrap_or(self.id)), Subject::Registration)
    }

    /// When its absolute life began.
    pub fn born(&self) -> Timestamp {
        self.launched.unwrap_or(self.visit.opened)
    }

    /// Whether its pages and files are still served, if a launch lives for `life`.
    pub fn is_fresh(&self, now: Timestamp, life: SignedDuration) -> bool {
        now.duration_since(self.heard) <= IDLE && now.duration_since(self.born()) <= life
    }

    /// Whether its files are still served: content that has finished needs only what its last page shows.
    pub fn serves_files(&self, now: Timestamp, life: SignedDuration) -> bool {
        let ended = self.visit.phase == Phase::Ended && now.duration_since(self.heard) > AFTERWARDS;
        self.is_fresh(now, life) && !ended
    }

    /// Whether what it sends is still accepted.
    pub fn accepts_commits(&self, now: Timestamp, life: SignedDuration) -> bool {
        now.duration_since(self.heard) <= LATE
            && now.duration_since(self.born()) <= life.checked_add(LATE).unwrap_or(SignedDuration::MAX)
    }

    /// Ends its ticket, its cookie, its keys and its files, at once and for good.
    pub(in crate::service) fn close(&mut self) {
        self.token = Sha256::of(ids::secret());
        self.files = None;
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
    /// The load of the player page that sent it; 0 in what the last release stored.
    #[serde(default)]
    pub load: u64,
    /// Its place among the commits of its session, from 1; 0 in what the last release stored, where `sequence` is the place.
    #[serde(default)]
    pub place: u64,
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
    /// A later load of the player page had taken over.
    Replaced,
    /// The session had ended before.
    AfterEnd,
    /// The launch was not for credit.
    NotForCredit,
}

impl StoredCommit {
    /// The key of the record at `place`.
    pub fn key_of(session: SessionId, place: u64) -> String {
        Key::of(&[&session, &format_args!("{place:020}")]).into()
    }

    /// The key of a commit by how its page numbered it.
    pub(super) fn sent_as(session: SessionId, load: u64, sequence: u64) -> String {
        Key::of(&[&session, &format_args!("{load:020}"), &format_args!("{sequence:020}")]).into()
    }
}

impl Document for StoredCommit {
    const KIND: &'static Kind = &Kind {
        name: "play-commit",
        indexes: &[Index { name: "session", unique: true }, Index { name: "sent", unique: true }],
    };

    fn key(&self) -> String {
        Self::key_of(self.session, if self.place == 0 { self.sequence } else { self.place })
    }

    fn index(&self) -> Vec<IndexKey> {
        let sent = IndexKey { index: "sent", key: Self::sent_as(self.session, self.load, self.sequence) };
        let sent = Some(sent).filter(|_| self.load > 0);
        [IndexKey { index: "session", key: self.key() }].into_iter().chain(sent).collect()
    }
}

/// Why there is no such session, or why something that it needs is missing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("this launch address is not known; open the activity again from its own page")]
    UnknownLaunch,
    #[error("this launch was idle for too long; open the activity again from its own page, where you will resume")]
    Expired,
    #[error("this launch has ended; open the activity again from its own page")]
    Ended,
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

/// The session that this ticket opens, while it lives: until its content has finished, someone signed out, or its time is over.
pub async fn open(app: &App, ticket: &str) -> Result<StoredDocument<Session>, Error> {
    let key = Sha256::of(ticket).to_string();
    let session = app.store.find::<Session>(&app.provider, "token", &key).await?.ok_or(Error::UnknownLaunch)?;
    match &session.document {
        known if !known.is_fresh(app.clock.now(), app.config.play.life()) => Err(Error::Expired),
        known if known.visit.phase == Phase::Ended => Err(Error::Ended),
        _ => Ok(session),
    }
}

/// The session whose player page this cookie opens.
pub async fn by_cookie(app: &App, cookie: &str) -> Result<StoredDocument<Session>, Error> {
    let (id, mac) = cookie.split_once('.').ok_or(Error::UnknownLaunch)?;
    let session = by_id(app, id).await?.ok_or(Error::UnknownLaunch)?;
    match &session.document {
        known if !content_key(app).await?.cookie_mac(known.id, known.token).is_written(mac) => {
            Err(Error::UnknownLaunch)
        }
        known if !known.is_fresh(app.clock.now(), app.config.play.life()) => Err(Error::Expired),
        _ => Ok(session),
    }
}

/// A session, as one load of its player page.
#[derive(Debug, Clone)]
pub struct LoadedSession {
    pub session: StoredDocument<Session>,
    /// Which load.
    pub load: u64,
}

/// The session and the load that this key is for, from which something may still arrive.
pub async fn by_load_key(app: &App, key: &str) -> Result<LoadedSession, Error> {
    let mut parts = key.splitn(3, '.');
    let (Some(id), Some(load), Some(mac)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Error::UnknownLaunch);
    };
    let load: u64 = load.parse().map_err(|_| Error::UnknownLaunch)?;
    let session = by_id(app, id).await?.ok_or(Error::UnknownLaunch)?;
    match &session.document {
        known if !content_key(app).await?.load_mac(known.id, known.token, load).is_written(mac) => {
            Err(Error::UnknownLaunch)
        }
        known if !known.accepts_commits(app.clock.now(), app.config.play.life()) => Err(Error::Expired),
        _ => Ok(LoadedSession { session, load }),
    }
}

/// The session that files with this key are delivered to: the newest whose player was opened and which is still served.
pub async fn by_files(app: &App, key: &str) -> Result<Session, Error> {
    let prefix = Key::beginning(&[&Sha256::of(key)]);
    let span = Span { order: Order::Newest, ..Span::beginning("files", &prefix, MOST_WITH_FILES) };
    let found = app.store.list::<Session>(&app.provider, span).await?;
    if found.is_empty() {
        return Err(Error::UnknownLaunch);
    }
    let (now, life) = (app.clock.now(), app.config.play.life());
    let mut served = found.into_iter().map(|kept| kept.document).filter(|session| session.serves_files(now, life));
    served.find(|session| session.load > 0).ok_or(Error::Expired)
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
    /// The player page of this session was loaded again, later.
    Replaced,
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

/// The state of `session` as its page of this `load` gets it: a later load may have taken over.
pub(super) fn state_of_load(session: &Session, load: u64, play: Option<&Play>) -> SessionState {
    match state_of(session, play) {
        SessionState::Superseded => SessionState::Superseded,
        _ if load < session.started => SessionState::Replaced,
        other => other,
    }
}

/// The content origin on which a session plays.
pub async fn origin(app: &App, session: &Session) -> Result<String, StoreError> {
    let label = content_key(app).await?.label(session.subject(), session.package);
    Ok(app.config.content_origin(&label))
}

/// The package version that a session plays.
pub async fn package(app: &App, session: &Session) -> Result<Arc<PackageVersion>, Error> {
    Ok(packages::get(app, session.package).await?)
}
