//! Where the next page begins, as a text that a reader sends back: the server keeps no state between pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use store::Seq;

/// The part of the log that is still to be read. Its upper end is fixed when the first page is requested, so statements
/// that arrive meanwhile neither shift a page nor appear in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Only statements after this.
    pub after: Seq,
    /// Only statements up to this.
    pub upto: Seq,
}

/// The query of the first page, and what of it is still to be read. It grants no right: the query is checked
/// and authorized again on each page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The query string, as it was sent.
    pub query: String,
    pub bounds: Bounds,
}

/// The text is no cursor of this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "`more` is not one that this server created; use the `more` of a result unchanged, or repeat the request without it"
)]
pub struct BadCursor;

impl Cursor {
    /// As a text that can be part of a URL.
    pub fn encode(&self) -> String {
        let text = format!("{}.{}.{}", self.bounds.after.0, self.bounds.upto.0, self.query);
        URL_SAFE_NO_PAD.encode(text)
    }

    /// Reads what [`Cursor::encode`] wrote.
    pub fn decode(text: &str) -> Result<Self, BadCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor)?;
        let text = String::from_utf8(bytes).map_err(|_| BadCursor)?;
        let mut parts = text.splitn(3, '.');
        let mut seq = || parts.next().and_then(|part| part.parse().ok()).map(Seq).ok_or(BadCursor);
        let bounds = Bounds { after: seq()?, upto: seq()? };
        let query = parts.next().ok_or(BadCursor)?.to_owned();
        Ok(Self { query, bounds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_comes_back_as_it_was(query in ".*", after in any::<u64>(), upto in any::<u64>()) {
            let cursor = Cursor { query, bounds: Bounds { after: Seq(after), upto: Seq(upto) } };
            prop_assert_eq!(Cursor::decode(&cursor.encode()), Ok(cursor));
        }

        #[test]
        fn anything_else_is_refused_in_words(text in "[A-Za-z0-9_=.-]{0,40}") {
            if let Ok(cursor) = Cursor::decode(&text) {
                prop_assert_eq!(cursor.encode(), text);
            }
        }
    }
}
