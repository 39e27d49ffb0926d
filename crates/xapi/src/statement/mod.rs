//! Statements (Part 2 §2.4): reading one checks all of it, and keeps what filters and rules need.

mod activity;
pub mod actor;
pub mod attachment;
mod bounds;
pub mod check;
mod context;
pub mod equivalence;
mod result;
#[cfg(test)]
mod tests;

use crate::fault::Code;
use crate::json::{Kind, Value};
use crate::version::Version;
use crate::{StatementId, vocabulary};
use activity::{Activity, activity};
use actor::{Actor, ActorKind, actor};
use attachment::{Attachment, attachments};
use check::Check;
use context::{Context, context};
use result::check_result;
use std::borrow::Cow;

/// A statement that keeps every rule of its version.
#[derive(Debug, Clone)]
pub(crate) struct Statement<'d> {
    pub(crate) value: Value<'d>,
    pub(crate) id: Option<StatementId>,
    pub(crate) sentence: Sentence<'d>,
    pub(crate) given: ServerMembers<'d>,
}

/// The members that the server sets, as the sender wrote them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServerMembers<'d> {
    pub(crate) timestamp: Option<Value<'d>>,
    pub(crate) stored: Option<Value<'d>>,
    pub(crate) authority: Option<Value<'d>>,
    pub(crate) version: Option<Value<'d>>,
}

/// What statements and SubStatements have in common: who did what to what.
#[derive(Debug, Clone)]
pub(crate) struct Sentence<'d> {
    pub(crate) actor: Actor<'d>,
    pub(crate) verb: Cow<'d, str>,
    pub(crate) object: Object<'d>,
    pub(crate) context: Context<'d>,
    pub(crate) attachments: Vec<Attachment<'d>>,
}

/// What a statement is about (Part 2 §2.4.4).
#[derive(Debug, Clone)]
pub(crate) enum Object<'d> {
    Activity(Activity<'d>),
    Actor(Actor<'d>),
    Statement(StatementId),
    SubStatement(Box<Sentence<'d>>),
}

impl<'d> Statement<'d> {
    /// Whether it voids another (Part 2 §2.3.2).
    pub(crate) fn is_voiding(&self) -> bool {
        self.sentence.verb == vocabulary::verb::VOIDED
    }

    /// The statement that its object refers to.
    pub(crate) fn refers_to(&self) -> Option<StatementId> {
        match &self.sentence.object {
            Object::Statement(id) => Some(*id),
            _ => None,
        }
    }

    /// The sentence, and the one within it.
    pub(crate) fn sentences(&self) -> impl Iterator<Item = &Sentence<'d>> {
        std::iter::once(&self.sentence).chain(match &self.sentence.object {
            Object::SubStatement(sentence) => Some(&**sentence),
            _ => None,
        })
    }
}

/// Reads a statement.
pub(crate) fn statement<'d>(value: Value<'d>, check: &mut Check) -> Option<Statement<'d>> {
    if !bounds::is_short_enough(value, check) {
        return None;
    }
    let names = [
        "id",
        "actor",
        "verb",
        "object",
        "result",
        "context",
        "timestamp",
        "stored",
        "authority",
        "version",
        "attachments",
    ];
    let [id, actor, verb, object, result, context, timestamp, stored, authority, version, attachments] =
        check.fields(value, names)?;
    let id = id.map(|id| check.uuid(id).map(StatementId));
    for instant in [timestamp, stored].into_iter().flatten() {
        check.timestamp(instant);
    }
    if let Some(authority) = authority {
        check_authority(authority, check);
    }
    if let Some(version) = version {
        check_version(version, check);
    }
    let members = Members { actor, verb, object, result, context, attachments };
    let sentence = sentence(value, &members, Nesting::Statement, check)?;
    if sentence.verb == vocabulary::verb::VOIDED && !matches!(sentence.object, Object::Statement(_)) {
        let message = "a statement that voids another has an object of type `StatementRef`";
        check.faults.at(object.unwrap_or(value), Code::Rule, message);
    }
    let id = match id {
        Some(id) => Some(id?),
        None => None,
    };
    let statement = Statement { value, id, sentence, given: ServerMembers { timestamp, stored, authority, version } };
    bounds::check(&statement, check);
    Some(statement)
}

struct Members<'d> {
    actor: Option<Value<'d>>,
    verb: Option<Value<'d>>,
    object: Option<Value<'d>>,
    result: Option<Value<'d>>,
    context: Option<Value<'d>>,
    attachments: Option<Value<'d>>,
}

/// Where a sentence is: a SubStatement contains no other (Part 2 §2.4.4.3).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nesting {
    Statement,
    SubStatement,
}

