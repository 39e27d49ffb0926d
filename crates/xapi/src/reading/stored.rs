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
/// which allow all that those of 1.0 do, and by the looser rules for IRIs of earlier releases.
pub fn read(stored: &[u8]) -> Option<StoredFacts> {
    let document = Document::read(std::str::from_utf8(stored).ok()?).ok()?;
    let mut check = Check::of_names(Version::V2);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_release_accepted_is_read() {
        let stored = br#"{"id":"00000000-0000-4000-8000-000000000001","actor":{"mbox":"mailto:a@example.org"},
            "verb":{"id":"http://TheQuiz-urn:scormdriver:5419"},"object":{"id":"https://example.org/x"},
            "authority":{"account":{"homePage":"https://example.org","name":"tool"}},
            "stored":"2026-01-02T03:04:05.678Z","timestamp":"2026-01-02T03:04:05.678Z","version":"1.0.3"}"#;
        let facts = read(stored).unwrap();
        assert_eq!(facts.stored.to_string(), "2026-01-02T03:04:05.678Z");
        assert!(!facts.voiding && facts.refers_to.is_none() && !facts.tokens.is_empty());
        assert_eq!(read(b"{}"), None);
    }
}
