//! What is odd about what content says, and about what it leaves unsaid.

use super::evaluate::{End, Evaluation, Rules};
use super::model;
use crate::seat_time::seconds_between;
use crate::session::Phase;
use base::decimal::Decimal;
use base::observation::Observation;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A session time that stands still this long is no clock, in seconds.
const FROZEN: u64 = 120;
/// Content that is left so soon has not been studied, in seconds.
const GLANCE: u64 = 10;

/// Adds what is odd about a commit of `values` that was received at `now`, once they are applied.
pub(super) fn observe(
    after: &mut Evaluation,
    values: &BTreeMap<String, String>,
    end: End,
    rules: &Rules,
    now: Timestamp,
) {
    let mut found = Vec::new();
    if after.visit.delivered {
        after.visit.observations.remove(&Observation::LaunchFileNotDelivered);
    } else {
        found.push(Observation::LaunchFileNotDelivered);
    }
    if let Rules::Sco { mastery } = rules {
        let is_running = after.visit.phase == Phase::Running;
        let claims = matches!(after.visit.lesson_status.as_deref(), Some("passed" | "completed"));
        let is_brief = seconds_between(after.visit.opened, now) < GLANCE;
        if is_running && end != End::No && !after.state.sets_status && (has_stored(after) || is_brief) {
            found.push(Observation::NoStatusReported);
        }
        if values.contains_key("cmi.core.session_time") && is_frozen(after, now) {
            found.push(Observation::SessionTimeFrozen);
        }
        if claims && has_open_objectives(after) {
            found.push(Observation::CompletedWithOpenObjectives);
        }
        if claims && mastery.is_none() && has_low_score(after) {
            found.push(Observation::CompletedWithLowScore);
        }
        if values.keys().any(|element| model::is_of_scorm_2004(element)) {
            found.push(Observation::Scorm2004Elements);
        }
    }
    after.visit.observations.extend(found);
}

/// Whether content has stored its state, its place or its objectives, so that it could have set a status as well.
pub(super) fn has_stored(after: &Evaluation) -> bool {
    let stored = |name: &str| {
        matches!(name, "cmi.suspend_data" | "cmi.core.lesson_location") || name.starts_with("cmi.objectives.")
    };
    after.state.values.iter().any(|(name, value)| stored(name) && !value.is_empty())
}

fn is_frozen(after: &Evaluation, now: Timestamp) -> bool {
    after.visit.claimed_at.is_some_and(|since| seconds_between(since, now) >= FROZEN)
}

fn has_open_objectives(after: &Evaluation) -> bool {
    let is_status = |name: &str| name.starts_with("cmi.objectives.") && name.ends_with(".status");
    let is_open = |status: &str| matches!(status, "incomplete" | "not attempted" | "failed");
    after.state.values.iter().any(|(name, value)| is_status(name) && is_open(value))
}

/// Whether the score is below the half of the highest one that content names, or of 100.
fn has_low_score(after: &Evaluation) -> bool {
    let score = &after.state.score;
    let most = score.max.as_ref().map_or(100.0, Decimal::nearest);
    score.raw.as_ref().is_some_and(|raw| raw.nearest() * 2.0 < most)
}
