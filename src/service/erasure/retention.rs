//! How long evidence under a credit is retained after its learner was erased, and what is released then.
//!
//! ACCME requires attendance to be verifiable for six years from the activity (its rule on activity and attendance records
//! retention), the AMA requires documentation for six years after completion, and ANCC records for six years. The default of seven
//! after the later of completion and expiration covers each of them, whichever day it counts from, with a year to spare.

use super::{Erasure, ErasureId, HeldEvidence, Stage, Work, kept, registrations as playing};
use crate::service::learning::registrations;
use crate::service::ledger::credits::{self, CreditRecord};
use crate::service::records::originals::Original;
use crate::service::{App, Registration, RegistrationId, queues};
use base::ids;
use credit::ledger::make_code;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use std::collections::BTreeSet;
use store::{Claim, Commit, DueItem, Key, Records as _, Span, StoreError, StoredDocument, Write};

/// What a credit record has instead of a name once it is released.
pub const ERASED: &str = "(erased)";

/// Approximately how many records are written at once.
const AT_ONCE: usize = 500;

/// What is retained of a registration: nothing, unless a credit was recorded for it.
pub(super) async fn holding(app: &App, id: RegistrationId, own: bool) -> Result<Option<HeldEvidence>, StoreError> {
    let recorded = credits::of_registration(app, id).await?;
    let from = recorded.iter().map(|credit| credit.completed.max(credit.window.until)).max();
    Ok(from.map(|from| HeldEvidence {
        registration: id,
        own,
        credits: recorded.iter().map(|credit| credit.id.0).collect(),
        from,
        released: None,
    }))
}

/// The last day on which `held` is retained, by the current configuration.
pub fn until(app: &App, held: &HeldEvidence) -> Date {
    held.from.checked_add(i64::from(app.config.retention.years).years()).unwrap_or(Date::MAX)
}

/// The due item for the next release of what `erasure` retains.
pub(super) fn due(app: &App, erasure: &Erasure) -> Result<Option<DueItem>, registrations::Error> {
    let next = erasure.held.iter().filter(|held| held.released.is_none()).map(|held| until(app, held)).min();
    let Some(day) = next else { return Ok(None) };
    let zone = registrations::at_the_provider(app, app.clock.now())?.time_zone().clone();
    let at = day.tomorrow().and_then(|day| day.to_zoned(zone)).map_or(Timestamp::MAX, |at| at.timestamp());
    Ok(Some(queues::release_evidence(erasure.id, at)))
}

/// Releases the next of what an erasure retains and whose time has come; the work stays due while more is left.
pub(super) async fn release(app: &App, claim: &Claim, id: ErasureId) -> Result<(), registrations::Error> {
    let mut commit = Commit { done: vec![claim.clone()], ..Commit::default() };
    if let Some(mut erasure) = kept(app, id).await? {
        let today = registrations::today(app)?;
        let is_over = |held: &&mut HeldEvidence| held.released.is_none() && until(app, held) < today;
        let pseudonym = erasure.document.pseudonym;
        if let Some(held) = erasure.document.held.iter_mut().find(is_over) {
            let own = held.own.then_some(pseudonym);
            let (writes, is_all) = released(app, id, held.registration, own).await?;
            commit.writes.extend(writes);
            if is_all {
                held.released = Some(app.clock.now());
            }
        }
        let due = due(app, &erasure.document)?;
        if due.as_ref().is_none_or(|due| due.at > app.clock.now()) && erasure.document.is_done() {
            // Nothing more for now: scrub what was released from the storage engine.
            erasure.document.work = Some(Work { subject: None, stage: Stage::Scrub, blobs: BTreeSet::new() });
            commit.due.push(queues::erase(id, app.clock.now()));
        }
        commit.due.extend(due);
        commit.writes.push(erasure.replace()?);
    }
    app.store.commit(&app.provider, commit).await?;
    Ok(())
}

/// The writes that remove the originals and, in the person's own registration, the other records; and whether that is all.
async fn released(
    app: &App,
    erasure: ErasureId,
    id: RegistrationId,
    own: Option<crate::service::AccountId>,
) -> Result<(Vec<Write>, bool), StoreError> {
    let span = Span::of("erasure", &String::from(Key::of(&[&erasure, &id])), AT_ONCE);
    let originals: Vec<StoredDocument<Original>> = app.store.list(&app.provider, span).await?;
    let mut writes: Vec<Write> = originals.iter().map(StoredDocument::delete).collect();
    if originals.len() == AT_ONCE {
        return Ok((writes, false));
    }
    let registration = app.store.get::<Registration>(&app.provider, &id.to_string()).await?;
    if let (Some(pseudonym), Some(mut registration)) = (own, registration) {
        if !playing::removal_of_sessions(app, &registration.document, &mut writes).await? {
            return Ok((writes, false));
        }
        writes.extend(nameless(app, id).await?);
        registration.document.learner = pseudonym;
        writes.push(registration.replace()?);
    }
    Ok((writes, true))
}

/// The credit records of a registration without the learner's name and the code of their certificate.
async fn nameless(app: &App, id: RegistrationId) -> Result<Vec<Write>, StoreError> {
    let span = Span::of("registration", &id.to_string(), Span::ALL);
    let records: Vec<StoredDocument<CreditRecord>> = app.store.list(&app.provider, span).await?;
    let nameless = |mut kept: StoredDocument<CreditRecord>| {
        ERASED.clone_into(&mut kept.document.name);
        kept.document.code = make_code(&ids::secret());
        kept.replace()
    };
    let mut writes = Vec::new();
    for kept in records {
        // Without the salt, what the ledger signed about the person says nothing.
        writes.extend(credits::salt(app, kept.document.id).await?.map(|salt| salt.delete()));
        writes.push(nameless(kept)?);
    }
    Ok(writes)
}
