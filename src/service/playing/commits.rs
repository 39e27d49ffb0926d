//! What the player sends while it plays: commits and heartbeats, each stored before it is acknowledged.

use crate::service::playing::deliveries::{self, PendingDelivery};
use crate::service::playing::loads::{self, Turn};
use crate::service::playing::sessions::{self, Fate, LoadedSession, Play, Sco, Session, SessionState, StoredCommit};
use crate::service::playing::visits::{self, Race, TrackedPlay, VisitEntry, unless_raced};
use crate::service::records::statements;
use crate::service::{App, Stop, queues};
use base::hash::Sha256;
use base::observation::Observation;
use jiff::{SignedDuration, Timestamp};
use runtime::{Commit as PlayerCommit, CommitError, Evaluation, Mode, Objection, Phase, ScoState};
use serde::Serialize;
use std::time::Duration;
use store::{Claim, Commit, Document as _, Records as _, StoreError, StoredDocument};

/// The largest commit, in bytes: the largest `suspend_data` in its longest spelling, and a few hundred interactions.
pub const LARGEST: usize = 1 << 20;

/// What the player receives for an accepted commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Always true: a commit that is not accepted is an error.
    pub result: bool,
    pub sequence: u64,
    pub session: SessionState,
    /// Whether it counts: not in a preview, and not when a newer launch has taken over.
    pub applied: bool,
    /// The `cmi.core.lesson_status` that the server has decided.
    pub status: &'static str,
    /// What was not applied as sent.
    pub objections: Vec<Objection>,
    /// In a preview: what the server has noticed about the content.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub observations: Vec<ObservationNotice>,
}

/// Something that the server has noticed, in words for whoever made the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ObservationNotice {
    pub code: Observation,
    pub sentence: &'static str,
}

impl ObservationNotice {
    fn of(code: Observation) -> Self {
        Self { code, sentence: code.sentence() }
    }
}

/// Why a commit or a heartbeat was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Commit(#[from] CommitError),
    #[error("commit {sequence} comes after commit {last}, which includes it; nothing is missing")]
    Overtaken { sequence: u64, last: u64 },
    #[error("commit {0} was stored before with other content; number each commit once, and count upwards")]
    SequenceUsed(u64),
    #[error("this session has ended; what came after is kept but not counted: open the item again to continue")]
    Ended,
    #[error(transparent)]
    Session(#[from] sessions::Error),
    #[error(transparent)]
    Visit(#[from] visits::Error),
    #[error(transparent)]
    Statements(#[from] statements::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Race for Error {
    fn is_race(&self) -> bool {
        match self {
            Self::Store(error) => error.is_race(),
            Self::Session(error) => error.is_race(),
            Self::Visit(error) => error.is_race(),
            _ => false,
        }
    }
}

/// Accepts the body of a commit of the load with this key, durably, in one commit of the store. Sending the same again returns
/// the same and does nothing.
pub async fn commit(app: &App, key: &str, body: &[u8]) -> Result<Receipt, Error> {
    Box::pin(receive(app, key, body, false)).await
}

/// The same for a page that is going away: its successor need not wait for more.
pub async fn last_commit(app: &App, key: &str, body: &[u8]) -> Result<Receipt, Error> {
    Box::pin(receive(app, key, body, true)).await
}

async fn receive(app: &App, key: &str, body: &[u8], parting: bool) -> Result<Receipt, Error> {
    let sent = PlayerCommit::read(body)?;
    let body = std::str::from_utf8(body).map_err(|error| CommitError::Json(error.to_string()))?;
    unless_raced(async || {
        let now = app.clock.now();
        let LoadedSession { session, load } = sessions::by_load_key(app, key).await?;
        let VisitEntry { mut session, playing, commit } = visits::enter(app, session, now).await?;
        let delivered = deliveries::pending(app, session.document.id).await?;
        session.document.visit.delivered = deliveries::include_launch(app, &session.document, &delivered).await?;
        let sent = sent.clone();
        IncomingCommit { session, load, parting, playing, commit, delivered, sent, body, now }.accept(app).await
    })
    .await
}

/// What a page says while nothing has changed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Heartbeat {
    /// Seconds of attention since the last one.
    pub attended: u64,
    /// Whether the page is going away.
    pub parting: bool,
}

/// Counts seat time and keeps the session open.
pub async fn heartbeat(app: &App, key: &str, said: Heartbeat) -> Result<SessionState, Error> {
    unless_raced(async || {
        let now = app.clock.now();
        let LoadedSession { session, load } = sessions::by_load_key(app, key).await?;
        let mut entered = visits::enter(app, session, now).await?;
        let delivered = deliveries::pending(app, entered.session.document.id).await?;
        let session = &mut entered.session.document;
        session.visit.delivered = deliveries::include_launch(app, session, &delivered).await?;
        let play = entered.playing.as_ref().map(|playing| &playing.play);
        let session_state = sessions::state_of_load(session, load, play);
        let parts = said.parting && session.parted < load;
        if parts {
            session.parted = load;
        }
        let is_open = session_state == SessionState::Open;
        if is_open {
            session.heard = now;
            session.visit.attend(said.attended, now);
            visits::watch(session, &mut entered.commit, now);
        }
        let mut commit = if is_open || parts { entered.into_commit()? } else { Commit::default() };
        commit.writes.extend(delivered.write()?);
        if !commit.writes.is_empty() {
            statements::commit(app, commit).await?;
            delivered.mark_saved(app);
        }
        Ok(session_state)
    })
    .await
}

/// Whether the content of the session that counts has not sent anything yet.
async fn has_not_begun(app: &App, play: &Play) -> Result<bool, StoreError> {
    let live = sessions::by_id(app, &play.live.to_string()).await?;
    Ok(live.is_some_and(|live| live.document.visit.phase == Phase::Opened))
}

/// A commit of the player on its way into the store.
struct IncomingCommit<'a> {
    session: StoredDocument<Session>,
    /// The load of the player page that sends it.
    load: u64,
    /// Whether its page is going away.
    parting: bool,
    /// What its registration plays.
    playing: Option<TrackedPlay>,
    /// What is already to be committed, because the session was just entered.
    commit: Commit,
    delivered: PendingDelivery,
    sent: PlayerCommit,
    body: &'a str,
    now: Timestamp,
}

