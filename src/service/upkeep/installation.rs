//! The address under which a store was first served. It is part of the name of everything that statements are about, so
//! a server or a command under another address would not recognize its own learners.

use crate::config::Config;
use crate::service::App;
use crate::service::upkeep::copy_mark;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use store::{Commit, Document, Index, IndexKey, Kind, Records as _, StoreError, StoredDocument};

/// What a store records about its server. Written once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::service) struct Installation {
    url: String,
    first_served: Timestamp,
}

const NO_INDEX: &[Index] = &[];

impl Installation {
    pub(in crate::service) const KEY: &str = "installation";
}

impl fmt::Display for Installation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, first served on {}", self.url, xapi::instant(self.first_served))
    }
}

impl Document for Installation {
    const KIND: &'static Kind = &Kind { name: "installation", indexes: NO_INDEX };

    fn key(&self) -> String {
        Self::KEY.to_owned()
    }

    fn index(&self) -> Vec<IndexKey> {
        Vec::new()
    }
}

/// Why this server is not the one that the store knows.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "this store was first served under {known}, which is part of every name in it; use --url {known}, \
         or name another store"
    )]
    OtherUrl { known: String },
    #[error(
        "a copy into this store is in progress, or was interrupted; wait, or repeat `enduring copy` or \
         `enduring import` until it finishes"
    )]
    Unfinished,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// For a server: records its address in a new store, and requires the same address in one that has been served before.
///
/// If several servers start on a new store at once, one is first; the others read what it wrote.
pub async fn confirm_address(app: &App) -> Result<(), Error> {
    is_whole(app).await?;
    match record(app).await {
        Err(Error::Store(StoreError::Stale { .. })) => record(app).await,
        done => done,
    }?;
    // A copy that started meanwhile either sees what was just recorded, or is seen here.
    is_whole(app).await
}

async fn record(app: &App) -> Result<(), Error> {
    if let Some(known) = known(app).await? {
        return require_same(&known, &app.config.url);
    }
    let first = Installation { url: app.config.url.clone(), first_served: app.clock.now() };
    let commit = Commit { writes: vec![first.insert()?], ..Commit::default() };
    app.store.commit(&app.provider, commit).await?;
    Ok(())
}

/// For a command: takes over the address of the server, unless the command line gives one, which must then be the same.
pub async fn join(mut app: App) -> Result<App, Error> {
    let (listen, content_listen) = (app.config.listen.port(), app.config.content_listen.port());
    is_whole(&app).await?;
    let known = known(&app).await?;
    let config: &mut Config = Arc::make_mut(&mut app.config);
    match known {
        Some(known) if config.url.is_empty() => config.url = known,
        Some(known) => require_same(&known, &config.url)?,
        None => {}
    }
    *config = config.clone().at_ports(listen, content_listen);
    Ok(app)
}

fn require_same(known: &str, configured: &str) -> Result<(), Error> {
    if known == configured { Ok(()) } else { Err(Error::OtherUrl { known: known.to_owned() }) }
}

/// Rejects a store into which a copy is in progress.
async fn is_whole(app: &App) -> Result<(), Error> {
    if copy_mark::is_unfinished(&*app.store).await? { Err(Error::Unfinished) } else { Ok(()) }
}

async fn known(app: &App) -> Result<Option<String>, StoreError> {
    let kept: Option<StoredDocument<Installation>> = app.store.get(&app.provider, Installation::KEY).await?;
    Ok(kept.map(|kept| kept.document.url))
}
