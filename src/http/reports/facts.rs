//! Everything that a statement says, in the order in which people ask: who did what, with which result, in which context,
//! and how it was recorded.

use super::form::Form;
use super::parts::{ActorView, ObjectView, StatementFormatter, marks};
use super::row::{narrowed, narrowed_to_actor, narrowed_to_object};
use super::words::{ForeignText, duration, long, shortened};
use crate::config::Locale;
use crate::http::Problem;
use crate::http::pages::{Formats, bytes};
use crate::service::learning::registrations;
use crate::service::records::statements::server_authority;
use crate::service::{App, RegistrationId};
use base::hash::Sha256;
use base::log::StoredStatement;
use xapi::check::parse_uuid;
use xapi::json::Value;
use xapi::{instant, timestamp};

/// The most members of a list that are shown.
const MOST: usize = 50;

/// Some facts under a heading.
pub(super) struct Section {
    pub heading: &'static str,
    pub facts: Vec<Fact>,
}

/// One fact.
pub(super) struct Fact {
    pub label: &'static str,
    pub said: ForeignText,
    /// An identifier or another text that people copy rather than read.
    pub code: Option<String>,
    pub links: Vec<Link>,
}

/// A link to more.
pub(super) struct Link {
    pub href: String,
    pub text: String,
}

impl Fact {
    fn plain(label: &'static str, text: impl Into<String>) -> Self {
        Self { label, said: ForeignText::plain(text), code: None, links: Vec::new() }
    }

    fn code(label: &'static str, code: impl Into<String>) -> Self {
        Self { code: Some(code.into()), ..Self::plain(label, "") }
    }

    fn who(label: &'static str, who: &ActorView) -> Self {
        let href = narrowed_to_actor(&Form::default(), who);
        let fact = Self { said: who.label(), code: who.identifier(), ..Self::plain(label, "") };
        fact.linked(href, "Their statements")
    }

    fn thing(label: &'static str, thing: &ObjectView) -> Self {
        let (code, text) = match thing {
            ObjectView::Activity { id, .. } => (Some(id.clone()), "Statements about it"),
            ObjectView::Actor(who) => return Self::who(label, who),
            ObjectView::Statement(_) => (None, "Open it"),
            ObjectView::Sentence(_) => (None, ""),
        };
        let href = narrowed_to_object(&Form::default(), thing);
        Self { said: thing.label(), code, ..Self::plain(label, "") }.linked(href, text)
    }

    fn linked(mut self, href: Option<String>, text: impl Into<String>) -> Self {
        self.links.extend(href.map(|href| Link { href, text: text.into() }));
        self
    }
}

/// The facts of a stored statement, section by section; sections without facts are omitted.
pub(super) async fn sections(
    app: &App,
    stored: &StoredStatement,
    root: Value<'_>,
    formatter: &mut StatementFormatter<'_>,
    formats: &Formats,
) -> Result<Vec<Section>, Problem> {
    let mut sections = vec![Section { heading: "What happened", facts: sentence(root, formatter).await? }];
    if let Some(inner) =
        root.get("object").filter(|object| text(*object, "objectType").as_deref() == Some("SubStatement"))
    {
        sections.push(Section { heading: "Nested statement", facts: sentence(inner, formatter).await? });
    }
    let result = root.get("result").map(|value| result(value, formats.locale())).unwrap_or_default();
    sections.push(Section { heading: "Result", facts: result });
    if let Some(value) = root.get("context") {
        sections.push(Section { heading: "Context", facts: context(app, value, formatter).await? });
    }
    sections.push(Section { heading: "Record", facts: record(app, stored, root, formatter, formats).await? });
    sections.retain(|section| !section.facts.is_empty());
    for fact in sections.iter_mut().flat_map(|section| &mut section.facts) {
        fact.said = fact.said.long();
        fact.code = fact.code.as_deref().map(long);
    }
    Ok(sections)
}

async fn sentence(value: Value<'_>, formatter: &mut StatementFormatter<'_>) -> Result<Vec<Fact>, Problem> {
    let mut facts = Vec::new();
    if let Some(actor) = value.get("actor") {
        facts.push(Fact::who("Who", &formatter.who(actor).await?));
        facts.extend(members(actor, formatter).await?);
    }
    if let Some(verb) = value.get("verb").map(|verb| formatter.verb(verb)) {
        let href = narrowed(&Form::default(), "verb", &verb.id);
        let fact = Fact { said: verb.name, code: Some(verb.id), ..Fact::plain("Did what", "") };
        facts.push(fact.linked(href, "Statements with this verb"));
    }
    let Some(object) = value.get("object") else { return Ok(facts) };
    facts.push(Fact::thing("To what", &formatter.thing(object).await?));
    facts.extend(members(object, formatter).await?);
    if let Some(definition) = object.get("definition") {
        let description = definition.get("description").and_then(|map| ForeignText::of(map, &formatter.languages));
        facts.extend(description.map(|said| Fact { said, ..Fact::plain("Description", "") }));
        facts.extend(text(definition, "type").map(|kind| Fact::code("Type", kind)));
        facts.extend(text(definition, "interactionType").map(|kind| Fact::plain("Kind of question", kind)));
        let right = definition.get("correctResponsesPattern").into_iter().flat_map(Value::items).take(MOST);
        facts.extend(right.filter_map(Value::string).map(|right| Fact::code("Right answer", right)));
    }
    Ok(facts)
}

