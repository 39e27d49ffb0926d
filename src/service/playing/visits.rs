//! Visits: a session is entered when its player first sends something, and suspended when another is entered or the player
//! falls silent. Everything here adds to a commit; the caller makes it.

use crate::service::playing::sessions::{self, PinnedRegistration, Play, Session};
use crate::service::records::statements;
use crate::service::{App, RegistrationId, queues};
use base::ids;
use jiff::Timestamp;
use runtime::{EntryMode, ItemProgress, Mode, Phase, ScoState, StatementContext, Status, Unit, Visit, write_course};
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
    let mut playing = played(app, registration).await?;
    if session.document.entered {
        return Ok(VisitEntry { session, playing, commit });
    }
    let id = session.document.id;
    match &mut playing {
        None => {
            let play = Play { registration, live: id, parts: BTreeMap::new(), course: Status::default() };
            playing = Some(TrackedPlay { play, version: None, is_changed: true });
        }
        Some(tracked) => {
            if let Some(older) = sessions::by_id(app, &tracked.play.live.to_string()).await? {
                let pinned = sessions::pinned(app, registration).await?;
                let reached = suspend(app, &pinned, Some(tracked), older, &mut commit, now).await?;
                if reached == Reached::Something {
                    // The state that the new session resumes has changed: that is stored before it is read.
                    commit.writes.extend(playing.map(TrackedPlay::write).transpose()?.flatten());
                    statements::commit(app, commit).await?;
                    return Box::pin(enter(app, session, now)).await;
                }
            }
            tracked.change().live = id;
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

/// What a registration plays, if anything was opened yet.
pub(super) async fn played(app: &App, registration: RegistrationId) -> Result<Option<TrackedPlay>, StoreError> {
    let kept = app.store.get::<Play>(&app.provider, &registration.to_string()).await?;
    Ok(kept.map(TrackedPlay::of))
}

/// Whether the end of a visit has changed the learner's progress in the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    Nothing,
    Something,
}

/// A visit to the item of a session whose last visit has ended.
pub(super) fn renewed(session: &Session, state: Option<&ScoState>, now: Timestamp) -> Visit {
    let entry = state.map_or(EntryMode::AbInitio, ScoState::entry);
    Visit { sequence: session.visit.sequence, ..Visit::new(ids::random(), entry, now) }
}

/// Adds to `commit` what suspends a running session, and the statements that record it; `playing` is still to be written.
pub(super) async fn suspend(
    app: &App,
    pinned: &PinnedRegistration,
    playing: Option<&mut TrackedPlay>,
    mut session: StoredDocument<Session>,
    commit: &mut Commit,
    now: Timestamp,
) -> Result<Reached, Error> {
    // Most visits have ended by themselves, and then there is nothing to read.
    if session.document.visit.phase != Phase::Running {
        return Ok(Reached::Nothing);
    }
    let package = sessions::package(app, &session.document).await?;
    let item = sessions::item(&package, &session.document.item)?;
    let unit = sessions::unit(&package, item.id)?;
    let registration = pinned.registration.id;
    let sco = sessions::state(app, registration, item.id).await?;
    let state = sco.as_ref().map_or_else(ScoState::default, |sco| sco.document.state.clone());
    let Some(done) = unit.suspend(state, session.document.visit.clone(), now) else {
        return Ok(Reached::Nothing);
    };
    session.document.visit = done.visit;
    commit.writes.push(session.replace()?);
    let about = sessions::about(app, pinned, &session.document, item, now);
    let mut statements = unit.write(&about, &done.state, &session.document.visit, &done.happenings);
    let changed = sco.filter(|sco| sco.document.state != done.state);
    let reached = if changed.is_some() { Reached::Something } else { Reached::Nothing };
    if let Some(mut sco) = changed {
        if let Some(playing) = playing {
            statements.extend(advance(playing, pinned, &unit, &about, &done.state));
        }
        sco.document.state = done.state;
        commit.writes.push(sco.replace()?);
    }
    record(app, statements, registration, commit, now)?;
    Ok(reached)
}

/// Takes the new `state` of the item that `about` names into what the registration plays; returns the statements that
/// report what follows for the whole package.
pub(super) fn advance(
    playing: &mut TrackedPlay,
    pinned: &PinnedRegistration,
    unit: &Unit,
    about: &StatementContext<'_>,
    state: &ScoState,
) -> Vec<Value> {
    let part = ItemProgress { status: state.status, score: state.best.clone(), time: state.total_time() };
    if playing.play.parts.get(about.item) == Some(&part) {
        return Vec::new();
    }
    let play = playing.change();
    play.parts.insert(about.item.to_owned(), part);
    // The items that must be completed count.
    let items = pinned.version.required_items.iter();
    let required: Vec<ItemProgress> = items.map(|item| play.parts.get(item).cloned().unwrap_or_default()).collect();
    let course = unit.roll_up(&required);
    let statements = write_course(about, play.course, &course);
    play.course = play.course.best(course.status);
    statements
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
