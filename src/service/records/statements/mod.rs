//! Statements in and out of the log.
//!
//! In: what programs send ([`read`], then [`store`]) and what this server writes itself ([`author`], then [`commit`]), checked
//! and stored as a whole. Out: one by its id ([`one`]), pages of a [`xapi::Query`] ([`page`]), or pages that lead both ways
//! ([`browse`]). What is made of more than a page (streams, aggregates, exports) is in [`crate::service::reporting`]. All of
//! it is based on [`Reading`].

mod attachments;
mod browsing;
mod committing;
mod cursor;
mod reading;
mod receiving;

pub use attachments::{AttachmentError, ReceivedAttachments, StoredAttachment, stored_attachments};
pub use browsing::{StatementListing, Window, any, browse, referring};
pub use committing::commit;
pub use cursor::{BadCursor, Bounds, Cursor};
pub use reading::{MOST_IN_PAGE, Page, Reading, consistent_through, first_bounds, one, page};
pub use receiving::{Sender, Target, read, store};
pub(in crate::service) use receiving::{digest_of, registration_of};
pub use store::VoidedStatements;
pub use xapi::intake::StatementBatch;

use crate::service::App;
use base::ids;
use store::StoreError;
use xapi::{Authority, Fault, Intake, NewStatement, StatementId, Version, token};

/// Why statements were rejected.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was sent breaks the standard. Nothing of it was stored.
    #[error("what was sent breaks the standard in {} places; nothing of it was stored", .0.len())]
    Invalid(Vec<Fault>),
    /// A program would void what this server itself wrote. Nothing was stored.
    #[error(
        "statement {0} is this server's own record of what happened, so no program voids it; ask the CME office, which can \
         void it at the desk"
    )]
    VoidsOwn(StatementId),
    /// A statement that this server wrote itself breaks the standard: a mistake in this program.
    #[error("a statement that this server wrote is not valid: {0}")]
    Own(Fault),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The agent that vouches for what this server writes. Only what it vouches for counts as evidence.
pub fn server_authority(app: &App) -> Authority {
    Authority::account(&app.config.url, credit::AUTHORITY)
}

/// Prepares statements that this server itself writes for storing.
pub fn author(app: &App, statements: Vec<serde_json::Value>) -> Result<Vec<NewStatement>, Error> {
    let authority = server_authority(app);
    let most = statements.len();
    let intake = Intake { version: Version::V1, authority: &authority, most, new_id: &ids::random };
    let body = serde_json::Value::Array(statements).to_string();
    let taken = intake.statements(body.as_bytes()).map_err(|faults| match faults.into_iter().next() {
        Some(fault) => Error::Own(fault),
        None => Error::Invalid(Vec::new()),
    })?;
    let own = token::authority(authority.ifi());
    let mut statements = taken.statements;
    for statement in &mut statements {
        statement.voidable_by = Some(own);
    }
    Ok(statements)
}
