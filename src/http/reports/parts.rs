//! The parts of a stored statement, as people read them.
//!
//! What a statement itself says comes first. If it gives no name, the name comes from what this server knows: the accounts
//! that sign in here, and the definitions of activities in other statements.

use super::agent;
use super::words::{ForeignText, duration, percent, shortened, tail};
use crate::config::Locale;
use crate::http::Problem;
use crate::http::pages::presenter::{Badge, Tone};
use crate::service::people::accounts;
use crate::service::records::definitions;
use crate::service::{AccountId, App};
use std::collections::HashMap;
use xapi::actor::actor;
use xapi::check::{Check, parse_uuid};
use xapi::json::{Document, Value};
use xapi::language::Preferences;
use xapi::{Ifi, StatementId, Version};

/// An agent or a group.
#[derive(Debug, Clone)]
pub(super) struct ActorView {
    pub name: Option<String>,
    /// `None` for an anonymous group.
    pub ifi: Option<Ifi<'static>>,
    /// How many members a group lists.
    pub members: usize,
    pub home: AccountHome,
}

/// Where an account exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AccountHome {
    /// On this server: its home page is not worth showing.
    Here,
    Elsewhere,
}

impl ActorView {
    /// Their name, or else their identifier.
    pub(super) fn label(&self) -> ForeignText {
        let by_identifier = || match &self.ifi {
            Some(Ifi::Account { name, .. }) => name.to_string(),
            Some(ifi) => agent::write(ifi),
            None => format!("A group of {}", self.members),
        };
        ForeignText::plain(self.name.clone().unwrap_or_else(by_identifier))
    }

    /// What distinguishes them from others, if the label does not show it.
    pub(super) fn identifier(&self) -> Option<String> {
        let identifier = self.ifi.as_ref().map(|ifi| match (ifi, self.home) {
            (Ifi::Account { name, .. }, AccountHome::Here) => name.to_string(),
            (Ifi::Account { home_page, name }, AccountHome::Elsewhere) => format!("{name} at {home_page}"),
            (ifi, _) => agent::write(ifi),
        });
        identifier.filter(|identifier| *identifier != self.label().text)
    }

    /// The same, shortened for the cell of a table.
    pub(super) fn short_identifier(&self) -> Option<String> {
        self.identifier().map(|text| shortened(&text))
    }
}

/// The object of a statement.
#[derive(Debug, Clone)]
pub(super) enum ObjectView {
    Activity {
        name: ForeignText,
        id: String,
    },
    Actor(ActorView),
    Statement(StatementId),
    /// A statement within the statement, in one sentence.
    Sentence(ForeignText),
}

impl ObjectView {
    /// Its name, or else what identifies it.
    pub(super) fn label(&self) -> ForeignText {
        match self {
            Self::Activity { name, .. } => name.clone(),
            Self::Actor(who) => who.label(),
            Self::Statement(id) => ForeignText::plain(format!("Statement {id}")),
            Self::Sentence(said) => said.clone(),
        }
    }

    /// What distinguishes it from others, shortened for the cell of a table.
    pub(super) fn short_identifier(&self) -> Option<String> {
        match self {
            Self::Activity { id, .. } => Some(shortened(id)),
            Self::Actor(who) => who.short_identifier(),
            Self::Statement(_) | Self::Sentence(_) => None,
        }
    }
}

/// A verb.
#[derive(Debug, Clone)]
pub(super) struct VerbView {
    pub name: ForeignText,
    pub id: String,
}

/// A result at a glance.
pub(super) fn marks(result: Value<'_>, locale: Locale) -> Vec<Badge> {
    let word = |name: &str, yes: Badge, no: Badge| {
        let said = result.get(name)?.raw();
        Some(if said == "true" { yes } else { no })
    };
    let plain = |text: String| Badge::new(Tone::Neutral, text);
    let success = word("success", Badge::new(Tone::Good, "Success"), Badge::new(Tone::Bad, "No success"));
    let completion = word("completion", Badge::new(Tone::Good, "Completed"), Badge::new(Tone::Warn, "Not completed"));
    let score = result.get("score").and_then(|value| score(value, locale)).map(plain);
    let took = result.get("duration").and_then(Value::string).map(|text| plain(shortened(&duration(&text))));
    [success, completion, score, took].into_iter().flatten().collect()
}

