//! Entity tags and the conditions that requests put upon them (Part 3 §3.1, RFC 9110 §13).

use sha1::Digest as _;
use std::fmt;

/// The tag of a content: its SHA-1 in lower-case hexadecimal digits, as 1.0.3 prescribes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag(String);

impl Tag {
    /// The tag of `content`.
    pub fn of(content: &[u8]) -> Self {
        Self(hex::encode(sha1::Sha1::digest(content)))
    }
}

/// With its quotes, as a header has it.
impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

/// What a request demands of the document that it finds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preconditions {
    if_match: Option<Tags>,
    if_none_match: Option<Tags>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Tags {
    /// `*`
    Any,
    /// None of them, when the header cannot be understood: then the condition fails, as a wrong tag does.
    These(Vec<String>),
}

impl Preconditions {
    /// Reads the values of `If-Match` and `If-None-Match`.
    pub fn read(if_match: Option<&str>, if_none_match: Option<&str>) -> Self {
        Self { if_match: if_match.map(Tags::read), if_none_match: if_none_match.map(Tags::read) }
    }

    /// Whether the request demands nothing.
    pub fn is_empty(&self) -> bool {
        self.if_match.is_none() && self.if_none_match.is_none()
    }

    /// Whether a document with this tag, or none, is what the request demands.
    pub fn permit(&self, current: Option<&Tag>) -> bool {
        let holds = |tags: &Tags| current.is_some_and(|current| tags.contain(current));
        self.if_match.as_ref().is_none_or(holds) && !self.if_none_match.as_ref().is_some_and(holds)
    }
}

impl Tags {
    fn read(header: &str) -> Self {
        if header.trim() == "*" {
            return Self::Any;
        }
        let tag = |text: &str| {
            let text = text.trim();
            let quoted = text.strip_prefix("W/").unwrap_or(text);
            Some(quoted.strip_prefix('"')?.strip_suffix('"')?.to_ascii_lowercase())
        };
        Self::These(header.split(',').filter_map(tag).collect())
    }

    fn contain(&self, tag: &Tag) -> bool {
        match self {
            Self::Any => true,
            Self::These(tags) => tags.contains(&tag.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_holds_as_http_says() {
        let tag = Tag::of(b"abc");
        assert_eq!(tag.to_string(), "\"a9993e364706816aba3e25717850c26c9cd0d89d\"");
        let upper = tag.to_string().to_ascii_uppercase();
        let weak = format!("\"x\", W/{tag}");
        let cases = [
            (None, None, true, true),
            (Some("*"), None, true, false),
            (None, Some("*"), false, true),
            (Some(upper.as_str()), None, true, false),
            (Some(weak.as_str()), None, true, false),
            (Some("\"1234\""), None, false, false),
            (Some("1234"), None, false, false),
            (None, Some(upper.as_str()), false, true),
            (None, Some("\"1234\""), true, true),
        ];
        for (if_match, if_none_match, there, absent) in cases {
            let conditions = Preconditions::read(if_match, if_none_match);
            assert_eq!(conditions.permit(Some(&tag)), there, "{conditions:?}");
            assert_eq!(conditions.permit(None), absent, "{conditions:?}");
        }
    }
}
