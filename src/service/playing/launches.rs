//! Launching: from a registration, or a package to preview, to a URL on the content origin that plays one item.

use crate::service::catalogue::packages;
use crate::service::expiry;
use crate::service::people::accounts;
use crate::service::playing::sessions::{self, Play, Session, SessionId, SessionState};
use crate::service::playing::visits::{self, Race, unless_raced};
use crate::service::records::statements;
use crate::service::{Account, App, PackageVersion, PackageVersionId, RegistrationId};
use base::hash::Sha256;
use base::ids;
use content::OutlineEntry as Item;
use runtime::{Completion, EntryMode, Mode, Opening, ScoState, Status, Visit};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Commit, Document as _, Records as _, StoreError};

/// A launch: the URL is a secret that carries the registration's rights to play.
#[derive(Debug, Clone, Serialize)]
pub struct LaunchLink {
    pub url: String,
    pub session: SessionId,
}

/// Why nothing was launched or shown.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "the learner of registration {0} was erased, and nothing more is recorded for it; register the learner again"
    )]
    Erased(RegistrationId),
    #[error("{0:?} is not a web address; give a return_url that begins with https:// or http://")]
    ReturnUrl(String),
    #[error(transparent)]
    Session(#[from] sessions::Error),
    #[error(transparent)]
    Visit(#[from] visits::Error),
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
            _ => false,
        }
    }
}

/// Launches `item`, or else the first that is not complete. Nothing changes until its player is opened.
pub async fn launch(
    app: &App,
    registration: RegistrationId,
    item: Option<&str>,
    mode: Mode,
    return_url: Option<&str>,
) -> Result<LaunchLink, Error> {
    let return_url = return_url.map(web_address).transpose()?;
    let pinned = sessions::pinned(app, registration).await?;
    if accounts::get(app, pinned.registration.learner).await?.is_none() {
        return Err(Error::Erased(registration));
    }
    let package = packages::get(app, pinned.version.package).await?;
    let play = app.store.get::<Play>(&app.provider, &registration.to_string()).await?;
    let parts = play.map(|play| play.document.parts).unwrap_or_default();
    let reached = parts.into_iter().map(|(id, part)| (id, part.status.completion)).collect();
    let item = choose_item(&package, item, &reached)?;
    let visit = Visit::new(ids::random(), EntryMode::AbInitio, app.clock.now());
    let (mut session, launched) = begin(app, &package, item, mode, visit);
    session.registration = Some(registration);
    session.entered = mode != Mode::Normal;
    session.return_url = return_url;
    app.store.commit(&app.provider, Commit { writes: vec![session.insert()?], ..Commit::default() }).await?;
    Ok(launched)
}

/// Launches a package for a designer to look at: for no learner, and nothing of it is recorded.
pub async fn preview(app: &App, package: PackageVersionId, item: Option<&str>) -> Result<LaunchLink, Error> {
    let now = app.clock.now();
    let package = packages::get(app, package).await?;
    let item = choose_item(&package, item, &BTreeMap::new())?;
    let visit = Visit::new(ids::random(), EntryMode::AbInitio, now);
    let (session, launched) = begin(app, &package, item, Mode::Browse, visit);
    expiry::sweep::<Session>(app, now).await?;
    app.store.commit(&app.provider, Commit { writes: vec![session.insert()?], ..Commit::default() }).await?;
    Ok(launched)
}

/// Launches another item of what `session` plays, with the same rights and the same return address.
pub async fn turn_to(app: &App, session: &Session, item: &str) -> Result<LaunchLink, Error> {
    match session.registration {
        Some(registration) => {
            let back = session.return_url.as_deref();
            launch(app, registration, Some(item), session.mode, back).await
        }
        None => preview(app, session.package, Some(item)).await,
    }
}

fn begin(app: &App, package: &PackageVersion, item: Item<'_>, mode: Mode, visit: Visit) -> (Session, LaunchLink) {
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
    (session, LaunchLink { url: format!("{}/l/{token}/player", app.config.content_url), session: id })
}

fn choose_item<'a>(
    package: &'a PackageVersion,
    requested: Option<&str>,
    reached: &BTreeMap<String, Completion>,
) -> Result<Item<'a>, Error> {
    if let Some(requested) = requested {
        return Ok(sessions::item(package, requested)?);
    }
    let waits = |item: &Item<'_>| reached.get(item.id) != Some(&Completion::Completed);
    let first = package.package.launchable().find(waits).or_else(|| package.package.launchable().next());
    Ok(first.ok_or_else(|| sessions::Error::NoItem(String::new()))?)
}

fn web_address(text: &str) -> Result<String, Error> {
    let plain = !text.chars().any(|c| c.is_control() || c.is_whitespace());
    let web = text.starts_with("https://") || text.starts_with("http://");
    if web && plain { Ok(text.to_owned()) } else { Err(Error::ReturnUrl(text.to_owned())) }
}

/// What the player needs to show a session.
#[derive(Debug, Clone)]
pub struct PlayerView {
    pub session: Session,
    pub package: Arc<PackageVersion>,
    pub session_state: SessionState,
    /// The item's title.
    pub title: String,
    pub launch: content::Launch,
    /// What content finds when it starts.
    pub values: BTreeMap<String, String>,
    /// The status of each item that was opened.
    pub reached: BTreeMap<String, Status>,
}

/// Opens the player of the session that this token opens, and returns what it shows.
pub async fn show(app: &App, token: &str) -> Result<PlayerView, Error> {
    let (session, play) = unless_raced(async || enter_session(app, token).await).await?;
    let package = sessions::package(app, &session).await?;
    let item = sessions::item(&package, &session.item)?;
    let launch = item.launch.cloned().ok_or_else(|| sessions::Error::NoItem(item.id.to_owned()))?;
    let (sco, learner) = match session.registration {
        Some(registration) => {
            let pinned = sessions::pinned(app, registration).await?;
            let learner = accounts::get(app, pinned.registration.learner).await?;
            (sessions::state(app, registration, item.id).await?, learner)
        }
        None => (None, None),
    };
    let state = sco.map_or_else(ScoState::default, |sco| sco.document.state);
    let opening = opening(session.mode, learner);
    let values = sessions::unit(&package, item.id)?.prefill(&opening, &state, &session.visit);
    let session_state = sessions::state_of(&session, play.as_ref());
    let parts = play.map(|play| play.parts).unwrap_or_default();
    let reached = parts.into_iter().map(|(id, part)| (id, part.status)).collect();
    let title = item.title.to_owned();
    Ok(PlayerView { session, package, session_state, title, launch, values, reached })
}

/// The session of this token, entered, and what its registration plays.
async fn enter_session(app: &App, token: &str) -> Result<(Session, Option<Play>), Error> {
    let entered = visits::enter(app, sessions::open(app, token).await?, app.clock.now()).await?;
    let session = entered.session.document.clone();
    let play = entered.playing.as_ref().map(|playing| playing.play.clone());
    if entered.is_first() {
        statements::commit(app, entered.into_commit()?).await?;
    }
    Ok((session, play))
}

fn opening(mode: Mode, learner: Option<Account>) -> Opening {
    let (learner_id, learner_name) = match learner {
        Some(account) => (account.id.to_string(), account.family_name_first()),
        None => ("preview".to_owned(), "Preview".to_owned()),
    };
    Opening { learner_id, learner_name, mode }
}
