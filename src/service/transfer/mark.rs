//! The mark on a store that is being copied into. While it exists, no server serves the store and no
//! command uses it. So whatever the store contains may be replaced by what the source has; and a store without the mark is never
//! written to, unless it is empty.
//!
//! The mark is set before the check whether the store is empty, and a server checks for the mark after it has recorded that
//! it serves the store. So if a copy and a server start at the same moment, at most one continues.

use super::Error;
use super::source::{BlobNames, Origin, providers};
use crate::service::upkeep::copy_mark::{self, KEY, place};
use base::ids;
use serde::{Deserialize, Serialize};
use store::archive::Archive;
use store::{Commit, Document, IndexKey, Kind, Records as _, StoreError, StoredDocument, Write};
use uuid::Uuid;

/// The mark: what is being copied, and by which run. Records of its kind are never copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CopyMark {
    /// Different for each attempt. An attempt that sees another one's leaves the rest to that one.
    run: Uuid,
    /// What the source says it contains.
    of: Option<Vec<Origin>>,
}

impl Document for CopyMark {
    const KIND: &'static Kind = copy_mark::KIND;

    fn key(&self) -> String {
        KEY.to_owned()
    }

    fn index(&self) -> Vec<IndexKey> {
        Vec::new()
    }
}

/// The state of a store that a copy is about to write to.
pub(super) enum TargetState {
    /// It was empty.
    New(CopyMark),
    /// An earlier attempt has left it unfinished.
    Resumed(CopyMark),
    /// It is in use, and must not be written to.
    InUse,
}

/// Marks `to`, if it may be written to.
pub(super) async fn begin(to: &dyn Archive, origins: Option<&[Origin]>) -> Result<TargetState, Error> {
    let mark = CopyMark { run: ids::random(), of: origins.map(<[Origin]>::to_vec) };
    if let Some(StoredDocument { version, document: earlier }) = to.get::<CopyMark>(&place(), KEY).await? {
        earlier.check_continues_as(&mark, to).await?;
        write(to, StoredDocument { version, document: mark.clone() }.replace()?).await?;
        return Ok(TargetState::Resumed(mark));
    }
    if is_empty(to).await? {
        write(to, mark.insert()?).await?;
        if is_empty(to).await? {
            return Ok(TargetState::New(mark));
        }
        mark.end(to).await?;
    }
    Ok(TargetState::InUse)
}

impl CopyMark {
    /// Fails if another copy into the same store has started.
    pub(super) async fn check_current(&self, to: &dyn Archive) -> Result<(), Error> {
        self.stored(to).await.map(drop)
    }

    /// Removes the mark: the store is complete.
    pub(super) async fn end(&self, to: &dyn Archive) -> Result<(), Error> {
        write(to, self.stored(to).await?.delete()).await
    }

    async fn stored(&self, to: &dyn Archive) -> Result<StoredDocument<Self>, Error> {
        let kept = to.get::<Self>(&place(), KEY).await?;
        kept.filter(|kept| kept.document.run == self.run).ok_or(Error::Superseded)
    }

    /// Fails if what was copied so far is not a part of what `next` copies, as far as a quick check shows.
    async fn check_continues_as(&self, next: &Self, to: &dyn Archive) -> Result<(), Error> {
        let (Some(before), Some(now)) = (&self.of, &next.of) else { return Ok(()) };
        for origin in before {
            let Some(same) = now.iter().find(|same| same.provider == origin.provider) else {
                return Err(Error::OtherSource);
            };
            let is_other = origin.installation.is_some() && origin.installation != same.installation;
            if is_other || to.log_end(&origin.provider).await? > same.statements {
                return Err(Error::OtherSource);
            }
        }
        Ok(())
    }
}

async fn write(to: &dyn Archive, write: Write) -> Result<(), Error> {
    match to.commit(&place(), Commit { writes: vec![write], ..Commit::default() }).await {
        Err(StoreError::Stale { .. }) => Err(Error::Superseded),
        done => Ok(done.map(drop)?),
    }
}

async fn is_empty(store: &dyn Archive) -> Result<bool, Error> {
    Ok(providers(store).await?.is_empty() && BlobNames::of(store).next().await?.is_none())
}
