//! Replacing the key that signs the ledger.
//!
//! One commit retires the old key, makes the new one, and writes the end of the ledger again as it is. An entry that is being
//! signed meanwhile also writes the end, so one of the two is stale: every entry up to the end is by the old key, every later
//! one by the new.

use crate::service::App;
use crate::service::ledger::entries::End;
use crate::service::ledger::keys::{self, Error, KeyView};
use store::{Commit, Document as _, Records as _, StoreError, StoredDocument};

/// What a rotation takes for granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldKey {
    /// The configuration can read it, or names the file of the new one.
    Readable,
    /// Its file or the key that wraps it is lost, which does not matter from now on.
    Lost,
}

/// Makes another key sign from now on: the one in `signing_key_file`, or a new one in the store.
pub async fn rotate(app: &App, old: OldKey) -> Result<KeyView, Error> {
    const TRIES: usize = 10;
    for _ in 1..TRIES {
        match once(app, old).await {
            // An entry was signed meanwhile.
            Err(Error::Store(StoreError::Stale { .. })) => {}
            done => return done,
        }
    }
    once(app, old).await
}

async fn once(app: &App, old: OldKey) -> Result<KeyView, Error> {
    let end = app.store.get::<End>(&app.provider, End::KEY).await?;
    let last_entry = end.as_ref().map_or(0, |end| end.document.number);
    let next = keys::fresh(app)?;
    let Some(StoredDocument { version, document: key }) = keys::active(app).await? else {
        app.store.commit(&app.provider, Commit { writes: vec![next.insert()?], ..Commit::default() }).await?;
        return Ok(KeyView::from(&next));
    };
    let is_in_file = !app.config.signing_key_file.as_os_str().is_empty();
    if keys::all(app).await?.iter().any(|known| known.id == next.id) {
        return Err(Error::UsedBefore { path: app.config.signing_key_file.display().to_string() });
    }
    if old == OldKey::Readable && !is_in_file {
        keys::confirm(app, &key)?;
    }
    // Times of use never overlap, even if the clock was set back.
    let made = next.made.max(key.made);
    let next = next.beginning(made, last_entry + 1);
    let retired = key.retired(made, last_entry);
    let same_end = match end {
        Some(end) => end.replace()?,
        None => End::START.insert()?,
    };
    let replaced = StoredDocument { version, document: next.clone() }.replace()?;
    let commit = Commit { writes: vec![replaced, retired.insert()?, same_end], ..Commit::default() };
    app.store.commit(&app.provider, commit).await?;
    Ok(KeyView::from(&next))
}
