//! Values from content that the server did not accept.

use base::surrogates;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A value from content that was not accepted, or not as it was sent. Kept as evidence with the commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    /// The element, as content named it; at most 255 characters.
    pub element: String,
    /// The beginning of the value; at most 255 characters.
    pub value: String,
    pub reason: Reason,
}

impl Objection {
    pub(crate) fn new(element: &str, value: &str, reason: Reason) -> Self {
        let short = |text: &str| surrogates::well_formed(text).chars().take(255).collect();
        Self { element: short(element), value: short(value), reason }
    }
}

/// Why a value was not accepted as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// No such element (SCORM error 401).
    NotImplemented,
    /// A keyword such as `_count`, which nobody sets (SCORM error 402).
    Keyword,
    /// Content may not set it (SCORM error 403).
    ReadOnly,
    /// Not of its type or vocabulary, or out of its range (SCORM error 405).
    WrongType,
    /// Longer than what is kept (SCORM error 405).
    TooLong,
    /// A list with more entries than are kept (SCORM error 405).
    TooMany,
    /// A session time beyond the server's own clock; counted up to that clock.
    AheadOfClock,
    /// A session time below an earlier one; the earlier one counts.
    WentBack,
}

impl Reason {
    /// The error of the API (SCORM 1.2 RTE §3.3.3) with which the browser refuses the same value. What is kept otherwise than
    /// it was sent is no error there.
    pub const fn scorm12_error(self) -> &'static str {
        match self {
            Self::NotImplemented => "401",
            Self::Keyword => "402",
            Self::ReadOnly => "403",
            Self::WrongType | Self::TooLong | Self::TooMany => "405",
            Self::AheadOfClock | Self::WentBack => "0",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotImplemented => "SCORM 1.2 has no such element",
            Self::Keyword => "the element is a keyword, which content can only read",
            Self::ReadOnly => "content may read this element but not set it",
            Self::WrongType => "the value does not fit the element's type, vocabulary or range",
            Self::TooLong => "the value is longer than this server keeps",
            Self::TooMany => "the list has more entries than this server keeps",
            Self::AheadOfClock => {
                "the session time is longer than the session has lasted; it counts up to the server's clock"
            }
            Self::WentBack => "the session time is shorter than one reported before; the longer one counts",
        })
    }
}