fn sentence<'d>(whole: Value<'d>, members: &Members<'d>, within: Nesting, check: &mut Check) -> Option<Sentence<'d>> {
    let found = check.required(whole, "actor", members.actor).and_then(|value| actor(value, check));
    let verb = check.required(whole, "verb", members.verb).and_then(|value| self::verb(value, check));
    let object = check.required(whole, "object", members.object).and_then(|value| self::object(value, within, check));
    if let Some(value) = members.result {
        check_result(value, check);
    }
    let context = members.context.map(|value| context(value, check));
    let attachments = members.attachments.map(|list| attachments(list, check)).unwrap_or_default();
    if let (Some(object), Some(Some(context))) = (&object, &context)
        && !matches!(object, Object::Activity(_))
    {
        for member in &context.activity_only {
            let message = "`revision` and `platform` may be used only if the object is an Activity";
            check.faults.at(*member, Code::Rule, message);
        }
    }
    let context = context.unwrap_or_else(|| Some(Context::default()))?;
    Some(Sentence { actor: found?, verb: verb?, object: object?, context, attachments })
}

/// Reads a verb (Part 2 §2.4.3).
fn verb<'d>(value: Value<'d>, check: &mut Check) -> Option<Cow<'d, str>> {
    let [id, display] = check.fields(value, ["id", "display"])?;
    if let Some(display) = display {
        check.language_map(display);
    }
    check.required(value, "id", id).and_then(|id| check.iri(id))
}

/// Reads an object by its `objectType`, which is Activity where there is none.
fn object<'d>(value: Value<'d>, within: Nesting, check: &mut Check) -> Option<Object<'d>> {
    let kind = match value.get("objectType") {
        None => "Activity",
        Some(kind) => check.one_of(kind, &["Activity", "Agent", "Group", "StatementRef", "SubStatement"])?,
    };
    match (kind, within) {
        ("Agent" | "Group", _) => actor(value, check).map(Object::Actor),
        ("StatementRef", _) => reference(value, check).map(Object::Statement),
        ("SubStatement", Nesting::Statement) => {
            sub_statement(value, check).map(|sentence| Object::SubStatement(Box::new(sentence)))
        }
        ("SubStatement", Nesting::SubStatement) => {
            check.faults.at(value, Code::Rule, "a SubStatement cannot hold another SubStatement");
            None
        }
        _ => activity(value, check).map(Object::Activity),
    }
}

/// Reads a reference to a statement (Part 2 §2.4.4.3).
pub(crate) fn reference(value: Value<'_>, check: &mut Check) -> Option<StatementId> {
    let [kind, id] = check.fields(value, ["objectType", "id"])?;
    check.required(value, "objectType", kind).map(|kind| check.one_of(kind, &["StatementRef"]));
    check.required(value, "id", id).and_then(|id| check.uuid(id)).map(StatementId)
}

fn sub_statement<'d>(value: Value<'d>, check: &mut Check) -> Option<Sentence<'d>> {
    let names = ["objectType", "actor", "verb", "object", "result", "context", "timestamp", "attachments"];
    let [_, actor, verb, object, result, context, timestamp, attachments] = check.fields(value, names)?;
    if let Some(timestamp) = timestamp {
        check.timestamp(timestamp);
    }
    let members = Members { actor, verb, object, result, context, attachments };
    sentence(value, &members, Nesting::SubStatement, check)
}

/// An authority is an agent, or an anonymous group of two: an application and a user (Part 2 §2.4.9).
fn check_authority(value: Value<'_>, check: &mut Check) {
    let Some(authority) = actor(value, check) else { return };
    if authority.kind == ActorKind::Group && (authority.ifi.is_some() || value_count(value.get("member")) != 2) {
        let message = "an authority is an Agent, or a Group without identifier that has exactly two members";
        check.faults.at(value, Code::Rule, message);
    }
}

fn value_count(list: Option<Value<'_>>) -> usize {
    list.filter(|list| list.kind() == Kind::Array).map_or(0, |list| list.items().count())
}

/// A statement of 1.0 says `1.0` or `1.0.x`; one sent as 2.0 may also say `2.0` or `2.0.x` (Part 2 §2.4.10).
fn check_version(value: Value<'_>, check: &mut Check) {
    let newest = check.version;
    let expected = match newest {
        Version::V1 => "`1.0.0`, or another version of 1.0",
        Version::V2 => "`2.0.0`, or another version of 1.0 or 2.0",
    };
    check.formatted(value, expected, |text| text.parse::<Version>().is_ok_and(|version| version <= newest));
}
