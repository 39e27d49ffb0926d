//! Launching: from a registration, or a package to preview, to a URL on the content origin that plays one item.

use crate::service::catalogue::packages;
use crate::service::expiry;
use crate::service::people::accounts;
use crate::service::playing::content_key::content_key;
use crate::service::playing::sessions::{self, Play, Session, SessionId};
use crate::service::{App, PackageVersion, PackageVersionId, RegistrationId};
use base::hash::Sha256;
use base::ids;
use content::{OutlineEntry as Item, Standard};
use runtime::{Completion, EntryMode, Mode, Visit};
use serde::Serialize;
use std::collections::BTreeMap;
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
    #[error(
        "{0:?} is not the address of a site; give the frame_ancestor as scheme and host, such as https://lms.example"
    )]
    FrameAncestor(String),
    /// The package follows a standard that the player does not play.
    #[error(
        "this version plays packages of SCORM 1.2, and this is one of {0}; export the course as SCORM 1.2 and publish \
         the activity with that package"
    )]
    NotPlayed(Standard),
    #[error(transparent)]
    Session(#[from] sessions::Error),
    #[error(transparent)]
    Package(#[from] packages::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How an item is launched.
#[derive(Debug, Clone, Copy, Default)]
pub struct LaunchOptions<'a> {
    /// The item; else the first that is not complete.
    pub item: Option<&'a str>,
    pub mode: Mode,
    /// Where the learner goes afterwards.
    pub return_url: Option<&'a str>,
    /// The origin whose page frames the player.
    pub frame_ancestor: Option<&'a str>,
    /// The secret of the sign-in that launches it.
    pub signed_in: Option<&'a str>,
}

/// As [`launch_with`], for a player that has its window to itself.
pub async fn launch(
    app: &App,
    registration: RegistrationId,
    item: Option<&str>,
    mode: Mode,
    return_url: Option<&str>,
) -> Result<LaunchLink, Error> {
    launch_with(app, registration, LaunchOptions { item, mode, return_url, ..LaunchOptions::default() }).await
}

/// Launches an item of a registration. Nothing changes until its player is opened.
pub async fn launch_with(
    app: &App,
    registration: RegistrationId,
    options: LaunchOptions<'_>,
) -> Result<LaunchLink, Error> {
    let new = prepare(app, registration, options).await?;
    new.store(app).await
}

/// A session that is not stored yet, with its ticket.
struct NewSession {
    session: Session,
    ticket: String,
}

impl NewSession {
    async fn store(self, app: &App) -> Result<LaunchLink, Error> {
        let Self { session, ticket } = self;
        let origin = sessions::origin(app, &session).await?;
        app.store.commit(&app.provider, Commit { writes: vec![session.insert()?], ..Commit::default() }).await?;
        Ok(LaunchLink { url: format!("{origin}/player/open?ticket={ticket}"), session: session.id })
    }
}

async fn prepare(app: &App, registration: RegistrationId, options: LaunchOptions<'_>) -> Result<NewSession, Error> {
    let return_url = options.return_url.map(web_address).transpose()?;
    let frame_ancestor = options.frame_ancestor.map(web_origin).transpose()?;
    let pinned = sessions::pinned(app, registration).await?;
    if accounts::get(app, pinned.registration.learner).await?.is_none() {
        return Err(Error::Erased(registration));
    }
    let package = packages::get(app, pinned.version.package).await?;
    let play = app.store.get::<Play>(&app.provider, &registration.to_string()).await?;
    let parts = play.map(|play| play.document.parts).unwrap_or_default();
    let reached = parts.into_iter().map(|(id, part)| (id, part.status.completion)).collect();
    let item = choose_item(&package, options.item, &reached)?;
    let mut new = begin(app, &package, item, options.mode);
    let session = &mut new.session;
    session.registration = Some(registration);
    session.entered = options.mode != Mode::Normal;
    session.return_url = return_url;
    session.frame_ancestor = frame_ancestor;
    session.signed_in = options.signed_in.map(Sha256::of);
    add_files(app, session).await?;
    Ok(new)
}

/// Launches a package for a designer to look at: for no learner, and nothing of it is recorded.
pub async fn preview(app: &App, package: PackageVersionId, item: Option<&str>) -> Result<LaunchLink, Error> {
    let package = packages::get(app, package).await?;
    let item = choose_item(&package, item, &BTreeMap::new())?;
    let mut new = begin(app, &package, item, Mode::Browse);
    add_files(app, &mut new.session).await?;
    expiry::sweep::<Session>(app, app.clock.now()).await?;
    new.store(app).await
}

/// Another item of what a session plays, or the same again.
#[derive(Debug, Clone)]
pub struct TurnedItem {
    pub session: Session,
    /// What opens its player page, and has no place in a response that content could read.
    pub cookie: String,
}

/// Launches another item of what `from` plays, with the same rights, the same return address, and the rest of its life.
pub async fn turn_to(app: &App, from: &Session, item: &str) -> Result<TurnedItem, Error> {
    let mut new = if let Some(registration) = from.registration {
        let options = LaunchOptions {
            item: Some(item),
            mode: from.mode,
            return_url: from.return_url.as_deref(),
            frame_ancestor: from.frame_ancestor.as_deref(),
            signed_in: None,
        };
        prepare(app, registration, options).await?
    } else {
        let package = packages::get(app, from.package).await?;
        let mut new = begin(app, &package, choose_item(&package, Some(item), &BTreeMap::new())?, from.mode);
        new.session.return_url.clone_from(&from.return_url);
        new.session.preview = Some(from.preview.unwrap_or(from.id));
        add_files(app, &mut new.session).await?;
        new
    };
    new.session.launched = Some(from.born());
    new.session.signed_in = from.signed_in;
    let session = new.session.clone();
    new.store(app).await?;
    let cookie = content_key(app).await?.cookie(session.id, session.token);
    Ok(TurnedItem { session, cookie })
}

async fn add_files(app: &App, session: &mut Session) -> Result<(), StoreError> {
    let files = content_key(app).await?.files(session.subject(), session.package);
    session.files = Some(Sha256::of(files.to_string()));
    Ok(())
}

fn begin(app: &App, package: &PackageVersion, item: Item<'_>, mode: Mode) -> NewSession {
    let visit = Visit::new(ids::random(), EntryMode::AbInitio, app.clock.now());
    let ticket = ids::secret();
    let id = SessionId(visit.id);
    let session = Session {
        id,
        token: Sha256::of(&ticket),
        registration: None,
        package: package.id,
        item: item.id.to_owned(),
        mode,
        return_url: None,
        launched: Some(visit.opened),
        files: None,
        preview: None,
        frame_ancestor: None,
        signed_in: None,
        load: 0,
        started: 0,
        spoke: 0,
        parted: 0,
        commits: 0,
        entered: true,
        heard: visit.opened,
        visit,
        trial: None,
        chain: Session::chain_start(id),
    };
    NewSession { session, ticket }
}

fn choose_item<'a>(
    package: &'a PackageVersion,
    requested: Option<&str>,
    reached: &BTreeMap<String, Completion>,
) -> Result<Item<'a>, Error> {
    let standard = package.package.standard();
    if !standard.is_played() {
        return Err(Error::NotPlayed(standard));
    }
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

