//! Statements as the body of a response: the stored bytes, joined.

use crate::http::Problem;
use base::log::StoredStatement;
use bytes::{Bytes, BytesMut};
use std::borrow::Cow;
use xapi::format::{self, Definitions, Format};
use xapi::language::Preferences;
use xapi::{Version, hand_down};

/// The most bytes in a response. Only canonical definitions, which may occur in a statement many times, can exceed it.
const LONGEST: usize = 64 << 20;

/// How statements are shown to a reader.
pub(super) struct Presentation {
    pub format: Format,
    /// The newest version that statements are shown in.
    pub newest: Version,
    /// Whether to include the bytes of attachments.
    pub attachments: bool,
    pub languages: Preferences,
    /// Needed for the canonical format only.
    pub definitions: Definitions,
}

impl Presentation {
    /// One statement.
    pub(super) fn one(&self, stored: &StoredStatement) -> Result<Bytes, Problem> {
        if (self.format, self.newest) == (Format::Exact, Version::V2) {
            return Ok(stored.bytes.clone());
        }
        let text = std::str::from_utf8(&stored.bytes).map_err(Problem::internal)?;
        let text = match self.newest {
            Version::V1 => hand_down::to_1_0(text).map_err(Problem::internal)?,
            Version::V2 => Cow::Borrowed(text),
        };
        let shown = match (self.format, text) {
            (Format::Exact, Cow::Borrowed(_)) => return Ok(stored.bytes.clone()),
            (Format::Exact, Cow::Owned(text)) => Ok(text),
            (Format::Ids, text) => format::ids(&text),
            (Format::Canonical, text) => format::canonical(&text, &self.languages, &self.definitions),
        };
        shown.map(Bytes::from).map_err(Problem::internal)
    }

    /// A StatementResult (Part 2 §2.5); `more` is empty on the last page.
    pub(super) fn many(&self, list: &[StoredStatement], more: &str) -> Result<Bytes, Problem> {
        let size: usize = list.iter().map(|stored| stored.bytes.len() + 1).sum();
        let mut body = BytesMut::with_capacity(size + more.len() + 32);
        body.extend_from_slice(b"{\"statements\":[");
        for (at, stored) in list.iter().enumerate() {
            if at > 0 {
                body.extend_from_slice(b",");
            }
            body.extend_from_slice(&self.one(stored)?);
            if body.len() > LONGEST {
                let detail =
                    format!("the response has more than {LONGEST} bytes; request fewer statements with `limit`");
                return Err(Problem::bad_request("answer-too-large", detail));
            }
        }
        body.extend_from_slice(format!("],\"more\":\"{more}\"}}").as_bytes());
        Ok(body.freeze())
    }
}
