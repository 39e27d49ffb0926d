//! What a standard must provide so that its packages play.

use super::commit::Commit;
use super::course::{Course, ItemProgress};
use super::happening::Happening;
use super::scorm12::{self, Evaluation, ScoState, Visit};
use super::session::Opening;
use super::statements::StatementContext;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// One item of a package that can be played, with what its manifest says about it, by the standard of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    Scorm12(scorm12::Unit),
}

impl Unit {
    /// Applies a commit that was received at `now` to a visit that has not ended.
    pub fn evaluate(&self, state: ScoState, visit: Visit, commit: &Commit, now: Timestamp) -> Evaluation {
        match self {
            Self::Scorm12(unit) => scorm12::evaluate(state, visit, commit, &unit.rules, now),
        }
    }

    /// Suspends a running visit from which nothing was heard for too long, or which a newer launch has overtaken, at `now`.
    /// `None` when there is nothing to suspend.
    pub fn suspend(&self, state: ScoState, visit: Visit, now: Timestamp) -> Option<Evaluation> {
        match self {
            Self::Scorm12(unit) => scorm12::suspend(state, visit, &unit.rules, now),
        }
    }

    /// What content finds when it starts: every element that has a value, by its full name.
    pub fn prefill(&self, opening: &Opening, state: &ScoState, visit: &Visit) -> BTreeMap<String, String> {
        match self {
            Self::Scorm12(unit) => scorm12::prefill(unit, opening, state, visit),
        }
    }

    /// The statements that report `happenings`, in their order.
    pub fn write(
        &self,
        about: &StatementContext<'_>,
        state: &ScoState,
        visit: &Visit,
        happenings: &[Happening],
    ) -> Vec<Value> {
        match self {
            Self::Scorm12(_) => scorm12::write(about, state, visit, happenings),
        }
    }

    /// What follows for the whole package from the items that count.
    pub fn roll_up(&self, parts: &[ItemProgress]) -> Course {
        match self {
            Self::Scorm12(_) => scorm12::roll_up(parts),
        }
    }
}