/// The origin that `text` is: scheme, host and port as browsers write them.
fn web_origin(text: &str) -> Result<String, Error> {
    let refused = || Error::FrameAncestor(text.to_owned());
    let url = url::Url::parse(text).map_err(|_| refused())?;
    let is_web = matches!(url.scheme(), "https" | "http") && url.host_str().is_some_and(|host| !host.contains('*'));
    let origin = url.origin().ascii_serialization();
    if is_web && origin == text.trim_end_matches('/') { Ok(origin) } else { Err(refused()) }
}

#[cfg(test)]
mod tests {
    use super::web_origin;

    #[test]
    fn a_frame_is_allowed_for_an_origin_and_nothing_else() {
        for good in ["https://lms.example", "https://lms.example:8443", "http://127.0.0.1:8080"] {
            assert_eq!(web_origin(good).unwrap(), good);
        }
        for bad in [
            "",
            "*",
            "https://*",
            "https://*.example",
            "lms.example",
            "https://lms.example/path",
            "https://a b",
            "https://lms.example; script-src *",
            "https://u@lms.example",
            "data:text/html,x",
            "javascript:1",
            "null",
            "https://lms.example 'self'",
            "https://lms.example?x",
            "HTTPS://LMS.example",
        ] {
            assert!(web_origin(bad).is_err(), "{bad:?}");
        }
    }
}