/// The scaled score as a percentage, or else the raw one with the maximum.
fn score(score: Value<'_>, locale: Locale) -> Option<String> {
    let number = |name| score.get(name).map(|value| shortened(value.raw()));
    let scaled = score.get("scaled").and_then(|scaled| percent(scaled.raw(), locale));
    scaled.or_else(|| match (number("raw")?, number("max")) {
        (raw, Some(max)) => Some(format!("{raw} of {max}")),
        (raw, None) => Some(format!("{raw} points")),
    })
}

/// Formats the parts of statements for one reader, and looks up each name once.
pub(super) struct StatementFormatter<'a> {
    app: &'a App,
    pub languages: Preferences,
    names: HashMap<AccountId, Option<String>>,
    titles: HashMap<String, Option<ForeignText>>,
}

impl<'a> StatementFormatter<'a> {
    /// A formatter in the languages that the reader prefers.
    pub(super) fn new(app: &'a App, languages: Preferences) -> Self {
        Self { app, languages, names: HashMap::new(), titles: HashMap::new() }
    }

    /// The agent or group that `value` is.
    pub(super) async fn who(&mut self, value: Value<'_>) -> Result<ActorView, Problem> {
        let read = actor(value, &mut Check::of_names(Version::V2));
        let members = read.as_ref().map_or(0, |read| read.members.len());
        let ifi = read.and_then(|read| read.ifi).map(Ifi::into_owned);
        let home = match &ifi {
            Some(Ifi::Account { home_page, .. }) if *home_page == self.app.config.url => AccountHome::Here,
            _ => AccountHome::Elsewhere,
        };
        let said = value.get("name").and_then(Value::string).map(|name| name.trim().to_owned());
        let name = match said.filter(|name| !name.is_empty()) {
            Some(name) => Some(name),
            None => self.known(ifi.as_ref(), home).await?,
        };
        Ok(ActorView { name, ifi, members, home })
    }

    /// The name of an account that signs in here.
    async fn known(&mut self, ifi: Option<&Ifi<'static>>, home: AccountHome) -> Result<Option<String>, Problem> {
        let (Some(Ifi::Account { name, .. }), AccountHome::Here) = (ifi, home) else { return Ok(None) };
        let Some(id) = parse_uuid(name).map(AccountId) else { return Ok(None) };
        if let Some(known) = self.names.get(&id) {
            return Ok(known.clone());
        }
        let account = accounts::get(self.app, id).await?;
        let name = account.map(|account| account.name).filter(|name| !name.trim().is_empty());
        self.names.insert(id, name.clone());
        Ok(name)
    }

    /// The verb that `value` is.
    pub(super) fn verb(&self, value: Value<'_>) -> VerbView {
        let id = value.get("id").and_then(Value::string).unwrap_or_default().into_owned();
        let said = value.get("display").and_then(|display| ForeignText::of(display, &self.languages));
        VerbView { name: said.unwrap_or_else(|| ForeignText::plain(tail(&id))), id }
    }

    /// What `value`, the object of a statement, is.
    pub(super) async fn thing(&mut self, value: Value<'_>) -> Result<ObjectView, Problem> {
        let kind = value.get("objectType").and_then(Value::string);
        Ok(match kind.as_deref() {
            Some("Agent" | "Group") => ObjectView::Actor(self.who(value).await?),
            Some("StatementRef") => match value.get("id").and_then(Value::string).and_then(|id| parse_uuid(&id)) {
                Some(id) => ObjectView::Statement(StatementId(id)),
                None => ObjectView::Sentence(ForeignText::plain("A statement")),
            },
            Some("SubStatement") => ObjectView::Sentence(self.sentence(value).await?),
            _ => self.activity(value).await?,
        })
    }

