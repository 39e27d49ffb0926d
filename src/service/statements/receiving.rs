//! Statements that others send: checked, then stored in one commit together with the work that follows.

use super::{App, Error};
use crate::ids;
use crate::service::credentials::{Credential, Right};
use crate::service::definitions;
use crate::service::registrations::DECIDE;
use crate::store::{Commit, Due, StoreError, Stored};
use crate::xapi::intake::Taken;
use crate::xapi::json::Document;
use crate::xapi::{Intake, Prepared, StatementId, Version};
use uuid::Uuid;

/// The most statements that are taken at once.
pub const MOST_IN_BATCH: usize = 1000;

/// How often a commit is tried while others change the same definitions.
const ATTEMPTS: usize = 20;

/// Who sends, and by which rules.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    pub credential: &'a Credential,
    pub version: Version,
}

/// Stores one statement, or all of an array, or nothing; answers their ids (Part 3 §2.1.2).
pub async fn receive(app: &App, sender: Sender<'_>, body: &[u8]) -> Result<Vec<StatementId>, Error> {
    let authority = sender.credential.authority(app);
    let intake = Intake { version: sender.version, authority: &authority, most: MOST_IN_BATCH, new_id: &ids::random };
    store(app, sender, intake.statements(body).map_err(Error::Invalid)?).await
}

/// Stores one statement under `id`, which it may name itself too (Part 3 §2.1.1).
pub async fn put(app: &App, sender: Sender<'_>, id: StatementId, body: &[u8]) -> Result<(), Error> {
    let authority = sender.credential.authority(app);
    let intake = Intake { version: sender.version, authority: &authority, most: 1, new_id: &|| id.0 };
    store(app, sender, intake.statement(id, body).map_err(Error::Invalid)?).await.map(|_| ())
}

/// Commits statements with what they define and what follows. A definition that another writer changed meanwhile is joined
/// again; the statements themselves have no such conflict.
async fn store(app: &App, sender: Sender<'_>, taken: Taken) -> Result<Vec<StatementId>, Error> {
    let Taken { statements, defined } = taken;
    let ids = statements.iter().map(|statement| statement.id).collect();
    if statements.is_empty() {
        return Ok(ids);
    }
    let defined = if sender.credential.may(Right::Define) { defined } else { Vec::new() };
    let due = decisions_due(app, &statements).await?;
    for _ in 0..ATTEMPTS {
        let mut lesson = definitions::learn(app, &defined).await?;
        let writes = std::mem::take(&mut lesson.writes);
        let commit = Commit { statements: statements.clone(), writes, due: due.clone(), ..Commit::default() };
        match app.store.commit(&app.provider, commit).await {
            Ok(_) => {
                lesson.remember(app);
                return Ok(ids);
            }
            Err(StoreError::Stale { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Busy.into())
}

/// The decisions that may change: those of the registrations of statements that are voided.
///
/// What others say is no evidence, since evidence has this server's authority. Only by voiding can they change it.
async fn decisions_due(app: &App, statements: &[Prepared]) -> Result<Vec<Due>, Error> {
    let mut due = Vec::new();
    for target in statements.iter().filter(|statement| statement.voiding).filter_map(|statement| statement.refers_to) {
        let target = app.store.statement(&app.provider, target).await?;
        if let Some(registration) = target.as_ref().and_then(registration) {
            due.push(Due { queue: DECIDE, key: registration.to_string(), at: app.clock.now() });
        }
    }
    Ok(due)
}

fn registration(stored: &Stored) -> Option<Uuid> {
    let document = Document::read(std::str::from_utf8(&stored.bytes).ok()?).ok()?;
    crate::xapi::check::parse_uuid(&document.root().get("context")?.get("registration")?.string()?)
}
