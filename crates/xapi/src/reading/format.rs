//! How a statement is shown (Part 3 §2.1.3, `format`).
//!
//! `exact` is the stored bytes and needs no code. The other two copy the text value by value, so that numbers, escapes and
//! the order of members stay as they were sent.

use crate::json::{Document, Kind, SyntaxError, Value};
use crate::language::Preferences;
use crate::shape::Shape;
use std::collections::HashMap;

/// The formats that a reader may request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Only what identifies agents, groups, verbs and activities.
    Ids,
    /// As it was received.
    #[default]
    Exact,
    /// With the definitions that the server holds to be right, in one language.
    Canonical,
}

impl Format {
    /// The names by which readers request them.
    pub(crate) const NAMES: [(&'static str, Self); 3] =
        [("ids", Self::Ids), ("exact", Self::Exact), ("canonical", Self::Canonical)];
}

/// What [`canonical`] draws upon beside the statement: the definitions that the server holds, as JSON, by activity id.
pub type Definitions = HashMap<String, String>;

/// The ids of the activities in a statement: those whose definitions [`canonical`] needs.
pub fn activities(statement: &str) -> Result<Vec<String>, SyntaxError> {
    let document = Document::read(statement)?;
    let mut ids = Vec::new();
    collect(document.root(), Shape::Statement, &mut ids);
    Ok(ids)
}

fn collect(value: Value<'_>, shape: Shape, ids: &mut Vec<String>) {
    if shape == Shape::Plain {
        return;
    }
    if value.kind() == Kind::Object && role(value, shape) == Role::Activity {
        ids.extend(value.get("id").and_then(Value::string).map(Into::into));
        return;
    }
    value.items().for_each(|item| collect(item, shape.item(), ids));
    value.members().for_each(|member| collect(member.value, shape.member(&member.name()), ids));
}

/// Shows a stored statement with only what identifies agents, groups, verbs and activities.
pub fn ids(statement: &str) -> Result<String, SyntaxError> {
    let document = Document::read(statement)?;
    let mut out = String::with_capacity(statement.len());
    Ids.write(document.root(), Shape::Statement, &mut out);
    Ok(out)
}

/// Shows a stored statement with canonical definitions, in the language that the reader prefers.
pub fn canonical(statement: &str, languages: &Preferences, definitions: &Definitions) -> Result<String, SyntaxError> {
    let document = Document::read(statement)?;
    let mut out = String::with_capacity(statement.len());
    Canonical { languages, definitions }.write(document.root(), Shape::Statement, &mut out);
    Ok(out)
}

/// A way to copy a statement.
trait Copier {
    /// Writes `object`, which is no reference, into `out`; most do so by [`Copier::members`].
    fn object(&self, object: Value<'_>, shape: Shape, out: &mut String);

    fn write(&self, value: Value<'_>, shape: Shape, out: &mut String) {
        match (shape, value.kind()) {
            (Shape::Plain | Shape::Reference | Shape::Attachments | Shape::Result, _) => out.push_str(value.raw()),
            (_, Kind::Object) => self.object(value, shape, out),
            (_, Kind::Array) => {
                joined('[', ']', value.items(), out, |item, out| self.write(item, shape.item(), out));
            }
            _ => out.push_str(value.raw()),
        }
    }

    /// Writes the members of `object` whose names are to be kept.
    fn members(&self, object: Value<'_>, shape: Shape, keep: &dyn Fn(&str) -> bool, out: &mut String) {
        let kept = object.members().filter(|member| keep(&member.name()));
        joined('{', '}', kept, out, |member, out| {
            out.push_str(member.key.raw());
            out.push(':');
            self.write(member.value, shape.member(&member.name()), out);
        });
    }
}

struct Ids;

impl Copier for Ids {
    fn object(&self, object: Value<'_>, shape: Shape, out: &mut String) {
        let keep: &dyn Fn(&str) -> bool = match role(object, shape) {
            Role::Agent | Role::IdentifiedGroup => &|name| name != "name" && name != "member",
            Role::AnonymousGroup => &|name| name != "name",
            Role::Verb => &|name| name == "id",
            Role::Activity => &|name| name == "id",
            Role::Other => &|_| true,
        };
        self.members(object, shape, keep, out);
    }
}

struct Canonical<'a> {
    languages: &'a Preferences,
    definitions: &'a Definitions,
}

impl Copier for Canonical<'_> {
    fn object(&self, object: Value<'_>, shape: Shape, out: &mut String) {
        if matches!(shape, Shape::LanguageMap | Shape::Display) {
            return self.one_language(object, out);
        }
        if role(object, shape) != Role::Activity {
            return self.members(object, shape, &|_| true, out);
        }
        let id = object.get("id").and_then(Value::string).unwrap_or_default();
        match self.definitions.get(&*id).map(|held| Document::read(held)) {
            Some(Ok(definition)) => {
                self.members(object, shape, &|name| name != "definition", out);
                out.pop();
                out.push_str(",\"definition\":");
                self.write(definition.root(), Shape::Definition, out);
                out.push('}');
            }
            _ => self.members(object, shape, &|_| true, out),
        }
    }
}

impl Canonical<'_> {
    fn one_language(&self, map: Value<'_>, out: &mut String) {
        joined('{', '}', self.languages.choose(map).into_iter(), out, |member, out| {
            out.push_str(member.key.raw());
            out.push(':');
            out.push_str(member.value.raw());
        });
    }
}

