//! What the player says while it plays: commits and heartbeats, each stored before it is acknowledged.

use crate::service::playing::deliveries::{self, Delivered};
use crate::service::playing::sessions::{self, Enrolled, Fate, Play, Sco, Session, Standing, StoredCommit};
use crate::service::playing::visits::{self, Entered, Playing, Race, unless_raced};
use crate::service::records::statements;
use crate::service::{App, Stop, queues};
use base::hash::Sha256;
use jiff::{SignedDuration, Timestamp};
use runtime::{Commit as Said, CommitError, Evaluation, ItemProgress, Mode, Objection, Phase, ScoState, write_course};
use serde::Serialize;
use std::time::Duration;
use store::{Claim, Commit, Document as _, Records as _, StoreError, StoredDocument};

/// The largest commit, in bytes: the largest `suspend_data` in its longest spelling, and a few hundred interactions.
pub const LARGEST: usize = 1 << 20;

/// What the player is told about a commit that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Always true: a commit that is not taken is a refusal.
    pub result: bool,
    pub sequence: u64,
    pub session: Standing,
    /// Whether it counts: not in a preview, and not when a newer launch has taken over.
    pub applied: bool,
    /// The `cmi.core.lesson_status` that the server has decided.
    pub status: &'static str,
    /// What was not taken as said.
    pub objections: Vec<Objection>,
}

/// Why a commit or a heartbeat was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Commit(#[from] CommitError),
    #[error("commit {sequence} comes after commit {last}, which has taken it in; nothing is missing")]
    Overtaken { sequence: u64, last: u64 },
    #[error("commit {0} was stored before with other content; number each commit once, and count upwards")]
    SequenceUsed(u64),
    #[error("this session has ended; what came after is kept but not counted: open the item again to go on")]
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
            Self::Store(error) | Self::Session(sessions::Error::Store(error)) => error.is_race(),
            Self::Visit(error) => error.is_race(),
            _ => false,
        }
    }
}

/// Takes the body of a commit, durably, in one commit of the store. Sending the same again returns the same and does nothing.
pub async fn commit(app: &App, token: &str, body: &[u8]) -> Result<Receipt, Error> {
    let said = Said::read(body)?;
    let body = std::str::from_utf8(body).map_err(|error| CommitError::Json(error.to_string()))?;
    unless_raced(async || {
        let now = app.clock.now();
        let Entered { session, playing, commit } = visits::enter(app, sessions::heard(app, token).await?, now).await?;
        let delivered = deliveries::waiting(app, session.document.id).await?;
        Received { session, playing, commit, delivered, said: said.clone(), body, now }.take(app).await
    })
    .await
}

/// Counts seat time and keeps the session open.
pub async fn heartbeat(app: &App, token: &str, attended: u64) -> Result<Standing, Error> {
    unless_raced(async || {
        let now = app.clock.now();
        let mut entered = visits::enter(app, sessions::heard(app, token).await?, now).await?;
        let delivered = deliveries::waiting(app, entered.session.document.id).await?;
        let session = &mut entered.session.document;
        let standing = sessions::standing(session, entered.playing.as_ref().map(|playing| &playing.play));
        let mut commit = if standing == Standing::Open {
            session.heard = now;
            session.visit.attend(attended, now);
            visits::watch(session, &mut entered.commit, now);
            entered.into_commit()?
        } else {
            Commit::default()
        };
        commit.writes.extend(delivered.write()?);
        if !commit.writes.is_empty() {
            visits::commit(app, commit).await?;
            delivered.is_kept(app);
        }
        Ok(standing)
    })
    .await
}

/// Whether the content of the session that counts has not said anything yet.
async fn has_not_begun(app: &App, play: &Play) -> Result<bool, StoreError> {
    let live = sessions::by_id(app, &play.live.to_string()).await?;
    Ok(live.is_some_and(|live| live.document.visit.phase == Phase::Opened))
}

struct Received<'a> {
    session: StoredDocument<Session>,
    /// What its registration plays.
    playing: Option<Playing>,
    /// What is already to be committed, because it was heard of for the first time.
    commit: Commit,
    delivered: Delivered,
    said: Said,
    body: &'a str,
    now: Timestamp,
}

