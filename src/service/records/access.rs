//! Which statements a reader may see.

use store::StoredStatement;
use xapi::check::Check;
use xapi::json::Document;
use xapi::{Authority, Ifi, Version, actor};

/// Which statements a reader may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// All.
    All,
    /// Only those that this authority vouches for.
    Own(Authority),
}

impl Access {
    /// Whether it covers `stored`. The token of the authority alone does not decide: a statement is also found by the tokens
    /// of those that it refers to.
    pub(in crate::service) fn covers(&self, stored: &StoredStatement) -> bool {
        match self {
            Self::All => true,
            Self::Own(authority) => is_vouched_for(&stored.bytes, authority.ifi()),
        }
    }
}

/// Whether `ifi` is the authority of a stored statement.
pub(in crate::service) fn is_vouched_for(bytes: &[u8], ifi: &Ifi<'_>) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(document) = Document::read(text) else { return false };
    let Some(authority) = document.root().get("authority") else { return false };
    actor::actor(authority, &mut Check::of_names(Version::V2)).is_some_and(|actor| actor.ifi.as_ref() == Some(ifi))
}
