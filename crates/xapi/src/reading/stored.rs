//! What a store keeps next to a statement, computed from the stored bytes again.

use crate::actor::actor;
use crate::check::Check;
use crate::json::Document;
use crate::statement::statement;
use crate::version::Version;
use crate::{StatementId, Token, equivalence, timestamp, token};
use base::hash::Sha256;
use jiff::Timestamp;

/// What the bytes of a stored statement say of themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFacts {
    pub id: StatementId,
    pub stored: Timestamp,
    /// See [`equivalence::digest`].
    pub digest: Sha256,
    /// See [`token::of`]; in no order.
    pub tokens: Vec<Token>,
    pub refers_to: Option<StatementId>,
    pub voiding: bool,
}

/// Reads the bytes of a stored statement; `None` if they are not a statement as this program stores it. By the rules of 2.0,
/// which allow all that those of 1.0 do.
pub fn read(stored: &[u8]) -> Option<StoredFacts> {
    let document = Document::read(std::str::from_utf8(stored).ok()?).ok()?;
    let mut check = Check::by(Version::V2);
    let statement = statement(document.root(), &mut check)?;
    let authority = actor(statement.given.authority?, &mut check)?;
    let instant = statement.given.stored?.string()?;
    Some(StoredFacts {
        id: statement.id?,
        stored: timestamp::parse(&instant)?,
        digest: equivalence::digest(document.root()),
        tokens: token::of(&statement, authority.ifis().next()?),
        refers_to: statement.refers_to(),
        voiding: statement.is_voiding(),
    })
}
