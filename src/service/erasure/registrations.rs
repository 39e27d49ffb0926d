//! The records about each registration of the person.
//!
//! Without credit, the registration belongs to the pseudonym from now on, and the records about playing it are removed. With a
//! credit it stays as the ledger has it until the evidence is released; what a learner would resume from is still
//! removed, and no launch of it can be played any more.

use super::{Erasure, Stage, Subject, retention};
use crate::service::crediting::holds;
use crate::service::learning::{assessment, evaluation, registrations};
use crate::service::people::sign_in;
use crate::service::playing::deliveries;
use crate::service::playing::sessions::{Play, Sco, Session, StoredCommit};
use crate::service::{App, Registration};
use runtime::Phase;
use std::collections::BTreeSet;
use store::{Commit, Document, Key, Kind, Records as _, Span, StoreError, StoredDocument, Write};

/// Approximately how many records are removed at once.
const AT_ONCE: usize = 500;

/// Signs the person out, and processes the next of their registrations; the stage ends when none is left.
pub(super) async fn step(app: &App, erasure: &mut Erasure, subject: &Subject) -> Result<Commit, StoreError> {
    let Some(account) = subject.account else {
        erasure.turn_to(Stage::Documents);
        return Ok(Commit::default());
    };
    let mut writes = sign_in::endings(app, account).await?;
    erasure.counts.records += count(&writes);
    let all = registrations::of_account(app, account).await?;
    let is_processed =
        |registration: &Registration| erasure.held.iter().any(|held| held.registration == registration.id);
    match all.into_iter().find(|registration| !is_processed(registration)) {
        Some(registration) => writes.extend(process(app, erasure, registration).await?),
        None => erasure.turn_to(Stage::Documents),
    }
    Ok(Commit { writes, ..Commit::default() })
}

/// The writes for one registration. The registration itself comes last: until then it is found again.
async fn process(app: &App, erasure: &mut Erasure, registration: Registration) -> Result<Vec<Write>, StoreError> {
    let id = registration.id;
    let sessions = sessions(app, &registration).await?;
    let mut removed = removal_of_resume_data(app, &registration, &sessions).await?;
    if let Some(held) = retention::holding(app, id, true).await? {
        erasure.counts.records += count(&removed);
        for session in sessions {
            removed.push(closed(session)?);
        }
        erasure.held.push(held);
        return Ok(removed);
    }
    let is_all = removal_of_play(app, sessions, &mut removed).await?;
    erasure.counts.records += count(&removed);
    if is_all {
        erasure.counts.registrations += 1;
        removed.extend(reassignment(app, erasure, registration).await?);
    }
    Ok(removed)
}

fn count(writes: &[Write]) -> u64 {
    u64::try_from(writes.len()).unwrap_or(u64::MAX)
}

/// The write that assigns the registration to the pseudonym.
async fn reassignment(app: &App, erasure: &Erasure, registration: Registration) -> Result<Option<Write>, StoreError> {
    let kept = app.store.get::<Registration>(&app.provider, &registration.id.to_string()).await?;
    kept.map(|mut kept| {
        kept.document.learner = erasure.pseudonym;
        kept.replace()
    })
    .transpose()
}

async fn sessions(app: &App, registration: &Registration) -> Result<Vec<StoredDocument<Session>>, StoreError> {
    let prefix = Key::beginning(&[&registration.id]);
    app.store.list::<Session>(&app.provider, Span::beginning("registration", &prefix, Span::ALL)).await
}

/// A session that no token opens and that nothing resumes.
fn closed(mut session: StoredDocument<Session>) -> Result<Write, StoreError> {
    session.document.close();
    session.document.visit.phase = Phase::Ended;
    session.document.return_url = None;
    session.replace()
}

/// The removal of what a learner resumes from: positions, drafts, attempts.
async fn removal_of_resume_data(
    app: &App,
    registration: &Registration,
    sessions: &[StoredDocument<Session>],
) -> Result<Vec<Write>, StoreError> {
    let id = registration.id;
    let play = app.store.get::<Play>(&app.provider, &id.to_string()).await?;
    let mut items: BTreeSet<&str> = sessions.iter().map(|session| session.document.item.as_str()).collect();
    items.extend(play.iter().flat_map(|play| play.document.parts.keys()).map(String::as_str));
    let mut writes = Vec::new();
    for item in items {
        writes.extend(removal(app, Sco::KIND, &Sco::key_of(id, item)).await?);
    }
    for kind in [Play::KIND, evaluation::Draft::KIND, holds::Hold::KIND] {
        writes.extend(removal(app, kind, &id.to_string()).await?);
    }
    for number in 1.. {
        let Some(write) = removal(app, assessment::Attempt::KIND, &assessment::key(id, number)).await? else { break };
        writes.push(write);
    }
    Ok(writes)
}

/// Adds to `removed` the records about sessions, as many as fit into one commit; returns whether that is all.
pub(super) async fn removal_of_play(
    app: &App,
    sessions: Vec<StoredDocument<Session>>,
    removed: &mut Vec<Write>,
) -> Result<bool, StoreError> {
    for session in sessions {
        let id = session.document.id;
        let span = Span::beginning("session", &Key::beginning(&[&id]), AT_ONCE);
        let commits = app.store.list::<StoredCommit>(&app.provider, span).await?;
        let is_all = commits.len() < AT_ONCE;
        removed.extend(commits.iter().map(StoredDocument::delete));
        if !is_all {
            return Ok(false);
        }
        removed.extend(removal(app, deliveries::Delivery::KIND, &id.to_string()).await?);
        removed.push(session.delete());
        if removed.len() >= AT_ONCE {
            return Ok(false);
        }
    }
    Ok(true)
}

/// All that is left of the sessions of a registration, to be removed when its evidence is released.
pub(super) async fn removal_of_sessions(
    app: &App,
    registration: &Registration,
    removed: &mut Vec<Write>,
) -> Result<bool, StoreError> {
    removal_of_play(app, sessions(app, registration).await?, removed).await
}

async fn removal(app: &App, kind: &'static Kind, key: &str) -> Result<Option<Write>, StoreError> {
    let found = app.store.record(&app.provider, kind, key).await?;
    Ok(found.map(|record| Write::Delete { kind, key: record.key, version: record.version }))
}
