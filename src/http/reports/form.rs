//! The filter form: what a person typed, what it means, and the addresses that say the same.
//!
//! Its fields have the names of the standard's parameters and mean the same (Part 3 §2.1.3), so that a query of `/xapi`
//! can be viewed by writing `/reports` in its place. The form accepts more than the standard: an agent in any form
//! ([`super::agent`]), and instants in the provider's time zone. `voided`, `before` and `after` are ours.

use super::agent;
use crate::service::records::statements::VoidedStatements;
use crate::service::records::statements::Window;
use base::log::Seq;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use xapi::check::parse_uuid;
use xapi::iri::is_stored_iri;
use xapi::query::{Breadth, Direction, Filter, Reach};
use xapi::timestamp;
use xapi::vocabulary::iri::encoded;

/// The fields in which something is written, in the order in which an address names them.
const TEXTS: [&str; 8] = ["agent", "verb", "activity", "registration", "since", "until", BEFORE, AFTER];

/// The fields that are ticked or not.
const FLAGS: [&str; 5] = ["related_agents", "related_activities", "ascending", "voided", COUNT];

/// Parameters of the standard that change how a response is sent, and so do not apply to a page.
const WITHOUT_MEANING: [&str; 3] = ["limit", "format", "attachments"];

const BEFORE: &str = "before";
const AFTER: &str = "after";
/// Whether to count all matching statements. It takes a while, so no link keeps it.
pub(super) const COUNT: &str = "count";

/// The contents of the form, as typed. Empty fields are absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Form(BTreeMap<&'static str, String>);

/// The query that a form describes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FilterQuery {
    pub filter: Filter,
    pub voided: VoidedStatements,
    pub window: Window,
    /// Whether to count all matching statements.
    pub counted: bool,
}

/// What is wrong with a form: sentences by the name of the field. The empty name has what is in no field.
pub(super) type Faults = BTreeMap<&'static str, String>;

/// Whether an address could be shorter and say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Address {
    Plain,
    /// It contains the empty fields that browsers send.
    Wordy,
}

impl Form {
    /// Reads the parameters of an address.
    pub(super) fn of(given: &[(String, String)]) -> (Self, Faults, Address) {
        let mut form = Self::default();
        let mut faults = Faults::new();
        let mut address = Address::Plain;
        for (name, text) in given {
            let known = TEXTS.into_iter().chain(FLAGS).find(|known| known == name);
            match known {
                _ if text.trim().is_empty() || WITHOUT_MEANING.contains(&name.as_str()) => address = Address::Wordy,
                Some(flag) if FLAGS.contains(&flag) && text == "false" => address = Address::Wordy,
                Some(known) if !form.0.contains_key(known) => drop(form.0.insert(known, text.clone())),
                Some(known) => drop(faults.insert("", format!("The address has `{known}` twice; one is ignored."))),
                None => drop(faults.insert("", format!("There is no filter called `{name}`; it was ignored."))),
            }
        }
        (form, faults, address)
    }

    /// The contents of a field; empty if it is absent.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Whether a box is ticked.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether any field but those of the first row is filled in.
    pub(super) fn goes_further(&self) -> bool {
        self.0.keys().any(|name| !["agent", "verb", "activity", BEFORE, AFTER, COUNT].contains(name))
    }

    /// Whether any field excludes statements.
    pub(super) fn narrows(&self) -> bool {
        self.0.keys().any(|name| !FLAGS.contains(name))
    }

    /// The same, with another text in one field, from the first page on. An empty text removes the field.
    pub(super) fn with(&self, name: &'static str, text: &str) -> Self {
        let mut form = self.at(Window::Newest);
        if text.is_empty() {
            form.0.remove(name);
        } else {
            form.0.insert(name, text.to_owned());
        }
        form
    }

    /// The same, in another window. The newest and the oldest are where each direction begins.
    pub(super) fn at(&self, window: Window) -> Self {
        let mut form = self.clone();
        for name in [BEFORE, AFTER, COUNT] {
            form.0.remove(name);
        }
        match window {
            Window::Newest | Window::Oldest => {}
            Window::Before(seq) => drop(form.0.insert(BEFORE, seq.0.to_string())),
            Window::After(seq) => drop(form.0.insert(AFTER, seq.0.to_string())),
        }
        form
    }

    /// The address of the page that shows it.
    pub(super) fn href(&self) -> String {
        let named = TEXTS.into_iter().chain(FLAGS).filter_map(|name| Some((name, self.0.get(name)?.as_str())));
        address("/reports/statements", named)
    }

