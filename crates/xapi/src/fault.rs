//! What is wrong with something that was sent: every fault, each with its position, a stable code and a sentence.

use super::json::Value;
use serde::Serialize;
use std::fmt;

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where, as a JSON pointer into what was sent (RFC 6901); empty for the whole body.
    pub pointer: String,
    pub code: Code,
    /// What is wrong and what is expected, as a sentence.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.message)
    }
}

/// The kinds of fault. Their names never change: programs rely on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The text is not JSON.
    Json,
    /// A member occurs twice.
    Duplicate,
    /// A member that the standard does not define here, or writes in another case.
    Unknown,
    /// A member that the standard requires is not there.
    Missing,
    /// A value is null.
    Null,
    /// A value is of another JSON type.
    Type,
    /// A string does not have the form that its type requires.
    Format,
    /// A value is none of those that are listed.
    Value,
    /// A value contradicts another, or is where the standard forbids it.
    Rule,
    /// There is more of something than is accepted at once.
    Limit,
    /// It conflicts with what is stored.
    Conflict,
}

impl Code {
    /// As it is written in responses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Duplicate => "duplicate",
            Self::Unknown => "unknown",
            Self::Missing => "missing",
            Self::Null => "null",
            Self::Type => "type",
            Self::Format => "format",
            Self::Value => "value",
            Self::Rule => "rule",
            Self::Limit => "limit",
            Self::Conflict => "conflict",
        }
    }
}

/// The faults found so far.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// More than this many are counted as one.
    const MOST: usize = 1000;

    /// Notes a fault at `value`.
    pub fn at(&mut self, value: Value<'_>, code: Code, message: impl Into<String>) {
        match self.0.len() {
            0..Self::MOST => self.0.push(Fault { pointer: value.pointer(), code, message: message.into() }),
            Self::MOST => {
                let message = format!("there are more than {} faults; these are the first", Self::MOST);
                self.0.push(Fault { pointer: String::new(), code: Code::Limit, message });
            }
            _ => {}
        }
    }

    /// Whether none was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, in the order in which they were found.
    pub fn into_vec(self) -> Vec<Fault> {
        self.0
    }
}
