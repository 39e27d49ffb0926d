//! What content finds when it starts: the data model as the server fills it in. SCORM content requests values as
//! soon as it initializes, so all of them are in the page before the content loads.

use super::evaluate::Rules;
use super::model;
use super::state::{ScoState, Visit};
use crate::session::{Opening, Phase};
use base::decimal::Decimal;
use std::collections::BTreeMap;

/// What the manifest says about an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    pub rules: Rules,
    /// `adlcp:datafromlms`.
    pub launch_data: String,
    /// `adlcp:masteryscore`.
    pub mastery_score: String,
    /// `adlcp:maxtimeallowed`.
    pub max_time_allowed: String,
    /// `adlcp:timelimitaction`.
    pub time_limit_action: String,
}

/// Every element that has a value, by its full name.
pub(crate) fn prefill(unit: &Unit, opening: &Opening, state: &ScoState, visit: &Visit) -> BTreeMap<String, String> {
    let mut values: BTreeMap<String, String> =
        state.values.iter().filter(|(name, _)| model::is_readable(name)).map(|(k, v)| (k.clone(), v.clone())).collect();
    // Content cannot read its interactions, but a page that is reloaded within its visit counts on from them, and knows which
    // question each entry is about.
    for (index, answer) in &visit.answers {
        let named = |(name, value): (&String, &String)| (format!("cmi.interactions.{index}.{name}"), value.clone());
        values.extend(answer.values.iter().map(named));
    }
    // A page that is reloaded within its visit resumes what it has just saved.
    let entry = if visit.phase == Phase::Opened { visit.entry.name() } else { "resume" };
    let score = |part: &Option<Decimal>| part.as_ref().map(ToString::to_string).unwrap_or_default();
    let set = [
        ("cmi.core.student_id", opening.learner_id.clone()),
        ("cmi.core.student_name", opening.learner_name.clone()),
        ("cmi.core.credit", opening.mode.credit().to_owned()),
        ("cmi.core.lesson_mode", opening.mode.name().to_owned()),
        ("cmi.core.lesson_status", state.status.lesson_status().to_owned()),
        ("cmi.core.entry", entry.to_owned()),
        ("cmi.core.total_time", state.total_time().to_cmi()),
        ("cmi.core.score.raw", score(&state.score.raw)),
        ("cmi.core.score.min", score(&state.score.min)),
        ("cmi.core.score.max", score(&state.score.max)),
        ("cmi.launch_data", unit.launch_data.clone()),
        ("cmi.student_data.mastery_score", unit.mastery_score.clone()),
        ("cmi.student_data.max_time_allowed", unit.max_time_allowed.clone()),
        ("cmi.student_data.time_limit_action", unit.time_limit_action.clone()),
    ];
    values.extend(set.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name.to_owned(), value)));
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::EntryMode;
    use crate::status::Status;
    use uuid::Uuid;

    #[test]
    fn content_finds_its_own_words_and_the_servers_judgement() {
        let now = "2026-03-02T09:00:00Z".parse().unwrap();
        let mut state = ScoState { status: Status::of("passed"), begun: true, ..ScoState::default() };
        state.values.insert("cmi.suspend_data".into(), "page=7".into());
        let unit = Unit {
            rules: Rules::Sco { mastery: Decimal::read("80") },
            launch_data: String::new(),
            mastery_score: "80".into(),
            max_time_allowed: String::new(),
            time_limit_action: String::new(),
        };
        let opening = Opening { learner_id: "s".into(), ..Opening::default() };
        let mut visit = Visit::new(Uuid::nil(), EntryMode::Resume, now);
        visit.answers.entry(3).or_default().values.insert("id".into(), "q1".into());
        let values = prefill(&unit, &opening, &state, &visit);
        for (name, value) in [
            ("cmi.suspend_data", Some("page=7")),
            ("cmi.interactions.3.id", Some("q1")),
            ("cmi.core.lesson_status", Some("passed")),
            ("cmi.core.entry", Some("resume")),
            ("cmi.core.credit", Some("credit")),
            ("cmi.core.lesson_mode", Some("normal")),
            ("cmi.core.total_time", Some("0000:00:00.00")),
            ("cmi.student_data.mastery_score", Some("80")),
            ("cmi.launch_data", None),
        ] {
            assert_eq!(values.get(name).map(String::as_str), value, "{name}");
        }
    }
}
