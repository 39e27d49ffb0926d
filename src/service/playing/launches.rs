//! Launching: from a registration, or a package to preview, to a URL on the content origin that plays one item.

use crate::service::catalogue::packages;
use crate::service::people::accounts;
use crate::service::playing::sessions::{self, Enrolled, Error, Play, Sco, Session, SessionId, Standing};
use crate::service::records::statements;
use crate::service::upkeep::expiry;
use crate::service::{Account, App, PackageVersion, PackageVersionId, RegistrationId};
use base::hash::Sha256;
use base::ids;
use content::Entry as Item;
use jiff::{SignedDuration, Timestamp};
use runtime::{Completion, Entry, Mode, Opening, Phase, ScoState, Status, Visit, time_out};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Commit, Document as _, Due, Kept, Records as _, StoreError};

/// A launch: the URL is a secret that carries the registration's rights to play.
#[derive(Debug, Clone, Serialize)]
pub struct Launched {
    pub url: String,
    pub session: SessionId,
}

/// How long the browser may be silent before its session is suspended.
pub(in crate::service) const SILENCE: SignedDuration = SignedDuration::from_mins(10);

/// The queue of sessions to look at once they have been silent for that long.
pub const SILENT: &str = "silent-session";

/// Launches `item`, or else the first that is not complete. Nothing changes until its player is opened ([`enter`]).
pub async fn launch(
    app: &App,
    registration: RegistrationId,
    item: Option<&str>,
    mode: Mode,
    return_url: Option<&str>,
) -> Result<Launched, Error> {
    let return_url = return_url.map(web_address).transpose()?;
    let enrolled = sessions::enrolled(app, registration).await?;
    if accounts::get(app, enrolled.registration.learner).await?.is_none() {
        return Err(Error::Erased(registration));
    }
    let package = packages::get(app, enrolled.version.package).await?;
    let play = app.store.get::<Play>(&app.provider, &registration.to_string()).await?;
    let parts = play.map(|play| play.document.parts).unwrap_or_default();
    let reached = parts.into_iter().map(|(id, part)| (id, part.status.completion)).collect();
    let item = chosen(&package, item, &reached)?;
    let visit = Visit::new(ids::random(), Entry::AbInitio, app.clock.now());
    let (mut session, launched) = begin(app, &package, item, mode, visit);
    session.registration = Some(registration);
    session.entered = mode != Mode::Normal;
    session.return_url = return_url;
    app.store.commit(&app.provider, Commit { writes: vec![session.insert()?], ..Commit::default() }).await?;
    Ok(launched)
}

/// Launches a package for a designer to look at: nobody's, and nothing of it is recorded.
pub async fn preview(app: &App, package: PackageVersionId, item: Option<&str>) -> Result<Launched, Error> {
    let now = app.clock.now();
    let package = packages::get(app, package).await?;
    let item = chosen(&package, item, &BTreeMap::new())?;
    let visit = Visit::new(ids::random(), Entry::AbInitio, now);
    let (session, launched) = begin(app, &package, item, Mode::Browse, visit);
    expiry::sweep::<Session>(app, now).await?;
    app.store.commit(&app.provider, Commit { writes: vec![session.insert()?], ..Commit::default() }).await?;
    Ok(launched)
}

/// Launches another item of what `session` plays, with the same rights and the same way back.
pub async fn turn_to(app: &App, session: &Session, item: &str) -> Result<Launched, Error> {
    match session.registration {
        Some(registration) => {
            let back = session.return_url.as_deref();
            launch(app, registration, Some(item), session.mode, back).await
        }
        None => preview(app, session.package, Some(item)).await,
    }
}

/// Makes a session the one that counts, once its player is first heard of: one that runs elsewhere is suspended.
///
/// Not at the launch, for two reasons: a launch may never be opened; and a browser that loads a page anew asks for the new
/// one before it ends the old one, whose last words must still count.
pub(in crate::service) async fn enter(app: &App, mut session: Kept<Session>) -> Result<Kept<Session>, Error> {
    let (false, Some(registration)) = (session.document.entered, session.document.registration) else {
        return Ok(session);
    };
    let now = app.clock.now();
    let id = session.document.id;
    let mut commit = Commit::default();
    match app.store.get::<Play>(&app.provider, &registration.to_string()).await? {
        None => {
            let play = Play { registration, live: id, parts: BTreeMap::new(), course: Status::default() };
            commit.writes.push(play.insert()?);
        }
        Some(mut play) => {
            if let Some(older) = sessions::by_id(app, &play.document.live.to_string()).await? {
                let enrolled = sessions::enrolled(app, registration).await?;
                suspend(app, &enrolled, older, &mut commit, now).await?;
            }
            play.document.live = id;
            commit.writes.push(play.replace()?);
        }
    }
    let sco = state(app, registration, &session.document.item).await?;
    let entry = sco.map_or(Entry::AbInitio, |sco| sco.document.state.entry());
    session.document.visit = Visit::new(id.0, entry, now);
    session.document.heard = now;
    session.document.entered = true;
    commit.writes.push(session.replace()?);
    commit.due.push(silent_at(id, now));
    statements::commit(app, commit).await?;
    Ok(Kept { version: session.version.saturating_add(1), document: session.document })
}

/// Adds to `commit` what suspends a running session, and the statement that says so.
pub(in crate::service) async fn suspend(
    app: &App,
    enrolled: &Enrolled,
    mut session: Kept<Session>,
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
    let sco = state(app, enrolled.registration.id, item.id).await?;
    let state = sco.map_or_else(ScoState::default, |sco| sco.document.state);
    let about = sessions::about(app, enrolled, session, item, now);
    record(app, unit.write(&about, &state, &session.visit, &[happening]), enrolled.registration.id, commit, now)
}

