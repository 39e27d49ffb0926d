//! The SCORM 1.2 data model as data: `schemas/cmi-scorm12.json`, and the check of one value against it.

use super::timespan::is_time_of_day;
use crate::objection::Reason;
use crate::time::Hundredths;
use base::decimal::Decimal;
use base::surrogates;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// Checks that content may set `element` to `value`.
pub fn check(element: &str, value: &str) -> Result<(), Reason> {
    let (name, within) = generic(element);
    let rule = MODEL.elements.get(&name).ok_or_else(|| MODEL.unknown(&name))?;
    if rule.access == Access::Read {
        return Err(Reason::ReadOnly);
    }
    if !within {
        return Err(Reason::TooMany);
    }
    rule.check(value)
}

/// Whether content may read `element` again at its next launch.
pub fn is_readable(element: &str) -> bool {
    MODEL.elements.get(&generic(element).0).is_some_and(|rule| rule.access != Access::Write)
}

/// Whether an element is one of SCORM 2004's that SCORM 1.2 has no element of the same name for (SCORM 2004 RTE §4.2).
pub fn is_of_scorm_2004(element: &str) -> bool {
    let names = MODEL.scorm2004.iter();
    names.filter_map(|name| element.strip_prefix(name)).any(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// How much room a value takes; only values in lists take any, since nothing else can become many.
pub fn cost(element: &str, value: &str) -> usize {
    let is_listed = element.starts_with("cmi.interactions.") || element.starts_with("cmi.objectives.");
    if is_listed { surrogates::length(value) + MODEL.entry_cost } else { 0 }
}

/// How much room there is for the values of all lists together.
pub fn room() -> usize {
    MODEL.room
}

/// The name of an element with every index written `n`, and whether every index is within the limit.
fn generic(element: &str) -> (String, bool) {
    let mut within = true;
    let parts: Vec<&str> = element
        .split('.')
        .map(|part| {
            let leads_with_zero = part.len() > 1 && part.starts_with('0');
            if part.is_empty() || leads_with_zero || !part.bytes().all(|b| b.is_ascii_digit()) {
                return part;
            }
            within &= part.parse::<u32>().is_ok_and(|index| index < MODEL.list_length);
            "n"
        })
        .collect();
    (parts.join("."), within)
}

static MODEL: LazyLock<Model> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "embedded at compile time and read by the tests below")]
    let file: ModelFile = serde_json::from_str(include_str!("../../../../schemas/cmi-scorm12.json"))
        .expect("schemas/cmi-scorm12.json is valid");
    let ModelFile { list_length, room, entry_cost, scorm2004, elements } = file;
    let elements = elements.into_iter().map(|element| (element.name.clone(), element)).collect();
    Model { list_length, room, entry_cost, scorm2004, elements }
});

struct Model {
    list_length: u32,
    room: usize,
    entry_cost: usize,
    scorm2004: Vec<String>,
    elements: HashMap<String, Element>,
}

impl Model {
    /// Why no element of this name can be set. `_children` and `_count` of what has parts are keywords (RTE §3.4.1).
    fn unknown(&self, name: &str) -> Reason {
        let Some((parent, "_children" | "_count" | "_version")) = name.rsplit_once('.') else {
            return Reason::NotImplemented;
        };
        let has_parts = |element: &String| element.strip_prefix(parent).is_some_and(|rest| rest.starts_with('.'));
        if self.elements.keys().any(has_parts) { Reason::Keyword } else { Reason::NotImplemented }
    }
}

#[derive(Deserialize)]
struct ModelFile {
    list_length: u32,
    room: usize,
    entry_cost: usize,
    scorm2004: Vec<String>,
    elements: Vec<Element>,
}

