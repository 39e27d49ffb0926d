//! Opening a launch in a browser: its ticket, a load of its player page, and the values that its content starts with.

use crate::service::catalogue::packages;
use crate::service::people::accounts;
use crate::service::playing::content_key::content_key;
use crate::service::playing::sessions::{self, LoadedSession, Play, Session, SessionState};
use crate::service::playing::visits::{self, Race, unless_raced};
use crate::service::records::statements;
use crate::service::{Account, App, PackageVersion, queues};
use base::hash::Sha256;
use jiff::SignedDuration;
use runtime::{Mode, Opening, Phase, Status};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::{Commit, Records as _, StoreError};
use tokio::time::{Instant, sleep};

/// How long the values wait for the last commit of the page that is going away.
const WAIT_LONGEST: Duration = Duration::from_secs(1);
/// How long they wait once that page has said that it goes: content is taken away after it, and may still say something.
const WAIT_AFTER: Duration = Duration::from_millis(600);
/// The time between two looks.
const WAIT_STEP: Duration = Duration::from_millis(30);

/// Why nothing was opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Session(#[from] sessions::Error),
    #[error(transparent)]
    Visit(#[from] visits::Error),
    #[error(transparent)]
    Statements(#[from] statements::Error),
    #[error(transparent)]
    Package(#[from] packages::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Race for Error {
    fn is_race(&self) -> bool {
        match self {
            Self::Store(error) => error.is_race(),
            Self::Session(error) => error.is_race(),
            Self::Visit(error) => error.is_race(),
            Self::Statements(_) | Self::Package(_) => false,
        }
    }
}

/// What a valid ticket gives to the browser that shows it.
#[derive(Debug, Clone)]
pub struct Entry {
    pub session: Session,
    /// The value of the cookie that opens the player page.
    pub cookie: String,
    /// The content origin of the session.
    pub origin: String,
    /// How long the launch still lives.
    pub left: SignedDuration,
}

/// Looks at a ticket, and changes nothing. A browser that has the cookie of the session already may show the ticket of a visit
/// that has ended: a portal that frames the player shows it again whenever its own page is loaded again.
pub async fn entry(app: &App, ticket: &str, cookie: Option<&str>) -> Result<Entry, Error> {
    let session = match (sessions::open(app, ticket).await, cookie) {
        (Err(sessions::Error::Ended), Some(cookie)) => {
            let known = sessions::by_cookie(app, cookie).await;
            let same = known.ok().filter(|known| known.document.token == Sha256::of(ticket));
            same.ok_or(sessions::Error::Ended)?.document
        }
        (opened, _) => opened?.document,
    };
    let cookie = content_key(app).await?.cookie(session.id, session.token);
    let origin = sessions::origin(app, &session).await?;
    let left = app.config.play.life() - app.clock.now().duration_since(session.born());
    Ok(Entry { session, cookie, origin, left })
}

/// What the player page shows.
#[derive(Debug, Clone)]
pub struct PlayerView {
    pub session: Session,
    pub package: Arc<PackageVersion>,
    pub session_state: SessionState,
    /// The item's title.
    pub title: String,
    pub launch: content::Launch,
    /// The key of this load of the page.
    pub key: String,
    /// The part of an address that opens the package's files.
    pub files: String,
    /// The content origin of the session.
    pub origin: String,
    /// The status of each item that was opened.
    pub reached: BTreeMap<String, Status>,
}

/// Opens a load of the player page that this cookie opens, and returns what it shows.
pub async fn show(app: &App, cookie: &str) -> Result<PlayerView, Error> {
    let (session, play) = unless_raced(async || open_load(app, cookie).await).await?;
    let package = sessions::package(app, &session).await?;
    let item = sessions::item(&package, &session.item)?;
    let launch = item.launch.cloned().ok_or_else(|| sessions::Error::NoItem(item.id.to_owned()))?;
    let session_state = sessions::state_of(&session, play.as_ref());
    let parts = play.map(|play| play.parts).unwrap_or_default();
    let reached = parts.into_iter().map(|(id, part)| (id, part.status)).collect();
    let title = item.title.to_owned();
    let secret = content_key(app).await?;
    let key = secret.load_key(session.id, session.token, session.load);
    let files = secret.files(session.subject(), session.package).to_string();
    let origin = sessions::origin(app, &session).await?;
    Ok(PlayerView { session, package, session_state, title, launch, key, files, origin, reached })
}

/// The session of this cookie, entered, with one more load, and what its registration plays.
async fn open_load(app: &App, cookie: &str) -> Result<(Session, Option<Play>), Error> {
    let mut entered = visits::enter(app, sessions::by_cookie(app, cookie).await?, app.clock.now()).await?;
    entered.session.document.load += 1;
    let session = entered.session.document.clone();
    let play = entered.playing.as_ref().map(|playing| playing.play.clone());
    statements::commit(app, entered.into_commit()?).await?;
    Ok((session, play))
}

/// What content starts with.
#[derive(Debug, Clone, Serialize)]
pub struct StartValues {
    pub session: SessionState,
    /// The number of the last commit of this load that the server has.
    pub sequence: u64,
    /// By full element names; empty if this load may not start.
    pub values: BTreeMap<String, String>,
}

/// The values for the load with this key, once the last commit of the load before it is in.
pub async fn values(app: &App, key: &str) -> Result<StartValues, Error> {
    wait_for_last_words(app, key).await?;
    unless_raced(async || start(app, key).await).await
}

/// Waits until the page before has said its last words, at most for a second: a browser asks for the new page before it
/// takes the old one away.
async fn wait_for_last_words(app: &App, key: &str) -> Result<(), Error> {
    let mut until = Instant::now() + WAIT_LONGEST;
    let mut parted = false;
    loop {
        let LoadedSession { session, load } = sessions::by_load_key(app, key).await?;
        let session = session.document;
        let before = (1..load).contains(&session.started) && session.visit.phase != Phase::Ended;
        if !before || Instant::now() >= until {
            return Ok(());
        }
        if session.parted >= session.started && !parted {
            parted = true;
            until = until.min(Instant::now() + WAIT_AFTER);
        }
        sleep(WAIT_STEP).await;
    }
}

async fn start(app: &App, key: &str) -> Result<StartValues, Error> {
    let LoadedSession { mut session, load } = sessions::by_load_key(app, key).await?;
    let now = app.clock.now();
    let play = match session.document.registration {
        Some(registration) => app.store.get::<Play>(&app.provider, &registration.to_string()).await?,
        None => None,
    };
    let mut session_state = sessions::state_of(&session.document, play.as_ref().map(|play| &play.document));
    if load < session.document.load {
        session_state = SessionState::Replaced;
    }
    if matches!(session_state, SessionState::Superseded | SessionState::Replaced) {
        return Ok(StartValues { session: session_state, sequence: 0, values: BTreeMap::new() });
    }
    let package = sessions::package(app, &session.document).await?;
    let unit = sessions::unit(&package, &session.document.item)?;
    let (sco, learner) = match session.document.registration {
        Some(registration) => {
            let pinned = sessions::pinned(app, registration).await?;
            let learner = accounts::get(app, pinned.registration.learner).await?;
            (sessions::state(app, registration, &session.document.item).await?, learner)
        }
        None => (None, None),
    };
    let state = sco.map(|sco| sco.document.state);
    if session.document.started < load {
        let mut commit = Commit::default();
        if session.document.visit.phase == Phase::Ended {
            // The page was loaded again after its content had finished: a new visit of the same item.
            session.document.visit = visits::renewed(&session.document, state.as_ref(), now);
            if session.document.mode == Mode::Normal {
                commit.due.push(queues::silent_session(session.document.id, now));
            }
        } else if session.document.started > 0 {
            session.document.visit.load_again();
        }
        session.document.started = load;
        session.document.heard = now;
        commit.writes.push(session.clone().replace()?);
        statements::commit(app, commit).await?;
    }
    let session = session.document;
    let opening = opening(session.mode, learner);
    let values = unit.prefill(&opening, &state.unwrap_or_default(), &session.visit);
    let sequence = if session.spoke == load { session.visit.sequence } else { 0 };
    Ok(StartValues { session: SessionState::Open, sequence, values })
}

fn opening(mode: Mode, learner: Option<Account>) -> Opening {
    let (learner_id, learner_name) = match learner {
        Some(account) => (account.id.to_string(), account.family_name_first()),
        None => ("preview".to_owned(), "Preview".to_owned()),
    };
    Opening { learner_id, learner_name, mode }
}
