//! Short texts: query strings, cursors, headers, and the simple types of the standard.

use enduring::service::records::statements::Cursor;
use percent_encoding::percent_decode_str;
use xapi::document::{Address, DocumentTarget, Resource};
use xapi::json::Document;
use xapi::language::Preferences;
use xapi::precondition::{Preconditions, Tag};
use xapi::query::Selection;
use xapi::{Query, Version, check, duration, iri, timestamp};

/// The parameters of each resource, read from a query string.
pub(super) fn query(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let given: Vec<(String, String)> = text
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect();
    for version in [Version::V1, Version::V2] {
        match Query::read(&given, version) {
            Ok(Query { selection: Selection::Many(filter), .. }) => assert!(filter.tokens().len() <= 4),
            Ok(_) => {}
            Err(faults) => assert!(!faults.is_empty()),
        }
        for resource in [Resource::State, Resource::ActivityProfile, Resource::AgentProfile] {
            for scope in [DocumentTarget::One, DocumentTarget::OneOrAll, DocumentTarget::OneOrIds] {
                if let Ok(address) = Address::read(&given, resource, scope, version) {
                    assert_ne!(address.context.key(), address.context.document_key(""));
                }
            }
        }
    }
}

/// A cursor that is accepted is the only text of what it says.
pub(super) fn cursor(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(cursor) = Cursor::decode(text) {
        assert_eq!(Cursor::decode(&cursor.encode()), Ok(cursor));
    }
}

/// Preconditions, and the languages that a reader prefers.
pub(super) fn headers(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let tag = Tag::of(b"x");
    let (matching, other) = (Preconditions::read(Some(text), None), Preconditions::read(None, Some(text)));
    assert_ne!(matching.permit(Some(&tag)), other.permit(Some(&tag)), "each is the contrary of the other");
    assert!(!matching.permit(None) && other.permit(None));
    let document = Document::read(r#"{"en-US": "1", "de": "2", "zh-Hant-TW": "3"}"#).unwrap();
    assert!(Preferences::parse(text).choose(document.root()).is_some());
}

/// The simple types of Part 2 §4.
pub(super) fn values(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(at) = timestamp::parse(text) {
        assert_eq!(timestamp::parse(&at.to_string()), Some(at));
        assert!(timestamp::is_utc(&at.to_string()));
    }
    if duration::is_duration(text) {
        assert!(text.starts_with(duration::comparable(text)));
    }
    assert!(iri::is_iri(text) || !iri::is_mailto(text));
    assert!(iri::is_stored_iri(text) || !iri::is_iri(text));
    assert!(iri::is_stored_mailto(text) || !iri::is_mailto(text));
    if let Some(uuid) = check::parse_uuid(text) {
        assert_eq!(check::parse_uuid(&uuid.to_string()), Some(uuid));
    }
    let _verdict = check::is_language(text);
}
