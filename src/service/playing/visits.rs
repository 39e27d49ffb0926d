//! Visits: a session is entered when its player is first heard of, and suspended when another is entered or nothing is
//! heard of it any more. Everything here adds to a commit; whoever asks makes it.

use crate::service::playing::sessions::{self, Enrolled, Play, Session};
use crate::service::records::statements;
use crate::service::{App, RegistrationId, queues};
use jiff::Timestamp;
use runtime::{EntryMode, Mode, Phase, ScoState, Status, Visit, time_out};
use serde_json::Value;
use std::collections::BTreeMap;
use store::{Commit, CommitReceipt, Document as _, Records as _, StoreError, StoredDocument, Write};

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

impl Race for Error {
    fn is_race(&self) -> bool {
        match self {
            Self::Store(error) | Self::Session(sessions::Error::Store(error)) => error.is_race(),
            Self::Session(_) | Self::Statements(_) => false,
        }
    }
}

/// Repeats what another request has overtaken.
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

/// What a registration plays, with what became of it since it was read.
pub(super) struct Playing {
    pub(super) play: Play,
    /// None until it is first stored.
    version: Option<u64>,
    is_changed: bool,
}

impl Playing {
    fn of(kept: StoredDocument<Play>) -> Self {
        Self { version: Some(kept.version), play: kept.document, is_changed: false }
    }

    /// The same, to be changed.
    pub(super) fn change(&mut self) -> &mut Play {
        self.is_changed = true;
        &mut self.play
    }

    /// The write that keeps it; none if nothing has changed.
    pub(super) fn write(self) -> Result<Option<Write>, StoreError> {
        match self.version {
            _ if !self.is_changed => Ok(None),
            Some(version) => StoredDocument { version, document: self.play }.replace().map(Some),
            None => self.play.insert().map(Some),
        }
    }
}

/// A session that was heard of, and what entering it adds to the commit that follows. The session and what its registration
/// plays are still to be written.
pub(super) struct Entered {
    pub(super) session: StoredDocument<Session>,
    pub(super) playing: Option<Playing>,
    pub(super) commit: Commit,
}

impl Entered {
    /// Whether the session was not entered before.
    pub(super) fn is_first(&self) -> bool {
        !self.commit.due.is_empty()
    }

    /// Adds what the session and its registration have become.
    pub(super) fn into_commit(mut self) -> Result<Commit, StoreError> {
        self.commit.writes.extend(self.playing.map(Playing::write).transpose()?.flatten());
        self.commit.writes.push(self.session.replace()?);
        Ok(self.commit)
    }
}

/// Makes a session the one that counts, once its player is first heard of: one that runs elsewhere is suspended.
///
/// Not at the launch, for two reasons: a launch may never be opened; and a browser that loads a page anew asks for the new
/// one before it ends the old one, whose last words must still count.
pub(super) async fn enter(app: &App, mut session: StoredDocument<Session>, now: Timestamp) -> Result<Entered, Error> {
    let mut commit = Commit::default();
    let Some(registration) = session.document.registration else {
        return Ok(Entered { session, playing: None, commit });
    };
    let kept = app.store.get::<Play>(&app.provider, &registration.to_string()).await?;
    let mut playing = kept.map(Playing::of);
    if session.document.entered {
        return Ok(Entered { session, playing, commit });
    }
    let id = session.document.id;
    match &mut playing {
        None => {
            let play = Play { registration, live: id, parts: BTreeMap::new(), course: Status::default() };
            playing = Some(Playing { play, version: None, is_changed: true });
        }
        Some(playing) => {
            if let Some(older) = sessions::by_id(app, &playing.play.live.to_string()).await? {
                let enrolled = sessions::enrolled(app, registration).await?;
                suspend(app, &enrolled, older, &mut commit, now).await?;
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
    Ok(Entered { session, playing, commit })
}

/// Makes `commit`, with what its statements define.
pub(super) async fn commit(app: &App, commit: Commit) -> Result<CommitReceipt, StoreError> {
    statements::commit(app, commit).await
}

/// Adds to `commit` what suspends a running session, and the statement that says so.
pub(super) async fn suspend(
    app: &App,
    enrolled: &Enrolled,
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
    let sco = sessions::state(app, enrolled.registration.id, item.id).await?;
    let state = sco.map_or_else(ScoState::default, |sco| sco.document.state);
    let about = sessions::about(app, enrolled, session, item, now);
    Ok(record(app, unit.write(&about, &state, &session.visit, &[happening]), enrolled.registration.id, commit, now)?)
}

/// Adds statements, and the decision that follows from them, to `commit`.
pub(super) fn record(
    app: &App,
    said: Vec<Value>,
    registration: RegistrationId,
    commit: &mut Commit,
    now: Timestamp,
) -> Result<(), statements::Error> {
    if !said.is_empty() {
        commit.statements.extend(statements::author(app, said)?);
        let decide = queues::decide(registration, now);
        if !commit.due.contains(&decide) {
            commit.due.push(decide);
        }
    }
    Ok(())
}

/// Adds to `commit` that `session` is to be suspended, should nothing more be heard of it.
pub(super) fn watch(session: &Session, commit: &mut Commit, now: Timestamp) {
    if session.mode == Mode::Normal && matches!(session.visit.phase, Phase::Opened | Phase::Running) {
        let look = queues::silent_session(session.id, now);
        if !commit.due.contains(&look) {
            commit.due.push(look);
        }
    }
}