/// What an object is to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Agent,
    AnonymousGroup,
    IdentifiedGroup,
    Verb,
    Activity,
    Other,
}

fn role(object: Value<'_>, shape: Shape) -> Role {
    let kind = object.get("objectType").and_then(Value::string);
    match (shape, kind.as_deref()) {
        (Shape::Actor | Shape::Object, Some("Group")) => {
            let identified = object.members().any(|member| is_ifi(&member.name()));
            if identified { Role::IdentifiedGroup } else { Role::AnonymousGroup }
        }
        (Shape::Actor, _) | (Shape::Object, Some("Agent")) => Role::Agent,
        (Shape::Verb, _) => Role::Verb,
        (Shape::Activity, _) | (Shape::Object, None | Some("Activity")) => Role::Activity,
        _ => Role::Other,
    }
}

fn is_ifi(name: &str) -> bool {
    matches!(name, "mbox" | "mbox_sha1sum" | "openid" | "account")
}

fn joined<T>(open: char, close: char, items: impl Iterator<Item = T>, out: &mut String, each: impl Fn(T, &mut String)) {
    out.push(open);
    for (at, item) in items.enumerate() {
        if at > 0 {
            out.push(',');
        }
        each(item, out);
    }
    out.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATEMENT: &str = r#"{"id":"1", "actor":{"objectType":"Group","name":"G","member":[{"name":"A","mbox":"mailto:a@b.c"}]},
        "verb":{"display":{"en":"did","de":"tat"},"id":"v:1"},
        "object":{"objectType":"SubStatement","actor":{"objectType":"Group","name":"H","mbox":"mailto:g@b.c","member":[{"openid":"o:1"}]},
            "verb":{"id":"v:2","display":{"en":"x","de":"y"}},
            "object":{"definition":{"name":{"en":"n","de":"m"},"extensions":{"e:1":{"name":{"en":1,"de":2}}}},"id":"a:1"}},
        "result":{"score":{"raw":1.50},"extensions":{"x:1":{"verb":{"display":{"a":1,"b":2}}}}},
        "context":{"contextActivities":{"parent":[{"id":"a:2","definition":{"type":"t:1"}}]},"instructor":{"name":"I","account":{"homePage":"h:1","name":"i"}}}}"#;

    #[test]
    fn ids_keeps_only_what_identifies() {
        assert_eq!(
            ids(STATEMENT).unwrap(),
            concat!(
                r#"{"id":"1","actor":{"objectType":"Group","member":[{"mbox":"mailto:a@b.c"}]},"verb":{"id":"v:1"},"#,
                r#""object":{"objectType":"SubStatement","actor":{"objectType":"Group","mbox":"mailto:g@b.c"},"#,
                r#""verb":{"id":"v:2"},"object":{"id":"a:1"}},"#,
                r#""result":{"score":{"raw":1.50},"extensions":{"x:1":{"verb":{"display":{"a":1,"b":2}}}}},"#,
                r#""context":{"contextActivities":{"parent":[{"id":"a:2"}]},"instructor":{"account":{"homePage":"h:1","name":"i"}}}}"#
            )
        );
    }

    #[test]
    fn every_activity_is_collected() {
        assert_eq!(activities(STATEMENT).unwrap(), ["a:1", "a:2"]);
    }

    #[test]
    fn canonical_uses_stored_definitions_and_one_language_of_each_map() {
        let stored = r#"{"name":{"fr":"f","de":"d"},"choices":[{"id":"c","description":{"en":"1","de":"2"}}]}"#;
        let stored = Definitions::from([("a:2".to_owned(), stored.to_owned())]);
        assert_eq!(
            canonical(STATEMENT, &Preferences::parse("de"), &stored).unwrap(),
            concat!(
                r#"{"id":"1","actor":{"objectType":"Group","name":"G","member":[{"name":"A","mbox":"mailto:a@b.c"}]},"#,
                r#""verb":{"display":{"de":"tat"},"id":"v:1"},"object":{"objectType":"SubStatement","#,
                r#""actor":{"objectType":"Group","name":"H","mbox":"mailto:g@b.c","member":[{"openid":"o:1"}]},"#,
                r#""verb":{"id":"v:2","display":{"de":"y"}},"#,
                r#""object":{"definition":{"name":{"de":"m"},"extensions":{"e:1":{"name":{"en":1,"de":2}}}},"id":"a:1"}},"#,
                r#""result":{"score":{"raw":1.50},"extensions":{"x:1":{"verb":{"display":{"a":1,"b":2}}}}},"#,
                r#""context":{"contextActivities":{"parent":[{"id":"a:2","definition":{"name":{"de":"d"},"#,
                r#""choices":[{"id":"c","description":{"de":"2"}}]}}]},"#,
                r#""instructor":{"name":"I","account":{"homePage":"h:1","name":"i"}}}}"#
            )
        );
    }
}
