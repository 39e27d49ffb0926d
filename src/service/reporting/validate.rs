//! What would happen to statements if they were sent: every fault of every statement, and what is already
//! stored that affects them. Nothing is stored.
//!
//! The bytes of attachments are not part of it, and so signatures are not either: they are checked when they are sent.

use crate::service::App;
use crate::service::records::statements::digest_of;
use serde::Serialize;
use std::collections::HashSet;
use store::{Result, StoredStatement};
use uuid::Uuid;
use xapi::examine::{Examination, Verdict};
use xapi::fault::Code;
use xapi::intake::ListedAttachment;
use xapi::json::Document;
use xapi::{Authority, Fault, Intake, NewStatement, StatementId, Version, vocabulary};

/// The result of a dry run.
#[derive(Debug)]
pub struct ValidationReport {
    /// Whether all of it would be stored; where this is false, none of it would be.
    pub valid: bool,
    /// What is wrong with the whole; then not every statement was examined.
    pub faults: Vec<Fault>,
    /// One for each statement, in order.
    pub statements: Vec<StatementFindings>,
}

/// What was found about one statement.
#[derive(Debug, Serialize)]
pub struct StatementFindings {
    /// Its position in the batch, from 0.
    pub index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<StatementId>,
    pub outcome: Outcome,
    /// Why it would be rejected, each fault with its position in what was sent.
    pub faults: Vec<Fault>,
    /// What its sender may want to know.
    pub hints: Vec<Hint>,
}

/// What would become of a statement, if the others of its batch have no fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It would be stored.
    Stored,
    /// An equivalent statement is stored: it would be accepted and change nothing (Part 3 §2.1.2).
    Unchanged,
    /// It has faults.
    Refused,
}

/// Advice that is not a fault.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Hint {
    pub pointer: String,
    pub code: &'static str,
    pub message: String,
}

/// Examines what `authority` would send under the rules of `version`.
pub async fn validate(app: &App, authority: &Authority, version: Version, body: &[u8]) -> Result<ValidationReport> {
    let intake = Intake { version, authority, most: app.config.limits.statements_per_batch, new_id: &Uuid::nil };
    let (examined, whole) = intake.examine(body);
    let sent: HashSet<StatementId> = examined.iter().filter_map(|one| one.id).collect();
    let mut statements = Vec::with_capacity(examined.len());
    for (index, one) in examined.into_iter().enumerate() {
        statements.push(examine(app, &sent, index, one).await?);
    }
    let faults: Vec<Fault> = whole.into_iter().collect();
    let valid = faults.is_empty() && statements.iter().all(|found| found.faults.is_empty());
    Ok(ValidationReport { valid, faults, statements })
}

async fn examine(app: &App, sent: &HashSet<StatementId>, index: usize, one: Examination) -> Result<StatementFindings> {
    let Examination { pointer, id, verdict } = one;
    let (prepared, enclosed) = match verdict {
        Verdict::Sound { prepared, enclosed } => (prepared, enclosed),
        Verdict::Faulty(faults) => {
            return Ok(StatementFindings { index, id, outcome: Outcome::Refused, faults, hints: Vec::new() });
        }
    };
    let stored = match id {
        Some(id) => app.store.statement(&app.provider, id).await?,
        None => None,
    };
    let outcome = match stored {
        None => Outcome::Stored,
        Some(stored) if digest_of(&stored) == Some(prepared.digest) => Outcome::Unchanged,
        Some(_) => Outcome::Refused,
    };
    let mut hints: Vec<Hint> = enclosed.into_iter().filter_map(must_be_sent_too).collect();
    hints.extend(about_target(app, sent, &pointer, &prepared).await?);
    let differs = (outcome == Outcome::Refused).then(|| differs(&pointer, prepared.id));
    Ok(StatementFindings { index, id, outcome, faults: differs.into_iter().collect(), hints })
}

fn differs(pointer: &str, id: StatementId) -> Fault {
    let message = format!("statement {id} is already stored with different content; send it under a new id");
    Fault { pointer: format!("{pointer}/id"), code: Code::Conflict, message }
}

/// What must be sent with a statement that is otherwise valid.
fn must_be_sent_too(enclosed: ListedAttachment) -> Option<Hint> {
    let (code, message) = match (enclosed.unsigned, enclosed.is_elsewhere) {
        (Some(_), _) => {
            ("signature-not-checked", "the signature is checked when it is sent with the statement, as multipart/mixed")
        }
        (None, false) => (
            "attachment-must-come",
            "the attachment has no `fileUrl`: its bytes must be sent with the statement, as multipart/mixed",
        ),
        (None, true) => return None,
    };
    Some(Hint { pointer: enclosed.pointer, code, message: message.to_owned() })
}

/// What the sender should know of the statement that `prepared` refers to.
async fn about_target(
    app: &App,
    sent: &HashSet<StatementId>,
    pointer: &str,
    prepared: &NewStatement,
) -> Result<Option<Hint>> {
    let Some(target) = prepared.refers_to else { return Ok(None) };
    let hint = |code, message| Some(Hint { pointer: format!("{pointer}/object/id"), code, message });
    Ok(match app.store.statement(&app.provider, target).await? {
        None if sent.contains(&target) => None,
        None if prepared.voiding => {
            hint("target-unknown", format!("statement {target} is not stored here; it will be voided when it arrives"))
        }
        None => hint("target-unknown", format!("statement {target} is not stored here")),
        Some(stored) if prepared.voiding && is_voiding(&stored) => {
            hint("target-voids", format!("statement {target} voids another and cannot be voided; this changes nothing"))
        }
        Some(stored) if prepared.voiding && stored.voided => {
            hint("target-voided", format!("statement {target} is already voided"))
        }
        Some(_) => None,
    })
}

fn is_voiding(stored: &StoredStatement) -> bool {
    let text = std::str::from_utf8(&stored.bytes).unwrap_or_default();
    let Ok(document) = Document::read(text) else { return false };
    let verb = document.root().get("verb").and_then(|verb| verb.get("id")?.string());
    verb.is_some_and(|verb| verb == vocabulary::verb::VOIDED)
}