impl IncomingCommit<'_> {
    async fn accept(mut self, app: &App) -> Result<Receipt, Error> {
        let session = &mut self.session.document;
        if self.parting {
            session.parted = session.parted.max(self.load);
        }
        let turn = loads::turn(session.load, (session.spoke, session.visit.sequence), (self.load, self.sent.sequence));
        match turn {
            Turn::Known => return self.repeated(app).await,
            Turn::Replaced if self.find_stored(app).await?.is_some() => return self.repeated(app).await,
            Turn::Replaced => return self.put_aside(app, Fate::Replaced).await,
            Turn::Leaving | Turn::Running => {}
        }
        let playing = self.playing.take();
        let session_state = self.session_state(playing.as_ref());
        match (session_state, self.session.document.mode, playing) {
            (SessionState::Superseded, _, Some(playing)) if has_not_begun(app, &playing.play).await? => {
                // The last commit of a page that was replaced by the one which is now open and has sent nothing yet.
                self.sent.left = true;
                self.session.document.heard = self.now;
                Ok(Receipt { session: SessionState::Superseded, ..self.apply(app, playing).await? })
            }
            (SessionState::Superseded, ..) => self.put_aside(app, Fate::Superseded).await,
            (SessionState::Ended, ..) => {
                self.put_aside(app, Fate::AfterEnd).await?;
                Err(Error::Ended)
            }
            (_, Mode::Normal, Some(playing)) => {
                self.session.document.heard = self.now;
                self.apply(app, playing).await
            }
            (..) => {
                self.session.document.heard = self.now;
                self.try_out(app).await
            }
        }
    }

    fn session_state(&self, playing: Option<&TrackedPlay>) -> SessionState {
        sessions::state_of(&self.session.document, playing.map(|playing| &playing.play))
    }

    /// The commit that this load numbered so before.
    async fn find_stored(&self, app: &App) -> Result<Option<StoredCommit>, StoreError> {
        let key = StoredCommit::sent_as(self.session.document.id, self.load, self.sent.sequence);
        let found = app.store.find::<StoredCommit>(&app.provider, "sent", &key).await?;
        Ok(found.map(|stored| stored.document))
    }

    /// Makes the commit, with the session as it is now and the files that were delivered to it.
    async fn finish(mut self, app: &App) -> Result<(), StoreError> {
        self.commit.writes.push(self.session.replace()?);
        self.commit.writes.extend(self.delivered.write()?);
        statements::commit(app, self.commit).await?;
        self.delivered.mark_saved(app);
        Ok(())
    }

    /// A sequence that came before: the same commit once more, or one that a later one includes.
    async fn repeated(self, app: &App) -> Result<Receipt, Error> {
        let session_state = self.state_of_load(self.playing.as_ref());
        let stored = self.find_stored(app).await?;
        let IncomingCommit { session, sent, body, delivered, parting, .. } = self;
        if parting {
            let commit = Commit { writes: vec![session.clone().replace()?], ..Commit::default() };
            app.store.commit(&app.provider, commit).await?;
        }
        delivered.save(app).await?;
        let (session, sequence) = (session.document, sent.sequence);
        let Some(stored) = stored else {
            return match session.registration {
                // A preview keeps no commits: its state is all there is.
                None if sequence == session.visit.sequence => {
                    Ok(receipt(sequence, SessionState::Open, false, "", Vec::new()))
                }
                _ => Err(Error::Overtaken { sequence, last: session.visit.sequence }),
            };
        };
        if stored.sha256 != Sha256::of(body) {
            return Err(Error::SequenceUsed(sequence));
        }
        if stored.fate == Fate::AfterEnd {
            return Err(Error::Ended);
        }
        let status = match session.registration {
            Some(registration) => {
                sessions::state(app, registration, &session.item).await?.map(|sco| sco.document.state.status)
            }
            None => None,
        };
        let status = status.unwrap_or_default().lesson_status();
        let applied = stored.fate == Fate::Applied;
        Ok(receipt(sequence, session_state, applied, status, stored.objections))
    }

    /// Keeps the commit as evidence and leaves everything else as it is: it neither counts nor keeps the session open.
    async fn put_aside(mut self, app: &App, fate: Fate) -> Result<Receipt, Error> {
        if fate != Fate::Replaced {
            self.session.document.visit.sequence = self.sent.sequence;
            self.session.document.spoke = self.load;
        }
        let stored = self.stored(fate, Vec::new());
        self.commit.writes.push(stored.insert()?);
        let sequence = self.sent.sequence;
        self.finish(app).await?;
        let session_state = match fate {
            Fate::Superseded => SessionState::Superseded,
            Fate::Replaced => SessionState::Replaced,
            Fate::Applied | Fate::AfterEnd | Fate::NotForCredit => SessionState::Ended,
        };
        Ok(receipt(sequence, session_state, false, "", Vec::new()))
    }

    fn state_of_load(&self, playing: Option<&TrackedPlay>) -> SessionState {
        sessions::state_of_load(&self.session.document, self.load, playing.map(|playing| &playing.play))
    }

    /// Evaluates the commit for the objections that it would raise, in a preview or a review.
    async fn try_out(mut self, app: &App) -> Result<Receipt, Error> {
        let package = sessions::package(app, &self.session.document).await?;
        let unit = sessions::unit(&package, &self.session.document.item)?;
        let visit = self.session.document.visit.clone();
        let so_far = self.session.document.trial.take().unwrap_or_default();
        let done = unit.evaluate(so_far, visit, &self.sent, self.now);
        let is_preview = self.session.document.registration.is_none();
        let observations =
            done.visit.observations.iter().filter(|_| is_preview).map(|seen| ObservationNotice::of(*seen)).collect();
        self.session.document.visit = done.visit;
        self.session.document.spoke = self.load;
        let session_state = self.after();
        self.begin_again(None);
        if self.session.document.registration.is_some() {
            let stored = self.stored(Fate::NotForCredit, done.objections.clone());
            self.commit.writes.push(stored.insert()?);
        }
        let (sequence, status) = (self.sent.sequence, done.state.status.lesson_status());
        self.session.document.trial = Some(done.state);
        self.finish(app).await?;
        let receipt = receipt(sequence, session_state, false, status, done.objections);
        Ok(Receipt { observations, ..receipt })
    }

    /// The state of the session for the page that sent this commit, once it is applied.
    fn after(&self) -> SessionState {
        let session = &self.session.document;
        match session.visit.phase {
            _ if self.load < session.started => SessionState::Replaced,
            Phase::Ended => SessionState::Ended,
            Phase::Opened | Phase::Running | Phase::Suspended => SessionState::Open,
        }
    }

    /// A page that was replaced ends its own visit, and not the one that its successor has started.
    fn begin_again(&mut self, state: Option<&ScoState>) {
        let session = &mut self.session.document;
        if self.load < session.started && session.visit.phase == Phase::Ended {
            session.visit = visits::renewed(session, state, self.now);
        }
    }

    /// Applies the commit: state, statements and the due decision in one commit of the store.
    async fn apply(mut self, app: &App, mut playing: TrackedPlay) -> Result<Receipt, Error> {
        let registration = playing.play.registration;
        let pinned = sessions::pinned(app, registration).await?;
        let package = sessions::package(app, &self.session.document).await?;
        let item = sessions::item(&package, &self.session.document.item)?;
        let unit = sessions::unit(&package, item.id)?;
        let before = sessions::state(app, registration, item.id).await?;
        let old = before.as_ref().map(|sco| sco.document.state.clone()).unwrap_or_default();
        let visit = self.session.document.visit.clone();
        let done = unit.evaluate(old, visit, &self.sent, self.now);
        self.session.document.visit = done.visit.clone();
        self.session.document.spoke = self.load;

        let stored = self.stored(Fate::Applied, done.objections.clone());
        self.commit.writes.push(stored.insert()?);
        let about = sessions::about(app, &pinned, &self.session.document, item, self.now);
        let mut statements = unit.write(&about, &done.state, &done.visit, &done.happenings);
        statements.extend(visits::advance(&mut playing, &pinned, &unit, &about, &done.state));
        self.commit.writes.extend(playing.write()?);
        visits::record(app, statements, registration, &mut self.commit, self.now)?;
        let Evaluation { state, objections, .. } = done;
        let status = state.status.lesson_status();
        let session_state = self.after();
        self.begin_again(Some(&state));
        self.commit.writes.push(match before {
            Some(mut sco) => {
                sco.document.state = state;
                sco.replace()?
            }
            None => Sco { registration, item: item.id.to_owned(), state }.insert()?,
        });
        visits::watch(&self.session.document, &mut self.commit, self.now);
        let sequence = self.sent.sequence;
        self.finish(app).await?;
        Ok(receipt(sequence, session_state, true, status, objections))
    }

    /// The record of this commit; the session's chain continues with it.
    fn stored(&mut self, fate: Fate, objections: Vec<Objection>) -> StoredCommit {
        let sha256 = Sha256::of(self.body);
        let session = &mut self.session.document;
        session.chain = Sha256::of([session.chain.0, sha256.0].concat());
        session.commits += 1;
        StoredCommit {
            session: session.id,
            load: self.load,
            place: session.commits,
            sequence: self.sent.sequence,
            received: self.now,
            body: self.body.to_owned(),
            sha256,
            chain: session.chain,
            fate,
            objections,
        }
    }
}

