//! The published contracts in `schemas/`, and the errors of a document that breaks one of them.
//!
//! A sentence comes from the schema itself: the `description` of every property says what to do, so the published contract
//! and the error message cannot differ.

use jsonschema::Validator;
use jsonschema::error::{ValidationError, ValidationErrorKind};
use serde::Serialize;
use serde_json::Value;
use std::sync::LazyLock;

/// One thing that is missing or wrong in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// Where, as a JSON pointer (RFC 6901).
    pub pointer: String,
    /// Stable; words joined by `-`.
    pub code: &'static str,
    /// A sentence that says what to do.
    pub message: String,
}

impl Gap {
    /// A gap at `pointer`.
    pub fn new(pointer: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, message: message.into() }
    }
}

/// A JSON Schema (2020-12) of this product, ready to validate.
pub struct Schema {
    text: Value,
    validator: Validator,
}

/// `schemas/activity.schema.json`.
pub static ACTIVITY: LazyLock<Schema> =
    LazyLock::new(|| Schema::ours(include_str!("../../../schemas/activity.schema.json")));

/// `schemas/evidence-bundle.schema.json`.
pub static EVIDENCE_BUNDLE: LazyLock<Schema> =
    LazyLock::new(|| Schema::ours(include_str!("../../../schemas/evidence-bundle.schema.json")));

/// `schemas/credit-record.schema.json`.
pub static CREDIT_RECORD: LazyLock<Schema> =
    LazyLock::new(|| Schema::ours(include_str!("../../../schemas/credit-record.schema.json")));

impl Schema {
    #[expect(clippy::expect_used, reason = "the schemas are part of the program, and a test builds each of them")]
    fn ours(text: &str) -> Self {
        let text: Value = serde_json::from_str(text).expect("a schema is JSON");
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .build(&text)
            .expect("a schema is a schema");
        Self { text, validator }
    }

    /// Everything in which `document` breaks the schema.
    pub fn gaps(&self, document: &Value) -> Vec<Gap> {
        self.validator.iter_errors(document).flat_map(|error| self.explain(&error)).collect()
    }

    fn explain(&self, error: &ValidationError<'_>) -> Vec<Gap> {
        let place = error.instance_path().as_str();
        match error.kind() {
            ValidationErrorKind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                let remedy = self.describe(&format!("{}/properties/{name}", parent(error.schema_path().as_str())));
                vec![Gap::new(format!("{place}/{name}"), "missing", format!("This is missing. {remedy}"))]
            }
            ValidationErrorKind::AdditionalProperties { unexpected } => unexpected
                .iter()
                .map(|name| {
                    let message =
                        format!("`{name}` is not a member that belongs here; correct its spelling or remove it.");
                    Gap::new(format!("{place}/{}", escape(name)), "unknown-member", message)
                })
                .collect(),
            kind => {
                let remedy = self.describe(parent(error.schema_path().as_str()));
                let message = error.masked_with("this value");
                vec![Gap::new(place, code(kind), format!("{}. {remedy}", capital(&message.to_string())).trim_end())]
            }
        }
    }

    /// The description of the schema at `pointer`, or of the nearest one around it.
    fn describe(&self, pointer: &str) -> &str {
        let description =
            self.text.pointer(pointer).and_then(|schema| schema.get("description")).and_then(Value::as_str);
        match description {
            Some(description) => description,
            None if pointer.is_empty() => "",
            None => self.describe(parent(pointer)),
        }
    }
}

fn code(kind: &ValidationErrorKind) -> &'static str {
    match kind {
        ValidationErrorKind::Type { .. } => "wrong-type",
        ValidationErrorKind::Enum { .. } => "not-a-choice",
        ValidationErrorKind::MinItems { .. } => "empty",
        ValidationErrorKind::UniqueItems => "repeated",
        ValidationErrorKind::Minimum { .. } | ValidationErrorKind::Maximum { .. } => "out-of-range",
        ValidationErrorKind::Pattern { pattern } if pattern == "\\S" => "empty",
        _ => "malformed",
    }
}

/// The pointer of what holds the value at `pointer`.
fn parent(pointer: &str) -> &str {
    pointer.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// A member's name as a part of a JSON pointer (RFC 6901 §3).
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
