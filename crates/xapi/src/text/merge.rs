//! Putting a JSON object into another, member by member, without touching what is not replaced.

use crate::json::{Document, Kind, Member, Value};
use std::borrow::Cow;
use std::collections::HashMap;

/// One of the two texts is not a JSON object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("only JSON objects can be merged")]
pub struct Error;

/// `existing` with the members of `posted` set in it: only at the top level, each value as a whole (Part 3 §2.2).
pub fn top_level(existing: &str, posted: &str) -> Result<String, Error> {
    merge(existing, posted, |_, _, new| new.raw().to_owned())
}

/// The definition of an activity `held`, with what `given` adds or replaces: texts in further languages and further
/// extensions join those that are there (Part 2 §2.4.4.1, "LRS Requirements").
pub fn definition(held: &str, given: &str) -> Result<String, Error> {
    merge(held, given, |name, old, new| match name {
        "name" | "description" | "extensions" => {
            top_level(old.raw(), new.raw()).unwrap_or_else(|_| new.raw().to_owned())
        }
        _ => new.raw().to_owned(),
    })
}

fn merge(existing: &str, posted: &str, both: impl Fn(&str, Value<'_>, Value<'_>) -> String) -> Result<String, Error> {
    let (existing, posted) = (object(existing)?, object(posted)?);
    let mut merged = Members::default();
    for member in existing.root().members() {
        merged.set(member, |_| member.value.raw().to_owned());
    }
    for member in posted.root().members() {
        merged.set(member, |old| match old {
            Some(old) => both(&member.name(), old, member.value),
            None => member.value.raw().to_owned(),
        });
    }
    Ok(merged.write())
}

/// The members of an object in their order. The last of several members of one name counts, as for most readers of JSON.
#[derive(Default)]
struct Members<'d> {
    places: HashMap<Cow<'d, str>, usize>,
    list: Vec<(Member<'d>, String)>,
}

impl<'d> Members<'d> {
    fn set(&mut self, member: Member<'d>, text: impl Fn(Option<Value<'d>>) -> String) {
        let next = self.list.len();
        let at = *self.places.entry(member.name()).or_insert(next);
        match self.list.get_mut(at) {
            Some((old, value)) => *value = text(Some(old.value)),
            None => self.list.push((member, text(None))),
        }
    }

    fn write(&self) -> String {
        let written: Vec<_> = self.list.iter().map(|(member, value)| format!("{}:{value}", member.key.raw())).collect();
        format!("{{{}}}", written.join(","))
    }
}

fn object(text: &str) -> Result<Document<'_>, Error> {
    let document = Document::read(text).map_err(|_| Error)?;
    if document.root().kind() == Kind::Object { Ok(document) } else { Err(Error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_top_level_is_merged() {
        let merged = top_level(r#"{"x":"foo", "y":{"a":1.0,"b":2}}"#, r#" {"y":{"a":3.50},"z":[1e2]}"#);
        assert_eq!(merged.as_deref(), Ok(r#"{"x":"foo","y":{"a":3.50},"z":[1e2]}"#));
        for (existing, posted) in [("[]", "{}"), ("{}", "1"), ("{", "{}"), ("{}", "")] {
            assert_eq!(top_level(existing, posted), Err(Error));
        }
    }

    #[test]
    fn languages_and_extensions_of_definitions_join() {
        let merged = definition(
            r#"{"name":{"en":"a","de":"b"},"type":"t:1","extensions":{"x:1":1}}"#,
            r#"{"name":{"de":"c","fr":"d"},"type":"t:2","extensions":{"x:2":{"y":2}},"moreInfo":"m:1"}"#,
        );
        let expected = r#"{"name":{"en":"a","de":"c","fr":"d"},"type":"t:2","extensions":{"x:1":1,"x:2":{"y":2}},"moreInfo":"m:1"}"#;
        assert_eq!(merged.as_deref(), Ok(expected));
    }
}