fn receipt(
    sequence: u64,
    session_state: SessionState,
    applied: bool,
    status: &'static str,
    objections: Vec<Objection>,
) -> Receipt {
    Receipt { result: true, sequence, session: session_state, applied, status, objections, observations: Vec::new() }
}

/// Suspends sessions that have fallen silent, until requested to stop.
pub async fn suspend_silent(app: App, mut stop: Stop) {
    const PAUSE: Duration = Duration::from_secs(5);
    while !stop.is_requested() {
        if let Err(error) = suspend_due(&app).await {
            tracing::warn!(%error, "silent sessions could not be suspended; retrying");
        }
        tokio::select! {
            () = stop.requested() => {}
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// Suspends the sessions that have been silent for too long by now; returns how many were checked.
pub async fn suspend_due(app: &App) -> Result<usize, Error> {
    const LEASE: SignedDuration = SignedDuration::from_secs(60);
    const AT_ONCE: usize = 100;
    let claims = app.store.claim(queues::claims(queues::SILENT_SESSION, app.clock.now(), LEASE, AT_ONCE)).await?;
    let count = claims.len();
    for claim in claims {
        match suspend_one(app, claim).await {
            // It sent something meanwhile, or another worker has it.
            Ok(()) | Err(Error::Store(StoreError::Stale { .. } | StoreError::Lapsed { .. })) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

async fn suspend_one(app: &App, claim: Claim) -> Result<(), Error> {
    let now = app.clock.now();
    let session = sessions::by_id(app, &claim.key).await?;
    let mut commit = Commit { done: vec![claim], ..Commit::default() };
    if let Some((session, registration)) = session.and_then(|kept| kept.document.registration.map(|r| (kept, r))) {
        let pinned = sessions::pinned(app, registration).await?;
        let mut playing = visits::played(app, registration).await?;
        visits::suspend(app, &pinned, playing.as_mut(), session, &mut commit, now).await?;
        commit.writes.extend(playing.map(TrackedPlay::write).transpose()?.flatten());
    }
    statements::commit(app, commit).await?;
    Ok(())
}