    /// The activity that `value` is.
    pub(super) async fn activity(&mut self, value: Value<'_>) -> Result<ObjectView, Problem> {
        let id = value.get("id").and_then(Value::string).unwrap_or_default().into_owned();
        let said = value.get("definition").and_then(|definition| title(definition, &self.languages));
        let name = match said {
            Some(said) => Some(said),
            None => self.title(&id).await?,
        };
        Ok(ObjectView::Activity { name: name.unwrap_or_else(|| ForeignText::plain(tail(&id))), id })
    }

    /// The name that other statements gave an activity.
    async fn title(&mut self, id: &str) -> Result<Option<ForeignText>, Problem> {
        if let Some(known) = self.titles.get(id) {
            return Ok(known.clone());
        }
        let held = definitions::get(self.app, id).await?;
        let document = held.as_deref().and_then(|held| Document::read(held).ok());
        let said = document.and_then(|document| title(document.root(), &self.languages));
        self.titles.insert(id.to_owned(), said.clone());
        Ok(said)
    }

    /// Who did what, for a statement or a SubStatement. The object of a SubStatement is never a SubStatement, so this ends.
    pub(super) async fn sentence(&mut self, value: Value<'_>) -> Result<ForeignText, Problem> {
        let actor = match value.get("actor") {
            Some(actor) => self.who(actor).await?.label().text,
            None => String::new(),
        };
        let verb = value.get("verb").map(|verb| self.verb(verb).name.text).unwrap_or_default();
        let object = match value.get("object") {
            Some(object) => Box::pin(self.thing(object)).await?.label().text,
            None => String::new(),
        };
        let parts = [actor, verb, object].map(|part| shortened(&part));
        Ok(ForeignText::plain(parts.join(" ")))
    }
}

fn title(definition: Value<'_>, languages: &Preferences) -> Option<ForeignText> {
    definition.get("name").and_then(|name| ForeignText::of(name, languages))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(result: &str) -> Vec<String> {
        let document = Document::read(result).unwrap();
        marks(document.root(), Locale::EnUs)
            .into_iter()
            .map(|badge| format!("{} {}", badge.word, badge.tone).trim().to_owned())
            .collect()
    }

    #[test]
    fn a_result_is_read_at_a_glance() {
        let full = r#"{"success": true, "completion": false, "score": {"scaled": 0.8, "raw": 8}, "duration": "PT90S"}"#;
        assert_eq!(read(full), ["Success good", "Not completed warn", "80%", "1 min 30 s"]);
        assert_eq!(read(r#"{"success": false, "score": {"raw": 7.50, "max": 10}}"#), ["No success bad", "7.50 of 10"]);
        assert_eq!(read(r#"{"score": {"raw": 7}}"#), ["7 points"]);
        assert_eq!(read(r#"{"response": "a", "score": {"min": 1}}"#), Vec::<String>::new());
    }

    #[test]
    fn an_actor_is_labeled_by_name_or_else_by_identifier() {
        let account = || Some(Ifi::account("https://lms.example.com", "ann"));
        let mailbox = || Some(Ifi::Mbox("mailto:a@b.c".into()));
        for (name, ifi, home, called, identifier) in [
            (Some("Ann"), account(), AccountHome::Elsewhere, "Ann", Some("ann at https://lms.example.com")),
            (Some("Ann"), account(), AccountHome::Here, "Ann", Some("ann")),
            (None, account(), AccountHome::Elsewhere, "ann", Some("ann at https://lms.example.com")),
            (None, account(), AccountHome::Here, "ann", None),
            (Some("Ann"), mailbox(), AccountHome::Elsewhere, "Ann", Some("a@b.c")),
            (None, mailbox(), AccountHome::Elsewhere, "a@b.c", None),
            (None, None, AccountHome::Elsewhere, "A group of 3", None),
        ] {
            let who = ActorView { name: name.map(str::to_owned), ifi, members: 3, home };
            assert_eq!(who.label().text, called);
            assert_eq!(who.identifier().as_deref(), identifier);
        }
    }
}