async fn members(group: Value<'_>, formatter: &mut StatementFormatter<'_>) -> Result<Vec<Fact>, Problem> {
    let mut facts = Vec::new();
    for member in group.get("member").into_iter().flat_map(Value::items).take(MOST) {
        facts.push(Fact::who("Member", &formatter.who(member).await?));
    }
    Ok(facts)
}

fn result(value: Value<'_>, locale: Locale) -> Vec<Fact> {
    let words: Vec<_> = marks(value, locale).into_iter().map(|badge| badge.word).collect();
    let mut facts = Vec::new();
    if !words.is_empty() {
        facts.push(Fact::plain("Summary", words.join(", ")));
    }
    if let Some(score) = value.get("score") {
        let parts: Vec<_> =
            score.members().map(|part| format!("{} {}", part.name(), shortened(part.value.raw()))).collect();
        facts.push(Fact::code("Score", parts.join(", ")));
    }
    facts.extend(text(value, "duration").filter(|iso| duration(iso) != *iso).map(|iso| Fact::code("Duration", iso)));
    facts.extend(text(value, "response").map(|response| Fact::code("Answer", response)));
    facts
}

/// Lists of activities in a context, and the relation of each to the statement.
const RELATIONS: [(&str, &str); 4] =
    [("parent", "Part of"), ("grouping", "Grouped with"), ("category", "Category"), ("other", "Other activity")];

async fn context(app: &App, value: Value<'_>, formatter: &mut StatementFormatter<'_>) -> Result<Vec<Fact>, Problem> {
    let mut facts = Vec::new();
    if let Some(id) = text(value, "registration") {
        let known = desk(app, &id).await?;
        let href = narrowed(&Form::default(), "registration", &id);
        let fact = Fact::code("Registration", id).linked(href, "Statements of this registration");
        facts.push(fact.linked(known, "Open the registration"));
    }
    for (relation, label) in RELATIONS {
        let list = value.get("contextActivities").and_then(|lists| lists.get(relation));
        for activity in list.into_iter().flat_map(Value::items).take(MOST) {
            facts.push(Fact::thing(label, &formatter.activity(activity).await?));
        }
    }
    for (name, label) in [("instructor", "Instructor"), ("team", "Team")] {
        if let Some(actor) = value.get(name) {
            facts.push(Fact::who(label, &formatter.who(actor).await?));
        }
    }
    for (list, member, label) in
        [("contextAgents", "agent", "Also present"), ("contextGroups", "group", "Group present")]
    {
        for item in value.get(list).into_iter().flat_map(Value::items).take(MOST) {
            if let Some(actor) = item.get(member) {
                facts.push(Fact::who(label, &formatter.who(actor).await?));
            }
        }
    }
    if let Some(id) = value.get("statement").and_then(|reference| text(reference, "id")) {
        let href = parse_uuid(&id).map(|id| format!("/reports/statements/{id}"));
        facts.push(Fact::code("In the context of statement", id).linked(href, "Open it"));
    }
    for (name, label) in [("revision", "Revision"), ("platform", "Platform"), ("language", "Language")] {
        facts.extend(text(value, name).map(|text| Fact::plain(label, text)));
    }
    Ok(facts)
}

/// The desk's page of a registration, if it is one of this server's.
async fn desk(app: &App, id: &str) -> Result<Option<String>, Problem> {
    let Some(id) = parse_uuid(id) else { return Ok(None) };
    match registrations::get(app, RegistrationId(id)).await {
        Ok(registration) => Ok(Some(format!("/desk/registrations/{}", registration.id))),
        Err(registrations::Error::Unknown(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The authority of a statement, and what that means: only what this server itself recorded is evidence of credit.
fn authority_facts(app: &App, authority: &ActorView) -> [Fact; 2] {
    let (by, word) = if authority.ifi.as_ref() == Some(server_authority(app).ifi()) {
        (Fact::plain("Authority", "This server"), "Yes, if a rule asks for it: this server recorded it")
    } else {
        let by = Fact { links: Vec::new(), ..Fact::who("Authority", authority) };
        (by, "No: another program sent it")
    };
    [by, Fact::plain("Evidence of credit", word)]
}

async fn record(
    app: &App,
    stored: &StoredStatement,
    root: Value<'_>,
    formatter: &mut StatementFormatter<'_>,
    formats: &Formats,
) -> Result<Vec<Fact>, Problem> {
    let happened = text(root, "timestamp").map(|written| {
        let said = timestamp::parse(&written).map_or_else(String::new, |at| formats.second(at));
        Fact { code: Some(written), ..Fact::plain("Happened", said) }
    });
    let mut facts: Vec<_> = happened.into_iter().collect();
    facts.push(Fact { code: Some(instant(stored.stored)), ..Fact::plain("Stored", formats.second(stored.stored)) });
    if let Some(authority) = root.get("authority") {
        facts.extend(authority_facts(app, &formatter.who(authority).await?));
    }
    facts.extend(text(root, "version").map(|version| Fact::plain("xAPI version", version)));
    facts.push(Fact::code("Statement id", stored.id.to_string()));
    facts.push(Fact::plain("Position in the log", stored.seq.0.to_string()));
    let size = u64::try_from(stored.bytes.len()).map_err(Problem::internal)?;
    facts.push(Fact { code: Some(Sha256::of(&stored.bytes).to_string()), ..Fact::plain("SHA-256", bytes(size)) });
    Ok(facts)
}

fn text(value: Value<'_>, name: &str) -> Option<String> {
    value.get(name)?.string().map(Into::into)
}
