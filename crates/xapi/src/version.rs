//! The two versions of the standard, and which one a text names.

use std::fmt;
use std::str::FromStr;

/// The rules that a request or a statement follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// 1.0.x, as 1.0.3 has them.
    V1,
    /// 2.0.x (IEEE 9274.1.1).
    V2,
}

impl Version {
    /// Every version that this server supports.
    pub const ALL: [Self; 2] = [Self::V1, Self::V2];

    /// The version that this server announces.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "1.0.3",
            Self::V2 => "2.0.0",
        }
    }

    /// What a statement without a `version` receives (1.0.3 Part 2 §2.4.10; 2.0 §4.2.4.3).
    pub(crate) fn of_statements(self) -> &'static str {
        match self {
            Self::V1 => "1.0.0",
            Self::V2 => "2.0.0",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no version that this server supports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this server speaks xAPI 1.0.x and 2.0.x; write `1.0.3` or `2.0.0`")]
pub struct UnknownVersion;

impl FromStr for Version {
    type Err = UnknownVersion;

    /// `1.0` and `1.0.` with a patch number, `2.0` and `2.0.` with one (1.0.3 Part 3 §3.3).
    fn from_str(text: &str) -> Result<Self, UnknownVersion> {
        let (version, patch) = match (text.get(..3), text.get(3..)) {
            (Some("1.0"), Some(patch)) => (Self::V1, patch),
            (Some("2.0"), Some(patch)) => (Self::V2, patch),
            _ => return Err(UnknownVersion),
        };
        let digits = |number: &str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        if patch.is_empty() || patch.strip_prefix('.').is_some_and(digits) { Ok(version) } else { Err(UnknownVersion) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_known_by_its_first_two_numbers() {
        for text in ["1.0", "1.0.0", "1.0.3", "1.0.9", "1.0.10"] {
            assert_eq!(text.parse(), Ok(Version::V1), "{text}");
        }
        for text in ["2.0", "2.0.0", "2.0.1"] {
            assert_eq!(text.parse(), Ok(Version::V2), "{text}");
        }
        for text in ["", "1", "0.9.9", "1.1.0", "1.0.", "1.0.x", "1.0.3.1", "2.1.0", "3.0", "1.0.3 ", "should fail"] {
            assert_eq!(text.parse::<Version>(), Err(UnknownVersion), "{text}");
        }
    }
}
