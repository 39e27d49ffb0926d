//! The worker. Each step is one commit: what it changes, how far the erasure is, and the due item for the next step. So it
//! continues where it was killed, and two workers never do the same step.

use super::{Erasure, ErasureId, Stage, Work, kept, log, registrations as playing, retention};
use crate::service::learning::registrations;
use crate::service::records::document_resources;
use crate::service::{App, Stop, queues};
use jiff::{SignedDuration, ToSpan as _};
use std::time::Duration;
use store::{Claim, Commit, StoreError, StoredDocument};

/// How long one worker may take for a step before another tries it. Both may then do it; one commit wins.
const LEASE: SignedDuration = SignedDuration::from_secs(10);
/// How long the worker sleeps when nothing is due.
const REST: Duration = Duration::from_millis(500);
/// How many erasures are processed together.
const BATCH: usize = 4;
/// How many seconds to wait for readers that prevent the storage engine from scrubbing.
const BETWEEN_SCRUBS: i64 = 1;

/// Erases, and releases what was retained long enough, until the server stops.
pub async fn run(app: App, mut stop: Stop) {
    while !stop.is_requested() {
        let worked = match work(&app).await {
            Ok(worked) => worked,
            Err(error) => {
                tracing::error!(%error, "an erasure failed and stays due");
                false
            }
        };
        if !worked {
            tokio::select! {
                () = stop.requested() => return,
                () = tokio::time::sleep(REST) => {}
            }
        }
    }
}

/// Does one step of what is due now; returns whether there was any.
pub async fn work(app: &App) -> Result<bool, registrations::Error> {
    let mut worked = false;
    for queue in [queues::ERASE, queues::RELEASE_EVIDENCE] {
        for claim in app.store.claim(queues::claims(queue, app.clock.now(), LEASE, BATCH)).await? {
            worked = true;
            let app = App { provider: claim.provider.clone(), ..app.clone() };
            match process(&app, &claim).await {
                // Another worker has it, or a record was changed meanwhile: it is retried.
                Ok(()) | Err(registrations::Error::Store(StoreError::Lapsed { .. })) => {}
                Err(registrations::Error::Store(StoreError::Stale { .. })) => retry(&app, claim).await?,
                Err(error) => return Err(error),
            }
        }
    }
    Ok(worked)
}

/// Makes the item due again at once.
async fn retry(app: &App, claim: Claim) -> Result<(), StoreError> {
    let due = queues::repeated(&claim, app.clock.now()).into_iter().collect();
    match app.store.commit(&app.provider, Commit { done: vec![claim], due, ..Commit::default() }).await {
        Ok(_) | Err(StoreError::Lapsed { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

async fn process(app: &App, claim: &Claim) -> Result<(), registrations::Error> {
    let id = claim.key.parse().map(ErasureId);
    match id {
        Ok(id) if claim.queue == queues::RELEASE_EVIDENCE => retention::release(app, claim, id).await,
        Ok(id) => step(app, claim, id).await,
        // Not a key that this server writes.
        Err(_) => Ok(app.store.commit(&app.provider, done(claim)).await.map(|_| ())?),
    }
}

fn done(claim: &Claim) -> Commit {
    Commit { done: vec![claim.clone()], ..Commit::default() }
}

/// Does the next step of an erasure.
async fn step(app: &App, claim: &Claim, id: ErasureId) -> Result<(), registrations::Error> {
    let Some((mut kept, work)) = kept(app, id).await?.and_then(|kept| {
        let work = kept.document.work.clone()?;
        Some((kept, work))
    }) else {
        app.store.commit(&app.provider, done(claim)).await?;
        return Ok(());
    };
    let mut commit = stage(app, &mut kept, &work).await?;
    commit.done.push(claim.clone());
    if kept.document.is_done() {
        commit.due.extend(retention::due(app, &kept.document)?);
    } else {
        let waits = kept.document.work.as_ref() == Some(&work) && work.stage == Stage::Scrub;
        let at = if waits { app.clock.now() + BETWEEN_SCRUBS.seconds() } else { app.clock.now() };
        commit.due.push(queues::erase(id, at));
    }
    commit.writes.push(kept.replace()?);
    app.store.commit(&app.provider, commit).await?;
    Ok(())
}

async fn stage(app: &App, kept: &mut StoredDocument<Erasure>, work: &Work) -> Result<Commit, StoreError> {
    let erasure = &mut kept.document;
    match (work.stage, &work.subject) {
        (Stage::Registrations, Some(subject)) => playing::step(app, erasure, subject).await,
        (Stage::Documents, Some(subject)) => {
            let removal = document_resources::removal_of_agents(app, subject.person().ifis()).await?;
            if removal.writes.is_empty() {
                erasure.turn_to(Stage::Log { after: 0 });
            }
            erasure.counts.documents += u64::try_from(removal.writes.len()).unwrap_or(u64::MAX);
            if let Some(work) = &mut erasure.work {
                work.blobs.extend(removal.blobs);
            }
            Ok(Commit { writes: removal.writes, ..Commit::default() })
        }
        (Stage::Log { after }, Some(subject)) => log::step(app, erasure, subject, after).await,
        (Stage::Blobs { after }, _) => log::blobs(app, erasure, after).await,
        (Stage::Scrub, _) | (_, None) => {
            if app.store.scrub().await? {
                erasure.done.get_or_insert(app.clock.now());
                erasure.work = None;
            }
            Ok(Commit::default())
        }
    }
}

impl Erasure {
    pub(super) fn turn_to(&mut self, stage: Stage) {
        if let Some(work) = &mut self.work {
            work.stage = stage;
        }
    }

    /// The whole log was examined: who the person was is no longer needed.
    pub(super) fn forget_subject(&mut self) {
        if let Some(work) = &mut self.work {
            work.subject = None;
            work.stage = Stage::Blobs { after: 0 };
        }
    }
}
