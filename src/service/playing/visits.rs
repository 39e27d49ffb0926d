//! Visits: a session is entered when its player first sends something, and suspended when another is entered or the player
//! falls silent. Everything here adds to a commit; the caller makes it.

use crate::service::playing::sessions::{self, PinnedRegistration, Play, Session};
use crate::service::records::statements;
use crate::service::{App, RegistrationId, queues};
use base::ids;
use jiff::Timestamp;
use runtime::{EntryMode, Mode, Phase, ScoState, Status, Visit, time_out};
use serde_json::Value;
use std::collections::BTreeMap;
use store::{Commit, Document as _, Records as _, StoreError, StoredDocument, Write};

/// Why a visit could not be entered or suspended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Session(#[from] sessions::Error),
    #[error(transparent)]
    Statements(#[from] statements::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An error that may mean that another request was first.
pub(super) trait Race {
    /// Whether it means that.
    fn is_race(&self) -> bool;
}

impl Race for StoreError {
    fn is_race(&self) -> bool {
        matches!(self, Self::Stale { .. })
    }
}

impl Race for sessions::Error {
    fn is_race(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_race())
    }
}

impl Race for Error {
    fn is_race(&self) -> bool {
        match self {
            Self::Store(error) => error.is_race(),
            Self::Session(error) => error.is_race(),
            Self::Statements(_) => false,
        }
    }
}

/// Retries an attempt that another request has overtaken.
pub(super) async fn unless_raced<T, E: Race>(mut attempt: impl AsyncFnMut() -> Result<T, E>) -> Result<T, E> {
    const ATTEMPTS: usize = 8;
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(error) if error.is_race() => {}
            done => return done,
        }
    }
    attempt().await
}

/// What a registration plays, with its changes since it was read.
pub(super) struct TrackedPlay {
    pub(super) play: Play,
    /// None until it is first stored.
    version: Option<u64>,
    is_changed: bool,
}

impl TrackedPlay {
    fn of(kept: StoredDocument<Play>) -> Self {
        Self { version: Some(kept.version), play: kept.document, is_changed: false }
    }

    /// The same, to be changed.
    pub(super) fn change(&mut self) -> &mut Play {
        self.is_changed = true;
        &mut self.play
    }

    /// The write that saves it; none if nothing has changed.
    pub(super) fn write(self) -> Result<Option<Write>, StoreError> {
        match self.version {
            _ if !self.is_changed => Ok(None),
            Some(version) => StoredDocument { version, document: self.play }.replace().map(Some),
            None => self.play.insert().map(Some),
        }
    }
}

/// A session that was entered, and what entering it adds to the commit that follows. The session and what its registration
/// plays are still to be written.
pub(super) struct VisitEntry {
    pub(super) session: StoredDocument<Session>,
    pub(super) playing: Option<TrackedPlay>,
    pub(super) commit: Commit,
}

impl VisitEntry {
    /// Adds the new state of the session and its registration.
    pub(super) fn into_commit(mut self) -> Result<Commit, StoreError> {
        self.commit.writes.extend(self.playing.map(TrackedPlay::write).transpose()?.flatten());
        self.commit.writes.push(self.session.replace()?);
        Ok(self.commit)
    }
}

/// Makes a session the one that counts, once its player first sends something: one that runs elsewhere is suspended.
///
/// Not at the launch, for two reasons: a launch may never be opened; and a browser that reloads a page requests the new
/// one before it ends the old one, whose last commit must still count.
pub(super) async fn enter(
    app: &App,
    mut session: StoredDocument<Session>,
    now: Timestamp,
) -> Result<VisitEntry, Error> {
    let mut commit = Commit::default();
    let Some(registration) = session.document.registration else {
        return Ok(VisitEntry { session, playing: None, commit });
    };
    let kept = app.store.get::<Play>(&app.provider, &registration.to_string()).await?;
    let mut playing = kept.map(TrackedPlay::of);
    if session.document.entered {
        return Ok(VisitEntry { session, playing, commit });
    }
    let id = session.document.id;
    match &mut playing {
        None => {
            let play = Play { registration, live: id, parts: BTreeMap::new(), course: Status::default() };
            playing = Some(TrackedPlay { play, version: None, is_changed: true });
        }
        Some(playing) => {
            if let Some(older) = sessions::by_id(app, &playing.play.live.to_string()).await? {
                let pinned = sessions::pinned(app, registration).await?;
                suspend(app, &pinned, older, &mut commit, now).await?;
            }
            playing.change().live = id;
        }
    }
    let sco = sessions::state(app, registration, &session.document.item).await?;
    let entry = sco.map_or(EntryMode::AbInitio, |sco| sco.document.state.entry());
    session.document.visit = Visit::new(id.0, entry, now);
    session.document.heard = now;
    session.document.entered = true;
    commit.due.push(queues::silent_session(id, now));
    Ok(VisitEntry { session, playing, commit })
}

/// A visit to the item of a session whose last visit has ended.
pub(super) fn renewed(session: &Session, state: Option<&ScoState>, now: Timestamp) -> Visit {
    let entry = state.map_or(EntryMode::AbInitio, ScoState::entry);
    Visit { sequence: session.visit.sequence, ..Visit::new(ids::random(), entry, now) }
}

/// Adds to `commit` what suspends a running session, and the statement that records it.
pub(super) async fn suspend(
    app: &App,
    pinned: &PinnedRegistration,
    mut session: StoredDocument<Session>,
    commit: &mut Commit,
    now: Timestamp,
) -> Result<(), Error> {
    let Some((visit, happening)) = time_out(session.document.visit.clone()) else { return Ok(()) };
    session.document.visit = visit;
    commit.writes.push(session.replace()?);
    let session = &session.document;
    let package = sessions::package(app, session).await?;
    let item = sessions::item(&package, &session.item)?;
    let unit = sessions::unit(&package, item.id)?;
    let sco = sessions::state(app, pinned.registration.id, item.id).await?;
    let state = sco.map_or_else(ScoState::default, |sco| sco.document.state);
    let about = sessions::about(app, pinned, session, item, now);
    Ok(record(app, unit.write(&about, &state, &session.visit, &[happening]), pinned.registration.id, commit, now)?)
}

/// Adds statements, and the decision that follows from them, to `commit`.
pub(super) fn record(
    app: &App,
    bodies: Vec<Value>,
    registration: RegistrationId,
    commit: &mut Commit,
    now: Timestamp,
) -> Result<(), statements::Error> {
    if !bodies.is_empty() {
        commit.statements.extend(statements::author(app, bodies)?);
        let decide = queues::decide(registration, now);
        if !commit.due.contains(&decide) {
            commit.due.push(decide);
        }
    }
    Ok(())
}

/// Adds to `commit` that `session` is to be suspended if it falls silent.
pub(super) fn watch(session: &Session, commit: &mut Commit, now: Timestamp) {
    if session.mode == Mode::Normal && matches!(session.visit.phase, Phase::Opened | Phase::Running) {
        let look = queues::silent_session(session.id, now);
        if !commit.due.contains(&look) {
            commit.due.push(look);
        }
    }
}
