//! The parameters of a request: each is checked as the same value would be in a statement (Part 2 §2.2), by the rules that any
//! stored one was accepted by.

use crate::actor::{Actor, ActorKind, Ifi, actor};
use crate::check::{Check, excerpt};
use crate::fault::{Code, Fault};
use crate::iri::is_stored_iri;
use crate::json::Document;
use crate::version::Version;
use crate::{check, timestamp};
use jiff::Timestamp;
use uuid::Uuid;

/// Parameters, already decoded, and the faults found in them.
pub struct Parameters<'p> {
    given: &'p [(String, String)],
    version: Version,
    faults: Vec<Fault>,
}

impl<'p> Parameters<'p> {
    /// Takes the parameters of a resource that knows the names `known`. Others, and second ones, are faults.
    pub fn of(given: &'p [(String, String)], known: &[&str], version: Version) -> Self {
        let mut parameters = Self { given, version, faults: Vec::new() };
        for (at, (name, _)) in given.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let meant = known.iter().find(|known| known.eq_ignore_ascii_case(name));
                let advice = meant.map_or_else(|| "leave it out".to_owned(), |known| format!("write `{known}`"));
                parameters.refuse(Code::Unknown, format!("there is no parameter `{name}` here; {advice}"));
            } else if given.iter().take(at).any(|(before, _)| before == name) {
                parameters.refuse(Code::Duplicate, format!("`{name}` is given more than once; give it once"));
            }
        }
        parameters
    }

    /// `value`, if no fault was found.
    pub fn finish<T>(self, value: T) -> Result<T, Vec<Fault>> {
        if self.faults.is_empty() { Ok(value) } else { Err(self.faults) }
    }

    /// Notes a fault.
    pub fn refuse(&mut self, code: Code, message: String) {
        self.faults.push(Fault { pointer: String::new(), code, message });
    }

    /// The names that were given.
    pub fn names(&self) -> impl Iterator<Item = &'p str> + use<'p> {
        self.given.iter().map(|(name, _)| name.as_str())
    }

    /// The text of one of them.
    pub fn text(&self, name: &str) -> Option<&'p str> {
        self.given.iter().find(|(given, _)| given == name).map(|(_, text)| text.as_str())
    }

    /// Notes that a parameter that must be there is not.
    pub fn require(&mut self, name: &str) {
        if self.text(name).is_none() {
            self.refuse(Code::Missing, format!("the parameter `{name}` is missing"));
        }
    }

    /// What `parse` makes of the text; `expected` says what it takes.
    pub fn parse<T>(&mut self, name: &str, expected: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(name)?;
        let value = parse(text);
        if value.is_none() {
            self.refuse(Code::Format, format!("`{name}` must be {expected}; this request has `{}`", excerpt(text)));
        }
        value
    }

    /// A string that is not empty.
    pub fn string(&mut self, name: &str) -> Option<String> {
        self.parse(name, "a text that is not empty", |text| (!text.is_empty()).then(|| text.to_owned()))
    }

    /// An IRI.
    pub fn iri(&mut self, name: &str) -> Option<String> {
        self.parse(name, "an absolute IRI", |text| is_stored_iri(text).then(|| text.to_owned()))
    }

    /// A UUID.
    pub(crate) fn uuid(&mut self, name: &str) -> Option<Uuid> {
        self.parse(name, "a UUID", check::parse_uuid)
    }

    /// A timestamp. A blank is read as the `+` that a client did not escape, and between date and time as the `T` that many
    /// languages do not write: neither can mean anything else.
    pub fn timestamp(&mut self, name: &str) -> Option<Timestamp> {
        self.parse(name, "a timestamp such as `2026-01-15T09:30:00.000Z`", |text| {
            timestamp::parse(text).or_else(|| timestamp::parse(&without_blanks(text)))
        })
    }

    /// `true` or `false`, which is also what silence means. Python writes `True` and `False`.
    pub fn flag(&mut self, name: &str) -> bool {
        let parsed = self.parse(name, "`true` or `false`", |text| match text {
            "true" | "True" => Some(true),
            "false" | "False" => Some(false),
            _ => None,
        });
        parsed.unwrap_or(false)
    }

    /// An agent or an identified group, as JSON.
    pub fn actor(&mut self, name: &str) -> Option<Ifi<'static>> {
        self.read_actor(name, |_, _| ())
    }

    /// An agent, as JSON.
    pub fn agent(&mut self, name: &str) -> Option<Ifi<'static>> {
        self.read_actor(name, |actor, check| {
            if actor.kind == ActorKind::Group {
                let message = "an Agent is expected; give the identifier of a group as that of an Agent";
                check.faults.at(actor.value, Code::Rule, message);
            }
        })
    }

    fn read_actor(&mut self, name: &str, rule: impl Fn(&Actor<'_>, &mut Check)) -> Option<Ifi<'static>> {
        let document = match Document::read(self.text(name)?) {
            Ok(document) => document,
            Err(error) => {
                self.refuse(Code::Json, format!("`{name}`: {error}"));
                return None;
            }
        };
        let mut check = Check::of_names(self.version);
        let actor = actor(document.root(), &mut check);
        if let Some(actor) = &actor {
            rule(actor, &mut check);
            if actor.ifi.is_none() {
                check.faults.at(actor.value, Code::Rule, "a group without an identifier cannot be queried");
            }
        }
        for fault in check.faults.into_vec() {
            self.refuse(fault.code, format!("`{name}`{}: {}", fault.pointer, fault.message));
        }
        actor.and_then(|actor| actor.ifi).map(Ifi::into_owned)
    }
}

/// `text` with a `T` between date and time, and a `+` before an offset, where there are blanks.
fn without_blanks(text: &str) -> String {
    let has_t = text.contains(['T', 't']);
    let text = if has_t { text.to_owned() } else { text.replacen(' ', "T", 1) };
    text.replacen(' ', "+", 1)
}
