//! Erasure: a learner is pseudonymized on request, and what an issued credit rests on stays provable for as long as the
//! provider must retain it.
//!
//! | file | subject |
//! |---|---|
//! | `subject` | who is to be erased: an account, agents, and everything that identifies the same person |
//! | `request` | the dry run, and the request, after which nobody can sign in as that account or be credited |
//! | `work` | the worker: stage by stage, one commit at a time, resumed wherever it was killed |
//! | `registrations` | the records about each registration: removed, pseudonymized or retained |
//! | `log` | every statement of the log; then attachments that nobody else's statement lists |
//! | `retention` | releasing retained evidence, once its time has come |
//! | `views` | an erasure as the API and the command line show it |
//!
//! The log is redacted by the store ([`store::Redaction`]), statement by statement. Where a statement is evidence in
//! a registration that has a credit, the original goes into an [`Original`](crate::service::records::originals) in the same
//! commit, so evidence is never missing, at any instant. The ledger names accounts by opaque ids and is never touched.
//!
//! Absent on purpose: a standing order. What arrives about the person after the erasure is done is stored like anything
//! else; the request can be repeated. While it is in progress, the worker does not finish before the end of the log.

mod log;
mod registrations;
mod request;
mod retention;
mod subject;
mod views;
mod work;

pub use request::{ErasureRequest, Error, Preview, Receipt, begin, preview};
pub use retention::{ERASED, until};
pub use views::{ErasureResponse, ErasureView, HeldEvidenceView, PreviewResponse, held_evidence_views};
pub use work::{run, work};

pub use crate::service::ErasureId;

use crate::service::{AccountId, App, RegistrationId};
use base::hash::Sha256;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Document, Index, IndexKey, Kind, Order, Records as _, Span, StoreError, StoredDocument};
use subject::Subject;
use uuid::Uuid;
use xapi::StatementId;
use xapi::pseudonym::Pseudonym;

/// What was done to pseudonymize a person, and why. It says who the person was only until it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    pub id: ErasureId,
    /// The account name of the agent that replaces the person, at this server's own address.
    pub pseudonym: AccountId,
    pub requested: Timestamp,
    /// Who requested it: an account, the name of a credential, or the command line.
    pub by: String,
    pub reason: String,
    /// Of the receipt and each identifier: with both, anyone can show that this person was erased. See [`Receipt`].
    pub proofs: Vec<Sha256>,
    pub done: Option<Timestamp>,
    /// The position in the log up to which statements were examined.
    pub through: u64,
    pub counts: Counts,
    /// Statements that mention the person in text that was not changed; the first [`Erasure::MENTIONED`] of them.
    pub mentioned: Vec<StatementId>,
    /// What is retained as it was, because credits rest on it.
    pub held: Vec<HeldEvidence>,
    /// What is still to be done; `None` if nothing is.
    work: Option<Work>,
}

/// How much was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Statements that no longer name the person.
    pub statements: u64,
    /// The Actors in them that were the person.
    pub actors: u64,
    /// The strings in results and extensions that were an identifier of the person.
    pub texts: u64,
    /// Strings that mention the person and were not changed.
    pub mentions: u64,
    /// Documents of state and agent profiles.
    pub documents: u64,
    /// Registrations without credit, which now belong to the pseudonym.
    pub registrations: u64,
    /// Records about playing, answering and signing in that were removed.
    pub records: u64,
    /// Attachments whose bytes were removed.
    pub attachments: u64,
    /// Original statements that are retained.
    pub held: u64,
}

/// A registration whose evidence is retained for the credits that rest on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldEvidence {
    pub registration: RegistrationId,
    /// Whether it is the person's own; a coordinator is named in registrations of others.
    pub own: bool,
    pub credits: BTreeSet<Uuid>,
    /// The later of completion and expiration, of all its credits: retention counts from here.
    pub from: Date,
    pub released: Option<Timestamp>,
}

/// What is still to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Work {
    /// `None` once the whole log was examined: who the person was is no longer needed.
    subject: Option<Subject>,
    stage: Stage,
    /// Blobs that may belong to the person alone.
    blobs: BTreeSet<Sha256>,
}

/// The stages, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
enum Stage {
    /// Sign-ins, registrations, and the records about playing them.
    Registrations,
    /// State and agent profiles.
    Documents,
    /// The log after this position.
    Log { after: u64 },
    /// Which blobs the statements after this position need.
    Blobs { after: u64 },
    /// What the storage engine still has of what was removed.
    Scrub,
}

impl Erasure {
    /// How many statements that mention the person are named.
    pub const MENTIONED: usize = 100;

    /// Whether nothing is left to do now; retained evidence waits for its time.
    pub fn is_done(&self) -> bool {
        self.work.is_none()
    }

    /// Its status in a few words.
    pub fn state(&self) -> &'static str {
        match self.work.as_ref().map(|work| work.stage) {
            None => "done",
            Some(Stage::Registrations) => "registrations",
            Some(Stage::Documents) => "documents",
            Some(Stage::Log { .. }) => "statements",
            Some(Stage::Blobs { .. }) => "attachments",
            Some(Stage::Scrub) => "clearing up",
        }
    }

    /// The agent that replaces the person in statements.
    pub fn pseudonym(&self, app: &App) -> Pseudonym {
        Pseudonym::new(&app.config.url, &self.pseudonym.to_string())
    }
}

impl Document for Erasure {
    const KIND: &'static Kind = &Kind { name: "erasure", indexes: &[Index { name: "requested", unique: false }] };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn index(&self) -> Vec<IndexKey> {
        vec![IndexKey { index: "requested", key: xapi::instant(self.requested) }]
    }
}

/// The erasure of this id.
pub async fn get(app: &App, id: ErasureId) -> Result<Option<Erasure>, StoreError> {
    Ok(kept(app, id).await?.map(|kept| kept.document))
}

async fn kept(app: &App, id: ErasureId) -> Result<Option<StoredDocument<Erasure>>, StoreError> {
    app.store.get::<Erasure>(&app.provider, &id.to_string()).await
}

/// The erasures, the last requested first.
pub async fn list(app: &App) -> Result<Vec<Erasure>, StoreError> {
    let span = Span { order: Order::Newest, ..Span::beginning("requested", "", Span::ALL) };
    let listed = app.store.list::<Erasure>(&app.provider, span).await?;
    Ok(listed.into_iter().map(|kept| kept.document).collect())
}
