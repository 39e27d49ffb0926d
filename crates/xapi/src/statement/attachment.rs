//! What a statement says about its attachments (Part 2 §2.4.11).

use super::check::Check;
use crate::json::{Kind, Value};
use base::decimal::Decimal;
use std::borrow::Cow;

/// One attachment, as its statement describes it.
#[derive(Debug, Clone)]
pub struct Attachment<'d> {
    pub value: Value<'d>,
    pub usage_type: Cow<'d, str>,
    pub content_type: Cow<'d, str>,
    /// In hexadecimal digits, as written.
    pub sha2: Cow<'d, str>,
    pub file_url: Option<Cow<'d, str>>,
}

/// Reads the `attachments` of a statement.
pub fn attachments<'d>(list: Value<'d>, check: &mut Check) -> Vec<Attachment<'d>> {
    check.items(list).filter_map(|item| attachment(item, check)).collect()
}

fn attachment<'d>(value: Value<'d>, check: &mut Check) -> Option<Attachment<'d>> {
    let names = ["usageType", "display", "description", "contentType", "length", "sha2", "fileUrl"];
    let [usage_type, display, description, content_type, length, sha2, file_url] = check.fields(value, names)?;
    let usage_type = check.required(value, "usageType", usage_type).and_then(|usage| check.iri(usage));
    if let Some(display) = check.required(value, "display", display) {
        check.language_map(display);
    }
    if let Some(description) = description {
        check.language_map(description);
    }
    let content_type = check
        .required(value, "contentType", content_type)
        .and_then(|kind| check.formatted(kind, "a media type such as `text/plain`", is_media_type));
    if let Some(length) = check.required(value, "length", length) {
        check_length(length, check);
    }
    let sha2 = check
        .required(value, "sha2", sha2)
        .and_then(|sha2| check.formatted(sha2, "a SHA-2 hash in hexadecimal digits", is_sha2));
    let file_url = match file_url {
        Some(file_url) => Some(check.iri(file_url)?),
        None => None,
    };
    Some(Attachment { value, usage_type: usage_type?, content_type: content_type?, sha2: sha2?, file_url })
}

/// An integer, not negative, however it is written.
fn check_length(length: Value<'_>, check: &mut Check) {
    let fits = |number: &str| {
        let length = Decimal::of(number);
        length.is_whole() && length >= Decimal::of("0")
    };
    if length.kind() != Kind::Number || !fits(length.raw()) {
        check.wrong_type(length, "a whole number of octets");
    }
}

/// `type/subtype`, and perhaps parameters (RFC 2046).
fn is_media_type(text: &str) -> bool {
    let essence = text.split(';').next().unwrap_or_default().trim_end_matches([' ', '\t']);
    let is_token = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+*'`|~%".contains(&byte))
    };
    essence.split_once('/').is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype))
}

/// The hexadecimal digits of a SHA-224, -256, -384 or -512.
fn is_sha2(text: &str) -> bool {
    matches!(text.len(), 56 | 64 | 96 | 128) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
