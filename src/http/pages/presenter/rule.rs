//! The rows of a list of rules.

use super::{Badge, Link, Reader, Tone};
use credit::{Finding, Status};
use xapi::StatementId;

/// What a decision says of one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleState {
    Met,
    Unmet,
    NotApplicable,
}

impl RuleState {
    /// The value of `data-state` in the style sheet.
    pub fn style(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Unmet => "unmet",
            Self::NotApplicable => "na",
        }
    }

    /// What `reader` sees. To a learner, an unmet rule is something still to do.
    pub fn badge(self, reader: Reader) -> Badge {
        match (self, reader) {
            (Self::Met, _) => Badge::new(Tone::Good, "Met"),
            (Self::Unmet, Reader::Learner) => Badge::new(Tone::Accent, "Not yet"),
            (Self::Unmet, Reader::Coordinator | Reader::Auditor) => Badge::new(Tone::Accent, "Not met"),
            (Self::NotApplicable, _) => Badge::new(Tone::Neutral, "Does not apply"),
        }
    }
}

impl From<Status> for RuleState {
    fn from(status: Status) -> Self {
        match status {
            Status::Met => Self::Met,
            Status::Unmet => Self::Unmet,
            Status::NotApplicable => Self::NotApplicable,
        }
    }
}

/// One rule with what the decision says of it.
#[derive(Debug, Clone)]
pub struct RuleRow {
    id: String,
    title: &'static str,
    reader: Reader,
    pub state: RuleState,
    pub reason: String,
    /// The statements that it rests on; a learner does not see them.
    pub rests_on: Vec<StatementId>,
    /// A link to where the reader can do something about it.
    pub action: Option<Link>,
}

impl RuleRow {
    /// The row of `finding` for `reader`.
    pub fn new(finding: &Finding, reader: Reader) -> Self {
        let rests_on = match reader {
            Reader::Learner => Vec::new(),
            Reader::Coordinator | Reader::Auditor => finding.rests_on.clone(),
        };
        Self {
            id: finding.rule.to_string(),
            title: finding.rule.title(),
            reader,
            state: finding.status.into(),
            reason: finding.reason.clone(),
            rests_on,
            action: None,
        }
    }

    /// The same, with a link to where the reader can do something about it.
    pub fn with(self, action: Option<Link>) -> Self {
        Self { action, ..self }
    }

    /// Its title; everyone but a learner sees the rule's id before it.
    pub fn title(&self) -> String {
        match self.reader {
            Reader::Learner => self.title.to_owned(),
            Reader::Coordinator | Reader::Auditor => format!("{} {}", self.id, self.title),
        }
    }

    /// Its state as a badge.
    pub fn badge(&self) -> Badge {
        self.state.badge(self.reader)
    }
}