/// Adds statements, and the decision that follows from them, to `commit`.
pub(in crate::service) fn record(
    app: &App,
    statements: Vec<Value>,
    registration: RegistrationId,
    commit: &mut Commit,
    now: Timestamp,
) -> Result<(), Error> {
    if !statements.is_empty() {
        commit.statements.extend(statements::author(app, statements)?);
        commit.due.push(Due { queue: "decide", key: registration.to_string(), at: now });
    }
    Ok(())
}

/// When this session is to be looked at, if nothing is heard of it.
pub(in crate::service) fn silent_at(session: SessionId, now: Timestamp) -> Due {
    Due { queue: SILENT, key: session.to_string(), at: now.saturating_add(SILENCE).unwrap_or(now) }
}

/// One registration's way through one item, if it has begun.
pub(in crate::service) async fn state(
    app: &App,
    registration: RegistrationId,
    item: &str,
) -> Result<Option<Kept<Sco>>, StoreError> {
    app.store.get::<Sco>(&app.provider, &Sco::key_of(registration, item)).await
}

/// Repeats what another request has overtaken.
pub(in crate::service) async fn unless_raced<T>(
    mut attempt: impl AsyncFnMut() -> Result<T, Error>,
) -> Result<T, Error> {
    const ATTEMPTS: usize = 8;
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(Error::Store(StoreError::Stale { .. })) => {}
            settled => return settled,
        }
    }
    attempt().await
}

fn begin(app: &App, package: &PackageVersion, item: Item<'_>, mode: Mode, visit: Visit) -> (Session, Launched) {
    let token = ids::secret();
    let id = SessionId(visit.id);
    let session = Session {
        id,
        token: Sha256::of(&token),
        registration: None,
        package: package.id,
        item: item.id.to_owned(),
        mode,
        return_url: None,
        entered: true,
        heard: visit.opened,
        visit,
        chain: Session::chain_start(id),
    };
    (session, Launched { url: format!("{}/l/{token}/player", app.config.content_url), session: id })
}

fn chosen<'a>(
    package: &'a PackageVersion,
    wanted: Option<&str>,
    reached: &BTreeMap<String, Completion>,
) -> Result<Item<'a>, Error> {
    if let Some(wanted) = wanted {
        return sessions::item(package, wanted);
    }
    let waits = |item: &Item<'_>| reached.get(item.id) != Some(&Completion::Completed);
    let first = package.package.launchable().find(waits).or_else(|| package.package.launchable().next());
    first.ok_or_else(|| Error::NoItem(String::new()))
}

fn web_address(text: &str) -> Result<String, Error> {
    let plain = !text.chars().any(|c| c.is_control() || c.is_whitespace());
    let web = text.starts_with("https://") || text.starts_with("http://");
    if web && plain { Ok(text.to_owned()) } else { Err(Error::ReturnUrl(text.to_owned())) }
}

/// What the player needs to show a session.
#[derive(Debug, Clone)]
pub struct Shown {
    pub session: Session,
    pub package: Arc<PackageVersion>,
    pub standing: Standing,
    /// The item's title.
    pub title: String,
    pub launch: content::Launch,
    /// What content finds when it starts.
    pub values: BTreeMap<String, String>,
    /// What each item that was opened has come to.
    pub reached: BTreeMap<String, Status>,
}

/// Opens the player of the session that this token opens, and answers what it shows.
pub async fn show(app: &App, token: &str) -> Result<Shown, Error> {
    let session = unless_raced(async || enter(app, sessions::open(app, token).await?).await).await?.document;
    let package = sessions::package(app, &session).await?;
    let item = sessions::item(&package, &session.item)?;
    let launch = item.launch.cloned().ok_or_else(|| Error::NoItem(item.id.to_owned()))?;
    let (play, sco, learner) = match session.registration {
        Some(registration) => {
            let enrolled = sessions::enrolled(app, registration).await?;
            let learner = enrolled.registration.learner.to_string();
            let learner = app.store.get::<Account>(&app.provider, &learner).await?;
            let play = app.store.get::<Play>(&app.provider, &registration.to_string()).await?;
            (play, state(app, registration, item.id).await?, learner)
        }
        None => (None, None, None),
    };
    let play = play.map(|play| play.document);
    let state = sco.map_or_else(ScoState::default, |sco| sco.document.state);
    let opening = opening(session.mode, learner.map(|kept| kept.document));
    let values = sessions::unit(&package, item.id)?.prefill(&opening, &state, &session.visit);
    let standing = sessions::standing(&session, play.as_ref());
    let parts = play.map(|play| play.parts).unwrap_or_default();
    let reached = parts.into_iter().map(|(id, part)| (id, part.status)).collect();
    let title = item.title.to_owned();
    Ok(Shown { session, package, standing, title, launch, values, reached })
}

fn opening(mode: Mode, learner: Option<Account>) -> Opening {
    let (learner_id, learner_name) = match learner {
        Some(account) => (account.id.to_string(), account.name),
        None => ("preview".to_owned(), "Preview".to_owned()),
    };
    Opening { learner_id, learner_name, mode }
}

/// Whether the learner is still in the content, for the app's own page around the player.
pub fn is_running(session: &Session) -> bool {
    session.visit.phase == Phase::Running
}
