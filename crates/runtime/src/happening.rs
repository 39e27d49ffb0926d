//! The events that a commit leads to and that statements report.

use serde_json::{Map, Value};

/// Something that a statement reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    Initialized,
    Resumed,
    Answered(Interaction),
    Commented(String),
    Scored,
    Completed,
    Passed,
    Failed,
    Suspended,
    Terminated,
}

/// An interaction that the learner answered, as xAPI writes it (xAPI 1.0.3 Part 2 §2.4.4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interaction {
    /// The identifier that content gave it.
    pub id: String,
    /// The `definition` of its activity, but for the type.
    pub definition: Map<String, Value>,
    /// The `result` of the statement.
    pub result: Map<String, Value>,
}