    /// The query that it describes, or what is wrong with it.
    pub(super) fn read(&self, zone: &TimeZone) -> Result<FilterQuery, Faults> {
        let mut reader = FormReader { form: self, faults: Faults::new() };
        let reach = |related| if related { Reach::Related } else { Reach::Narrow };
        let direction = if reader.flag("ascending") { Direction::OldestFirst } else { Direction::NewestFirst };
        let filter = Filter {
            agent: reader.parse("agent", agent::read),
            verb: reader.parse("verb", verb),
            activity: reader.parse("activity", activity),
            registration: reader.parse("registration", |text| parse_uuid(text).ok_or_else(|| not_a_uuid(text))),
            breadth: Breadth {
                agents: reach(reader.flag("related_agents")),
                activities: reach(reader.flag("related_activities")),
            },
            since: reader.parse("since", |text| instant(text, zone)),
            until: reader.parse("until", |text| instant(text, zone)),
            limit: None,
            direction,
        };
        if let (Some(since), Some(until)) = (filter.since, filter.until)
            && since >= until
        {
            let sentence = "This must be later than the instant in the previous field.";
            reader.faults.insert("until", sentence.to_owned());
        }
        let voided = if reader.flag("voided") { VoidedStatements::Included } else { VoidedStatements::Excluded };
        let window = match (reader.parse(BEFORE, seq), reader.parse(AFTER, seq), direction) {
            (Some(seq), ..) => Window::Before(seq),
            (None, Some(seq), _) => Window::After(seq),
            (None, None, Direction::NewestFirst) => Window::Newest,
            (None, None, Direction::OldestFirst) => Window::Oldest,
        };
        let counted = reader.flag(COUNT);
        if reader.faults.is_empty() { Ok(FilterQuery { filter, voided, window, counted }) } else { Err(reader.faults) }
    }

    /// A field for an instant, as `<input type="datetime-local">` writes it; `None` if that cannot represent what was typed.
    pub(super) fn local(&self, name: &str, zone: &TimeZone) -> Option<String> {
        let text = self.text(name);
        if text.is_empty() {
            return Some(String::new());
        }
        let at = instant(text, zone).ok()?.to_zoned(zone.clone()).datetime();
        // An input of a form has at most milliseconds; a more precise instant stays as it was typed.
        (at.subsec_nanosecond() % 1_000_000 == 0).then(|| at.strftime("%Y-%m-%dT%H:%M:%S%.f").to_string())
    }
}

/// The fields of a form, and what is wrong with them so far.
struct FormReader<'f> {
    form: &'f Form,
    faults: Faults,
}

impl FormReader<'_> {
    fn parse<T>(&mut self, name: &'static str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let text = self.form.0.get(name)?.trim();
        parse(text).map_err(|sentence| self.faults.insert(name, sentence)).ok()
    }

    fn flag(&mut self, name: &'static str) -> bool {
        let text = self.form.0.get(name).map(String::as_str);
        if text.is_some_and(|text| text != "true") {
            self.faults.insert("", format!("`{name}` must be `true` or `false`."));
        }
        text == Some("true")
    }
}

fn verb(text: &str) -> Result<String, String> {
    iri(text, "A verb is known by its IRI, such as http://adlnet.gov/expapi/verbs/completed; choose one from the list")
}

fn activity(text: &str) -> Result<String, String> {
    iri(text, "An activity is known by its IRI, such as https://example.com/activities/1; copy it from a statement")
}

fn iri(text: &str, sentence: &str) -> Result<String, String> {
    if is_stored_iri(text) { Ok(text.to_owned()) } else { Err(format!("{sentence}.")) }
}

fn not_a_uuid(_: &str) -> String {
    "A registration is known by its UUID, such as 6690e6c9-3ef0-4ed3-8b37-7f3964730bee.".to_owned()
}

fn seq(text: &str) -> Result<Seq, String> {
    text.parse().map(Seq).map_err(|_| "This address does not name a page; start with the first one.".to_owned())
}

/// The instant that `text` names: with an offset as the standard writes it, without one as the clocks of `zone` show it.
fn instant(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    let sentence = || "Write date and time, such as 2026-01-15T09:30.".to_owned();
    let (_, time) = text.split_once(['T', 't', ' ']).ok_or_else(sentence)?;
    if time.contains(['Z', 'z', '+', '-']) {
        return timestamp::parse(text).ok_or_else(sentence);
    }
    let local: DateTime = text.parse().map_err(|_| sentence())?;
    // When clocks are set back, an hour occurs twice: the first one is meant. A time in the hour that is skipped means the
    // same time with the earlier offset.
    local.to_zoned(zone.clone()).map(|at| at.timestamp()).map_err(|_| sentence())
}

/// The query of `/xapi/statements` for `filter`; it omits parameters with the standard's default value.
pub(super) fn xapi(path: &str, filter: &Filter) -> String {
    let agent = filter.agent.as_ref().map(|ifi| agent::as_json(ifi).to_string());
    let registration = filter.registration.map(|id| id.to_string());
    let [since, until] = [filter.since, filter.until].map(|at| at.map(|at| at.to_string()));
    let flag = |on: bool| on.then_some("true");
    let named = [
        ("agent", agent.as_deref()),
        ("verb", filter.verb.as_deref()),
        ("activity", filter.activity.as_deref()),
        ("registration", registration.as_deref()),
        ("since", since.as_deref()),
        ("until", until.as_deref()),
        ("related_agents", flag(filter.breadth.agents == Reach::Related)),
        ("related_activities", flag(filter.breadth.activities == Reach::Related)),
        ("ascending", flag(filter.direction == Direction::OldestFirst)),
    ];
    address(path, named.into_iter().filter_map(|(name, text)| Some((name, text?))))
}

/// `path` with a query.
fn address<'a>(path: &str, named: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut address = path.to_owned();
    for (at, (name, text)) in named.enumerate() {
        address.push(if at == 0 { '?' } else { '&' });
        address.push_str(name);
        address.push('=');
        address.push_str(&encoded(text));
    }
    address
}

#[cfg(test)]
mod tests;
