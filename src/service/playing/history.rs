//! What is kept about play sessions, for anyone who has to explain one: every commit as it came, and what the server saw.

use crate::service::playing::sessions::{Session, SessionId, StoredCommit};
use crate::service::playing::{deliveries, sessions};
use crate::service::{App, RegistrationId};
use base::hash::Sha256;
use jiff::Timestamp;
use runtime::Phase;
use std::collections::BTreeMap;
use store::{Key, Order, Records as _, Span, StoreError};

/// The most sessions that are read at once.
const MOST: usize = 1_000;

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no play session has the id {0}; see the list of the registration's sessions")]
    UnknownSession(SessionId),
    #[error(transparent)]
    Session(#[from] sessions::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One session with all that came from it.
#[derive(Debug, Clone)]
pub struct History {
    pub session: Session,
    /// In their order.
    pub commits: Vec<StoredCommit>,
    /// Whether every commit hashes to what was chained when it came, and the last one to the chain of the session.
    pub intact: bool,
    /// The files that were delivered to it, with the first time that each was requested.
    pub files: BTreeMap<String, Timestamp>,
}

/// The sessions of a registration, the latest first.
pub async fn list(app: &App, registration: RegistrationId) -> Result<Vec<Session>, Error> {
    sessions::pinned(app, registration).await?;
    let prefix = Key::beginning(&[&registration]);
    let span = Span { order: Order::Newest, ..Span::beginning("registration", &prefix, MOST) };
    Ok(app.store.list::<Session>(&app.provider, span).await?.into_iter().map(|kept| kept.document).collect())
}

/// Whether the content of a registration was opened, and has never called its API in any session.
pub async fn never_reported(app: &App, registration: RegistrationId) -> Result<bool, Error> {
    let sessions = list(app, registration).await?;
    let opened = sessions.iter().any(|session| session.started > 0);
    Ok(opened && sessions.iter().all(|session| session.visit.phase == Phase::Opened))
}

/// One session, with everything that is kept about it.
pub async fn of(app: &App, id: SessionId) -> Result<History, Error> {
    let session = sessions::by_id(app, &id.to_string()).await?.ok_or(Error::UnknownSession(id))?.document;
    let span = Span::beginning("session", &Key::beginning(&[&id]), Span::ALL);
    let commits = app.store.list::<StoredCommit>(&app.provider, span).await?;
    let commits: Vec<_> = commits.into_iter().map(|kept| kept.document).collect();
    let intact = is_intact(&session, &commits);
    let files = deliveries::of(app, id).await?;
    Ok(History { session, commits, intact, files })
}

fn is_intact(session: &Session, commits: &[StoredCommit]) -> bool {
    let mut chain = Session::chain_start(session.id);
    for commit in commits {
        chain = Sha256::of([chain.0, Sha256::of(&commit.body).0].concat());
        if chain != commit.chain {
            return false;
        }
    }
    // A preview keeps no commits, and so has no chain to speak of.
    session.registration.is_none() || chain == session.chain
}