#[derive(Deserialize)]
struct Element {
    name: String,
    access: Access,
    #[serde(rename = "type")]
    kind: Type,
    /// In characters.
    length: Option<usize>,
    range: Option<(f64, f64)>,
    #[serde(default)]
    values: Vec<String>,
    /// Words of SCORM 2004 that content says, and which of `values` each means.
    #[serde(default)]
    also: BTreeMap<String, String>,
    /// Whether the empty string means "no value".
    #[serde(default)]
    blank: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Access {
    Read,
    Write,
    ReadWrite,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Type {
    String,
    /// Printable and not blank. The standard allows letters, digits, `-` and `_`; tools write URNs and spaces.
    Identifier,
    Decimal,
    Integer,
    Vocabulary,
    Time,
    Timespan,
    /// A vocabulary, or a decimal (`cmi.interactions.n.result`).
    Result,
}

impl Element {
    fn check(&self, value: &str) -> Result<(), Reason> {
        if value.is_empty() && self.blank {
            return Ok(());
        }
        if self.length.is_some_and(|length| surrogates::length(value) > length) {
            return Err(Reason::TooLong);
        }
        if self.fits(value) { Ok(()) } else { Err(Reason::WrongType) }
    }

    fn fits(&self, value: &str) -> bool {
        let in_vocabulary = || self.values.iter().any(|word| word == value) || self.also.contains_key(value);
        match self.kind {
            Type::String => true,
            Type::Identifier => !value.trim().is_empty() && !value.chars().any(char::is_control),
            Type::Decimal => self.in_range(value),
            Type::Integer => value.parse::<i32>().is_ok() && self.in_range(value),
            Type::Vocabulary => in_vocabulary(),
            Type::Time => is_time_of_day(value),
            Type::Timespan => Hundredths::from_cmi(value).is_some(),
            Type::Result => in_vocabulary() || Decimal::read(value).is_some(),
        }
    }

    fn in_range(&self, value: &str) -> bool {
        let number = Decimal::read(value).map(|decimal| decimal.nearest());
        number.is_some_and(|number| self.range.is_none_or(|(least, most)| (least..=most).contains(&number)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_element_accepts_what_the_standard_allows_and_nothing_else() {
        let long = |length| "x".repeat(length);
        for (element, value, expected) in [
            ("cmi.core.lesson_location", "page-7", Ok(())),
            ("cmi.core.lesson_location", long(255).as_str(), Ok(())),
            ("cmi.core.lesson_location", long(256).as_str(), Err(Reason::TooLong)),
            ("cmi.core.lesson_location", &"é".repeat(255), Ok(())),
            ("cmi.suspend_data", long(64_000).as_str(), Ok(())),
            ("cmi.suspend_data", long(64_001).as_str(), Err(Reason::TooLong)),
            ("cmi.core.lesson_status", "passed", Ok(())),
            ("cmi.core.lesson_status", "not attempted", Err(Reason::WrongType)),
            ("cmi.core.lesson_status", "garbage", Err(Reason::WrongType)),
            ("cmi.core.score.raw", "100", Ok(())),
            ("cmi.core.score.raw", "", Ok(())),
            ("cmi.core.score.raw", "100.5", Err(Reason::WrongType)),
            ("cmi.core.score.raw", "-1", Err(Reason::WrongType)),
            ("cmi.core.score.raw", "NaN", Err(Reason::WrongType)),
            ("cmi.core.exit", "suspend", Ok(())),
            ("cmi.core.exit", "", Ok(())),
            ("cmi.core.exit", "normal", Err(Reason::WrongType)),
            ("cmi.core.session_time", "00:10:00", Ok(())),
            ("cmi.core.session_time", "ten minutes", Err(Reason::WrongType)),
            ("cmi.core.student_id", "someone-else", Err(Reason::ReadOnly)),
            ("cmi.core.credit", "credit", Err(Reason::ReadOnly)),
            ("cmi.core.total_time", "99:00:00", Err(Reason::ReadOnly)),
            ("cmi.student_data.mastery_score", "0", Err(Reason::ReadOnly)),
            ("cmi.student_preference.audio", "-1", Ok(())),
            ("cmi.student_preference.audio", "0.5", Err(Reason::WrongType)),
            ("cmi.objectives.0.id", "obj 1", Ok(())),
            ("cmi.objectives.0.status", "not attempted", Ok(())),
            ("cmi.objectives.0.id", " ", Err(Reason::WrongType)),
            ("cmi.objectives.1000.id", "x", Err(Reason::TooMany)),
            ("cmi.interactions.0.correct_responses.3.pattern", "a", Ok(())),
            ("cmi.interactions.12.result", "correct", Ok(())),
            ("cmi.interactions.12.result", "0.5", Ok(())),
            ("cmi.interactions.12.result", "perhaps", Err(Reason::WrongType)),
            ("cmi.interactions.0.time", "25:00:00", Err(Reason::WrongType)),
            ("cmi.interactions.x.id", "a", Err(Reason::NotImplemented)),
            ("cmi.interactions..id", "a", Err(Reason::NotImplemented)),
            ("cmi.interactions.12.result", "incorrect", Ok(())),
            ("cmi.core._children", "a", Err(Reason::Keyword)),
            ("cmi.interactions._count", "1", Err(Reason::Keyword)),
            ("cmi.interactions.3.objectives._count", "1", Err(Reason::Keyword)),
            ("cmi._version", "1", Err(Reason::Keyword)),
            ("cmi.core.exit._count", "1", Err(Reason::NotImplemented)),
            ("cmi.core", "a", Err(Reason::NotImplemented)),
            ("cmi.core.score", "5", Err(Reason::NotImplemented)),
            ("cmi.constructor", "a", Err(Reason::NotImplemented)),
            ("cmi.__proto__.x", "a", Err(Reason::NotImplemented)),
            ("", "", Err(Reason::NotImplemented)),
        ] {
            assert_eq!(check(element, value), expected, "{element} = {value:.40}");
        }
    }

    #[test]
    fn only_what_content_may_read_is_returned() {
        assert!(is_readable("cmi.suspend_data"));
        assert!(is_readable("cmi.objectives.3.score.raw"));
        assert!(!is_readable("cmi.core.exit"));
        assert!(!is_readable("cmi.interactions.0.student_response"));
    }
}
