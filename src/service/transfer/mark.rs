//! The mark on a store that is being copied into. While it is there the store is nobody's: no server serves it and no
//! command uses it. So whatever is there may be replaced by what the source has; and a store without the mark is never
//! written to, unless it is empty.
//!
//! The mark is set before it is looked whether the store is empty, and a server looks for the mark after it has said that
//! the store is its own. So of a copy and a server that begin at the same moment, at most one goes on.

use super::Error;
use super::source::{BlobNames, Origin, providers};
use crate::service::upkeep::copy_mark::{self, KEY, place};
use base::ids;
use serde::{Deserialize, Serialize};
use store::archive::Archive;
use store::{Commit, Document, IndexKey, Kind, Records as _, StoreError, StoredDocument, Write};
use uuid::Uuid;

/// The mark: what is arriving, and who brings it. It is none of the kinds that travel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CopyMark {
    /// Another for each try. A try that sees another's leaves the rest to that one.
    run: Uuid,
    /// What the source said that it has.
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

/// What a store is to a copy that comes.
pub(super) enum TargetState {
    /// It was empty.
    New(CopyMark),
    /// An earlier try has left it unfinished.
    Resumed(CopyMark),
    /// It is somebody's, and is not to be written to.
    InUse,
}

/// Marks `to`, if it may be written to.
pub(super) async fn begin(to: &dyn Archive, origins: Option<&[Origin]>) -> Result<TargetState, Error> {
    let mark = CopyMark { run: ids::random(), of: origins.map(<[Origin]>::to_vec) };
    if let Some(StoredDocument { version, document: earlier }) = to.get::<CopyMark>(&place(), KEY).await? {
        earlier.goes_on_as(&mark, to).await?;
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
    /// Refuses when another copy has begun on the same store.
    pub(super) async fn goes_on(&self, to: &dyn Archive) -> Result<(), Error> {
        self.stands(to).await.map(drop)
    }

    /// Takes the mark away: the store is whole.
    pub(super) async fn end(&self, to: &dyn Archive) -> Result<(), Error> {
        write(to, self.stands(to).await?.delete()).await
    }

    async fn stands(&self, to: &dyn Archive) -> Result<StoredDocument<Self>, Error> {
        let kept = to.get::<Self>(&place(), KEY).await?;
        kept.filter(|kept| kept.document.run == self.run).ok_or(Error::Superseded)
    }

    /// Refuses when what has arrived here is not a beginning of what arrives by `next`, as far as can be told at a glance.
    async fn goes_on_as(&self, next: &Self, to: &dyn Archive) -> Result<(), Error> {
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
