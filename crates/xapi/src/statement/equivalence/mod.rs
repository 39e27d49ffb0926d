//! When two statements are the same (Part 2 §2.3.1): a digest that is equal for those and differs for all others.
//!
//! What the standard excepts is left out or evened out: the members that a server sets, the display of verbs, the
//! definitions of activities, the order of a group's members, the case of what has none, how an instant or a number is
//! written, and a single context activity where an array is meant. A duration is text, compared to the hundredth of a
//! second. Everything else counts, each digit of a number included.

#[cfg(test)]
mod tests;

use super::actor::comparable_mbox;
use crate::json::{Kind, Value};
use crate::shape::Shape;
use crate::{duration, timestamp};
use base::decimal::Decimal;
use base::hash::Sha256;
use std::borrow::Cow;

/// The digest of a statement that has been checked.
pub fn digest(statement: Value<'_>) -> Sha256 {
    let mut text = String::with_capacity(statement.raw().len());
    write(statement, Shape::Statement, &mut text);
    Sha256::of(text)
}

fn write(value: Value<'_>, shape: Shape, out: &mut String) {
    match value.kind() {
        Kind::Object if shape == Shape::Activities => {
            out.push('[');
            write(value, Shape::Activity, out);
            out.push_str(",]");
        }
        Kind::Object => object(value, shape, out),
        Kind::Array => array(value, shape, out),
        Kind::String(_) => string(&value.string().unwrap_or_default(), shape, out),
        Kind::Number => out.push_str(&Decimal::of(value.raw()).canonical()),
        Kind::Bool | Kind::Null => out.push_str(value.raw()),
    }
}

fn object(value: Value<'_>, shape: Shape, out: &mut String) {
    let is_reference = shape == Shape::Object && value.get("objectType").is_some_and(is_reference);
    let shape = if is_reference { Shape::Reference } else { shape };
    let mut members: Vec<_> = value
        .members()
        .map(|member| {
            let name = member.name();
            let inner = shape.member(&name);
            (if shape == Shape::LanguageMap { caseless(name) } else { name }, member.value, inner)
        })
        .filter(|(_, _, inner)| !is_excepted(*inner))
        .collect();
    members.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    out.push('{');
    for (name, value, inner) in members {
        quoted(&name, out);
        write(value, inner, out);
    }
    out.push('}');
}

/// Whether two statements are the same though a value of this shape differs.
fn is_excepted(shape: Shape) -> bool {
    matches!(shape, Shape::Assigned | Shape::Display | Shape::Definition)
}

fn is_reference(object_type: Value<'_>) -> bool {
    object_type.string().is_some_and(|kind| kind == "StatementRef")
}

fn array(value: Value<'_>, shape: Shape, out: &mut String) {
    let mut items: Vec<String> = value
        .items()
        .map(|item| {
            let mut text = String::new();
            write(item, shape.item(), &mut text);
            text
        })
        .collect();
    if shape == Shape::Members {
        items.sort_unstable();
    }
    out.push('[');
    for item in items {
        out.push_str(&item);
        out.push(',');
    }
    out.push(']');
}

fn string(text: &str, shape: Shape, out: &mut String) {
    match shape {
        Shape::Mailbox => quoted(&comparable_mbox(text), out),
        Shape::Caseless => quoted(&caseless(Cow::Borrowed(text)), out),
        Shape::Duration => quoted(duration::comparable(text), out),
        Shape::Instant => quoted(&timestamp::parse(text).map_or_else(|| text.to_owned(), |at| at.to_string()), out),
        _ => quoted(text, out),
    }
}

/// The length says where the text ends, whatever is in it.
fn quoted(text: &str, out: &mut String) {
    out.push_str(&text.len().to_string());
    out.push('"');
    out.push_str(text);
}

fn caseless(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) { Cow::Owned(text.to_ascii_lowercase()) } else { text }
}
