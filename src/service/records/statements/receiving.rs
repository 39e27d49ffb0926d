//! Statements that programs send: checked, then stored in one commit together with the work that follows.

use super::{App, Error, ReceivedAttachments, attachments, commit, server_authority};
use crate::service::people::credentials::Right;
use crate::service::records::access::is_vouched_for;
use crate::service::records::programs::Program;
use crate::service::{RegistrationId, queues};
use base::hash::Sha256;
use base::ids;
use store::{Commit, DueItem, StoreError, StoredStatement};
use xapi::intake::StatementBatch;
use xapi::json::Document;
use xapi::{Intake, NewStatement, StatementId, Version, equivalence};

/// Who sends, and by which rules.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    pub program: &'a Program,
    pub version: Version,
}

/// Under which ids statements are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// One statement under this id, which it may name itself too (Part 3 §2.1.1).
    One(StatementId),
    /// One or many, each under its own id or a new one (Part 3 §2.1.2).
    Any,
}

/// Reads and checks statements. Nothing is stored yet.
pub fn read(app: &App, sender: Sender<'_>, target: Target, body: &[u8]) -> Result<StatementBatch, Error> {
    let authority = sender.program.authority(app);
    let most = app.config.limits.statements_per_batch;
    let intake = |new_id| Intake { version: sender.version, authority: &authority, most, new_id };
    let taken = match target {
        Target::One(id) => intake(&|| id.0).statement(id, body),
        Target::Any => intake(&ids::random).statements(body),
    };
    taken.map_err(Error::Invalid)
}

/// Stores all statements or none, together with what they define and what follows; returns their ids.
pub async fn store(
    app: &App,
    sender: Sender<'_>,
    taken: StatementBatch,
    arrived: &ReceivedAttachments,
) -> Result<Vec<StatementId>, Error> {
    attachments::check(app, &taken, arrived).await?;
    let mut statements = taken.statements;
    let ids = statements.iter().map(|statement| statement.id).collect();
    if statements.is_empty() {
        return Ok(ids);
    }
    let due = voids_due(app, &statements).await?;
    if !sender.program.may(Right::Define) {
        for statement in &mut statements {
            statement.defined.clear();
        }
    }
    if !arrived.is_empty() {
        refuse_conflicts(app, &statements).await?;
        arrived.keep(app).await?;
    }
    commit(app, Commit { statements, due, ..Commit::default() }).await?;
    Ok(ids)
}

/// Rejects what the commit would reject, before attachments are stored: a different statement is stored under one of the ids.
async fn refuse_conflicts(app: &App, statements: &[NewStatement]) -> Result<(), StoreError> {
    for statement in statements {
        let Some(stored) = app.store.statement(&app.provider, statement.id).await? else { continue };
        if digest_of(&stored) != Some(statement.digest) {
            return Err(StoreError::Differs(statement.id));
        }
    }
    Ok(())
}

/// What equivalent statements have in common, computed from a stored one.
pub(in crate::service) fn digest_of(stored: &StoredStatement) -> Option<Sha256> {
    let document = Document::read(std::str::from_utf8(&stored.bytes).ok()?).ok()?;
    Some(equivalence::digest(document.root()))
}

/// The decisions that may change: those of the registrations of statements that are voided.
///
/// What programs send is no evidence, since evidence has this server's authority; and no program voids evidence. Released
/// rules still look at every void in a registration's log.
async fn voids_due(app: &App, statements: &[NewStatement]) -> Result<Vec<DueItem>, Error> {
    let mut due = Vec::new();
    for id in statements.iter().filter(|statement| statement.voiding).filter_map(|statement| statement.refers_to) {
        let Some(target) = app.store.statement(&app.provider, id).await? else { continue };
        if is_vouched_for(&target.bytes, server_authority(app).ifi()) {
            return Err(Error::VoidsOwn(id));
        }
        if let Some(registration) = registration_of(&target) {
            due.push(queues::decide(registration, app.clock.now()));
        }
    }
    Ok(due)
}

/// `context.registration` of a stored statement.
pub(in crate::service) fn registration_of(stored: &StoredStatement) -> Option<RegistrationId> {
    let document = Document::read(std::str::from_utf8(&stored.bytes).ok()?).ok()?;
    xapi::check::parse_uuid(&document.root().get("context")?.get("registration")?.string()?).map(RegistrationId)
}
