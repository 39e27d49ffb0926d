//! What the readers of statements share: taking an object apart, and the simple types of Part 2 §4.
//!
//! A reader returns what it understood, or nothing after it has noted why; it never stops at the first fault.

use crate::fault::{Code, Faults};
use crate::iri;
use crate::json::{Kind, Member, Value};
use crate::timestamp;
use crate::version::Version;
use jiff::Timestamp;
use std::borrow::Cow;
use uuid::Uuid;

/// The rules to check by, and the faults found so far.
#[derive(Debug)]
pub struct Check {
    pub version: Version,
    pub faults: Faults,
    iris: Iris,
}

/// Which IRIs are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Iris {
    /// Those of [`iri::is_iri`].
    Exact,
    /// Those of [`iri::is_stored_iri`] too.
    Stored,
}

impl Check {
    /// A check by the rules of `version` that has found nothing yet.
    pub fn by(version: Version) -> Self {
        Self { version, faults: Faults::default(), iris: Iris::Exact }
    }

    /// The same of what only names what may be stored already, perhaps by the looser rules of an earlier release.
    pub fn of_names(version: Version) -> Self {
        Self { iris: Iris::Stored, ..Self::by(version) }
    }

    /// The members of `object` in the order of `names`. Others, and second ones, are faults (Part 2 §2.2).
    pub fn fields<'d, const N: usize>(
        &mut self,
        object: Value<'d>,
        names: [&str; N],
    ) -> Option<[Option<Value<'d>>; N]> {
        if object.kind() != Kind::Object {
            self.wrong_type(object, "an object");
            return None;
        }
        let mut fields = [None; N];
        for member in object.members() {
            let name = member.name();
            let slot = names.iter().position(|known| *known == name).and_then(|at| fields.get_mut(at));
            match slot {
                Some(slot @ None) => *slot = Some(member.value),
                Some(Some(_)) => self.duplicate(member.value, &name),
                None => self.unknown(member.value, &name, &names),
            }
        }
        Some(fields)
    }

    fn duplicate(&mut self, value: Value<'_>, name: &str) {
        self.faults.at(value, Code::Duplicate, format!("`{name}` occurs more than once; keep one"));
    }

    fn unknown(&mut self, value: Value<'_>, name: &str, names: &[&str]) {
        let message = match names.iter().find(|known| known.eq_ignore_ascii_case(name)) {
            Some(known) => format!("write `{known}` instead of `{name}`"),
            None => format!("the standard defines no `{name}` here; leave it out or put it into extensions"),
        };
        self.faults.at(value, Code::Unknown, message);
    }

    /// `field`, which `object` must have.
    pub(crate) fn required<'d>(
        &mut self,
        object: Value<'d>,
        name: &str,
        field: Option<Value<'d>>,
    ) -> Option<Value<'d>> {
        if field.is_none() {
            self.faults.at(object, Code::Missing, format!("`{name}` is missing"));
        }
        field
    }

    /// Notes that `value` is of another type than `expected`.
    pub(crate) fn wrong_type(&mut self, value: Value<'_>, expected: &str) {
        match value.kind() {
            Kind::Null => {
                let message = format!("the value is null; give {expected} or leave the member out");
                self.faults.at(value, Code::Null, message);
            }
            kind => self.faults.at(value, Code::Type, format!("expected {expected}, found {}", kind.noun())),
        }
    }

    /// Notes that the string `value` is not `expected`.
    fn wrong_format(&mut self, value: Value<'_>, expected: &str) {
        self.faults.at(value, Code::Format, format!("expected {expected}, found {}", excerpt(value.raw())));
    }

    /// A string.
    pub fn string<'d>(&mut self, value: Value<'d>) -> Option<Cow<'d, str>> {
        let string = value.string();
        if string.is_none() {
            self.wrong_type(value, "a string");
        }
        string
    }

    /// A string that `fits`; `expected` says how.
    pub(crate) fn formatted<'d>(
        &mut self,
        value: Value<'d>,
        expected: &str,
        fits: impl Fn(&str) -> bool,
    ) -> Option<Cow<'d, str>> {
        let string = self.string(value)?;
        if !fits(&string) {
            self.wrong_format(value, expected);
            return None;
        }
        Some(string)
    }

    /// An IRI (Part 2 §4.3). IRLs are checked alike: whether one can be resolved is not known here.
    pub fn iri<'d>(&mut self, value: Value<'d>) -> Option<Cow<'d, str>> {
        let fits = match self.iris {
            Iris::Exact => iri::is_iri,
            Iris::Stored => iri::is_stored_iri,
        };
        self.formatted(value, "an absolute IRI (RFC 3987) such as `https://example.com/x`", fits)
    }

    /// A mailto IRI with one address (Part 2 §2.4.2.3).
    pub(crate) fn mailto<'d>(&mut self, value: Value<'d>) -> Option<Cow<'d, str>> {
        let fits = match self.iris {
            Iris::Exact => iri::is_mailto,
            Iris::Stored => iri::is_stored_mailto,
        };
        self.formatted(value, "`mailto:` and an e-mail address", fits)
    }

    /// A UUID in its standard form (Part 2 §4.4).
    pub fn uuid(&mut self, value: Value<'_>) -> Option<Uuid> {
        let string = self.string(value)?;
        let uuid = parse_uuid(&string);
        if uuid.is_none() {
            self.wrong_format(value, "a UUID such as `6690e6c9-3ef0-4ed3-8b37-7f3964730bee`");
        }
        uuid
    }

    /// A timestamp (Part 2 §4.5).
    pub fn timestamp(&mut self, value: Value<'_>) -> Option<Timestamp> {
        let string = self.string(value)?;
        let instant = timestamp::parse(&string);
        if instant.is_none() {
            self.wrong_format(value, "a timestamp such as `2026-01-15T09:30:00.000Z`");
        }
        instant
    }

    /// A language tag (RFC 5646).
    pub fn language(&mut self, value: Value<'_>) {
        self.formatted(value, "a language tag (RFC 5646) such as `en-US`", is_language);
    }

    /// A boolean.
    pub(crate) fn boolean(&mut self, value: Value<'_>) {
        if value.kind() != Kind::Bool {
            self.wrong_type(value, "a boolean");
        }
    }

    /// One of the strings of a list, exactly as it is written there.
    pub(crate) fn one_of<'n>(&mut self, value: Value<'_>, names: &[&'n str]) -> Option<&'n str> {
        let string = self.string(value)?;
        let known = names.iter().copied().find(|name| *name == string);
        if known.is_none() {
            let message = format!("expected one of `{}`, found {}", names.join("`, `"), excerpt(value.raw()));
            self.faults.at(value, Code::Value, message);
        }
        known
    }

    /// The items of an array.
    pub fn items<'d>(&mut self, value: Value<'d>) -> impl Iterator<Item = Value<'d>> + use<'d> {
        if value.kind() != Kind::Array {
            self.wrong_type(value, "an array");
        }
        value.items()
    }

    /// A language map (Part 2 §4.2).
    pub(crate) fn language_map(&mut self, map: Value<'_>) {
        self.map(map, "a language map such as `{\"en\": \"text\"}`", |check, member| {
            check.language(member.key);
            check.string(member.value);
        });
    }

    /// Extensions (Part 2 §4.1): their names are IRIs, and any value is accepted.
    pub(crate) fn extensions(&mut self, map: Value<'_>) {
        self.map(map, "an object", |check, member| {
            check.iri(member.key);
        });
    }

    fn map(&mut self, map: Value<'_>, noun: &str, each: impl Fn(&mut Self, Member<'_>)) {
        if map.kind() != Kind::Object {
            self.wrong_type(map, noun);
        }
        map.members().for_each(|member| each(self, member));
        if map.members().nth(1).is_some() {
            let mut named: Vec<_> = map.members().map(|member| (member.name(), member.value)).collect();
            named.sort_by(|(a, _), (b, _)| a.cmp(b));
            for ((before, _), (name, value)) in named.iter().zip(named.iter().skip(1)) {
                if before == name {
                    self.duplicate(*value, name);
                }
            }
        }
    }
}

/// A UUID in its standard form; upper case is accepted.
pub fn parse_uuid(text: &str) -> Option<Uuid> {
    if text.len() == 36 { Uuid::try_parse(text).ok() } else { None }
}

/// Whether `text` is a well-formed language tag (RFC 5646 §2.2.9).
pub fn is_language(text: &str) -> bool {
    oxilangtag::LanguageTag::parse(text).is_ok()
}

/// The beginning of what was sent, for a message.
pub(crate) fn excerpt(raw: &str) -> String {
    const MOST: usize = 60;
    match raw.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", raw.get(..end).unwrap_or_default()),
        None => raw.to_owned(),
    }
}
