//! What happened in a SCO or an asset, for the statements of the profile.

use super::state::{ScoState, Score, Visit};
use crate::happening::Happening;
use crate::statements::{self, Progress, StatementContext, number};
use base::surrogates;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// The statements that report `happenings`, in their order.
pub(crate) fn write(
    about: &StatementContext<'_>,
    state: &ScoState,
    visit: &Visit,
    happenings: &[Happening],
) -> Vec<Value> {
    let time = state.latest.filter(|(latest, _)| *latest == visit.id).map(|(_, time)| time);
    let progress = Progress {
        sequence: visit.sequence,
        status: state.status,
        score: score(&state.score),
        earned: state.earned.as_ref().and_then(score).or_else(|| score(&state.score)),
        observations: visit.observations.iter().copied().collect(),
        seat: visit.seat,
        claimed: visit.reported_time(),
        time: time.unwrap_or_default(),
    };
    let mut statements = statements::write(about, &progress, happenings);
    statements.iter_mut().for_each(make_well_formed);
    statements
}

/// Statements are read by everyone, and xAPI's text is Unicode: what content said with lone surrogates has replacement
/// characters there.
fn make_well_formed(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(plain) = surrogates::well_formed(text) {
                *text = plain;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(make_well_formed),
        Value::Object(members) => members.values_mut().for_each(make_well_formed),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// SCORM 1.2 scores are 0 to 100; `scaled` is a hundredth of that. Bounds that do not hold the score are left out,
/// since xAPI refuses them (Part 2 §2.4.5.1).
fn score(score: &Score) -> Option<Value> {
    let raw = score.raw.as_ref()?;
    let (min, max) = (score.min.as_ref(), score.max.as_ref());
    let mut out =
        Map::from_iter([("scaled".to_owned(), json!(raw.nearest() / 100.0)), ("raw".to_owned(), number(raw))]);
    let ordered = min.is_none_or(|min| min <= raw)
        && max.is_none_or(|max| raw <= max)
        && (min.is_none() || min < max || max.is_none());
    if ordered {
        out.extend(min.map(|min| ("min".to_owned(), number(min))));
        out.extend(max.map(|max| ("max".to_owned(), number(max))));
    }
    Some(Value::Object(out))
}