impl Received<'_> {
    async fn take(mut self, app: &App) -> Result<Receipt, Error> {
        if self.said.sequence <= self.session.document.visit.sequence {
            return self.repeated(app).await;
        }
        self.session.document.heard = self.now;
        let playing = self.playing.take();
        let standing = self.standing(playing.as_ref());
        match (standing, self.session.document.mode, playing) {
            (Standing::Superseded, _, Some(playing)) if has_not_begun(app, &playing.play).await? => {
                // Last words of a page that made way for the one which has now been opened and holds nothing yet.
                self.said.left = true;
                Ok(Receipt { session: Standing::Superseded, ..self.apply(app, playing).await? })
            }
            (Standing::Superseded, ..) => self.put_aside(app, Fate::Superseded).await,
            (Standing::Ended, ..) => {
                self.put_aside(app, Fate::AfterEnd).await?;
                Err(Error::Ended)
            }
            (Standing::Open, Mode::Normal, Some(playing)) => self.apply(app, playing).await,
            (Standing::Open, ..) => self.try_out(app).await,
        }
    }

    fn standing(&self, playing: Option<&Playing>) -> Standing {
        sessions::standing(&self.session.document, playing.map(|playing| &playing.play))
    }

    /// Makes the commit, with the session as it is now and the files that it was given.
    async fn finish(mut self, app: &App) -> Result<Session, StoreError> {
        self.commit.writes.push(self.session.replace()?);
        self.commit.writes.extend(self.delivered.write()?);
        visits::commit(app, self.commit).await?;
        self.delivered.is_kept(app);
        Ok(self.session.document)
    }

    /// A sequence that was there before: the same commit once more, or one that a later one has taken in.
    async fn repeated(self, app: &App) -> Result<Receipt, Error> {
        let standing = self.standing(self.playing.as_ref());
        let Received { session, said, body, delivered, .. } = self;
        delivered.keep(app).await?;
        let (session, sequence) = (session.document, said.sequence);
        let key = StoredCommit::key_of(session.id, sequence);
        let Some(stored) = app.store.get::<StoredCommit>(&app.provider, &key).await? else {
            return match session.registration {
                // A preview keeps no commits: its state is all there is.
                None if sequence == session.visit.sequence => {
                    Ok(receipt(&session, Standing::Open, false, "", Vec::new()))
                }
                _ => Err(Error::Overtaken { sequence, last: session.visit.sequence }),
            };
        };
        let stored = stored.document;
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
        Ok(Receipt { sequence, ..receipt(&session, standing, applied, status, stored.objections) })
    }

    /// Keeps the commit as evidence and leaves everything else as it is.
    async fn put_aside(mut self, app: &App, fate: Fate) -> Result<Receipt, Error> {
        self.session.document.visit.sequence = self.said.sequence;
        let stored = self.stored(fate, Vec::new());
        self.commit.writes.push(stored.insert()?);
        let session = self.finish(app).await?;
        let standing = if fate == Fate::Superseded { Standing::Superseded } else { Standing::Ended };
        Ok(receipt(&session, standing, false, "", Vec::new()))
    }

    /// Evaluates the commit for the objections that it would meet, in a preview or a review.
    async fn try_out(mut self, app: &App) -> Result<Receipt, Error> {
        let package = sessions::package(app, &self.session.document).await?;
        let unit = sessions::unit(&package, &self.session.document.item)?;
        let visit = self.session.document.visit.clone();
        let done = unit.evaluate(ScoState::default(), visit, &self.said, self.now);
        let ended = done.visit.phase == Phase::Ended;
        self.session.document.visit = done.visit;
        if self.session.document.registration.is_some() {
            let stored = self.stored(Fate::NotForCredit, done.objections.clone());
            self.commit.writes.push(stored.insert()?);
        }
        let session = self.finish(app).await?;
        let standing = if ended { Standing::Ended } else { Standing::Open };
        Ok(receipt(&session, standing, false, done.state.status.lesson_status(), done.objections))
    }

    /// Applies the commit: state, statements and the due decision in one commit of the store.
    async fn apply(mut self, app: &App, mut playing: Playing) -> Result<Receipt, Error> {
        let registration = playing.play.registration;
        let enrolled = sessions::enrolled(app, registration).await?;
        let package = sessions::package(app, &self.session.document).await?;
        let item = sessions::item(&package, &self.session.document.item)?;
        let unit = sessions::unit(&package, item.id)?;
        let before = sessions::state(app, registration, item.id).await?;
        let old = before.as_ref().map(|sco| sco.document.state.clone()).unwrap_or_default();
        let visit = self.session.document.visit.clone();
        let done = unit.evaluate(old, visit, &self.said, self.now);
        self.session.document.visit = done.visit.clone();

        let stored = self.stored(Fate::Applied, done.objections.clone());
        self.commit.writes.push(stored.insert()?);
        let about = sessions::about(app, &enrolled, &self.session.document, item, self.now);
        let mut statements = unit.write(&about, &done.state, &done.visit, &done.happenings);
        let part =
            ItemProgress { status: done.state.status, score: done.state.best.clone(), time: done.state.total_time() };
        if playing.play.parts.get(item.id) != Some(&part) {
            let play = playing.change();
            play.parts.insert(item.id.to_owned(), part);
            let course = unit.roll_up(&required(&enrolled, play));
            statements.extend(write_course(&about, play.course, &course));
            play.course = play.course.best(course.status);
        }
        self.commit.writes.extend(playing.write()?);
        visits::record(app, statements, registration, &mut self.commit, self.now)?;
        let Evaluation { state, objections, .. } = done;
        let status = state.status.lesson_status();
        self.commit.writes.push(match before {
            Some(mut sco) => {
                sco.document.state = state;
                sco.replace()?
            }
            None => Sco { registration, item: item.id.to_owned(), state }.insert()?,
        });
        visits::watch(&self.session.document, &mut self.commit, self.now);
        let session = self.finish(app).await?;
        let standing = if session.visit.phase == Phase::Ended { Standing::Ended } else { Standing::Open };
        Ok(receipt(&session, standing, true, status, objections))
    }

    /// The record of this commit; the session's chain goes on with it.
    fn stored(&mut self, fate: Fate, objections: Vec<Objection>) -> StoredCommit {
        let sha256 = Sha256::of(self.body);
        let session = &mut self.session.document;
        session.chain = Sha256::of([session.chain.0, sha256.0].concat());
        StoredCommit {
            session: session.id,
            sequence: self.said.sequence,
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
    session: &Session,
    standing: Standing,
    applied: bool,
    status: &'static str,
    objections: Vec<Objection>,
) -> Receipt {
    Receipt { result: true, sequence: session.visit.sequence, session: standing, applied, status, objections }
}

/// What the items that must be completed have come to.
fn required(enrolled: &Enrolled, play: &Play) -> Vec<ItemProgress> {
    let items = enrolled.version.required_items.iter();
    items.map(|item| play.parts.get(item).cloned().unwrap_or_default()).collect()
}

/// Suspends sessions from which nothing is heard any more, until asked to stop.
pub async fn suspend_silent(app: App, mut stop: Stop) {
    const PAUSE: Duration = Duration::from_secs(5);
    while !stop.is_requested() {
        if let Err(error) = suspend_due(&app).await {
            tracing::warn!(%error, "silent sessions could not be suspended; trying again");
        }
        tokio::select! {
            () = stop.requested() => {}
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// Suspends the sessions that have been silent for too long by now; answers how many were looked at.
pub async fn suspend_due(app: &App) -> Result<usize, Error> {
    const LEASE: SignedDuration = SignedDuration::from_secs(60);
    const AT_ONCE: usize = 100;
    let claims = app.store.claim(queues::SILENT_SESSION, app.clock.now(), LEASE, AT_ONCE).await?;
    let count = claims.len();
    for claim in claims {
        match suspend_one(app, claim).await {
            // It was heard of meanwhile, or another worker has it.
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
        let enrolled = sessions::enrolled(app, registration).await?;
        visits::suspend(app, &enrolled, session, &mut commit, now).await?;
    }
    visits::commit(app, commit).await?;
    Ok(())
}
