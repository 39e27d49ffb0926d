//! Whole documents: JSON, signatures, commits of the player, XML.

use base::decimal::Decimal;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use content::xml;
use runtime::Commit;
use runtime::scorm12::model;
use runtime::time::Hundredths;
use serde::de::IgnoredAny;
use serde_json::Map;
use xapi::json::{Document, Kind, MAX_DEPTH, Value};
use xapi::{equivalence, merge, signature};

/// The statement that the signatures among the seeds sign.
const SIGNED: &str = include_str!("../../../../fixtures/statements/signed.json");

/// Any text gets the verdict of `serde_json`, but that nesting has a limit and that no string contains half a character.
pub(super) fn json(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let theirs = serde_json::from_str::<IgnoredAny>(text);
    let document = match Document::read(text) {
        Ok(document) => document,
        Err(error) => {
            let stricter = text.contains("\\u") || text.matches(['[', '{']).count() > MAX_DEPTH;
            assert!(theirs.is_err() || stricter, "{error}");
            assert!(error.line >= 1 && error.column >= 1);
            return;
        }
    };
    assert!(theirs.is_ok(), "it is no JSON");
    let mut rest = vec![document.root()];
    while let Some(value) = rest.pop() {
        assert_eq!(text.get(value.place()), Some(value.raw()));
        value_agrees(value);
        rest.extend(value.items());
        rest.extend(value.members().map(|member| member.value));
    }
}

fn value_agrees(value: Value<'_>) {
    match value.kind() {
        Kind::String(_) => {
            assert_eq!(serde_json::from_str::<String>(value.raw()).ok().as_deref(), value.string().as_deref());
        }
        Kind::Number => {
            let number = Decimal::of(value.raw());
            let exponent = value.raw().split(['e', 'E']).nth(1).map_or(0, str::len);
            assert!(exponent > 12 || Decimal::of(&number.canonical()) == number, "{}", value.raw());
        }
        _ => assert_eq!(value.string(), None),
    }
}

/// Two documents with a line feed between them: what merging makes is what a map of maps would say.
pub(super) fn merge(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (existing, posted) = text.split_once('\n').unwrap_or((text, "{}"));
    if let Ok(merged) = merge::definition(existing, posted) {
        assert!(Document::read(&merged).is_ok(), "{merged}");
    }
    let Ok(merged) = merge::top_level(existing, posted) else { return };
    let read = serde_json::from_str::<Map<String, serde_json::Value>>;
    if let (Ok(mut expected), Ok(posted)) = (read(existing), read(posted)) {
        expected.extend(posted);
        assert_eq!(read(&merged).unwrap(), expected);
    }
    assert_eq!(merge::top_level(&merged, "{}").as_deref(), Ok(&*merged), "it is merged already");
}

/// A signature is accepted only if it is one of the statement.
pub(super) fn signature(bytes: &[u8]) {
    let document = Document::read(SIGNED).unwrap();
    let unsigned = signature::unsigned_digest(document.root()).unwrap();
    if signature::check(bytes, unsigned, None).is_ok() {
        let text = std::str::from_utf8(bytes).unwrap();
        let payload = URL_SAFE_NO_PAD.decode(text.split('.').nth(1).unwrap()).unwrap();
        let payload = String::from_utf8(payload).unwrap();
        assert_eq!(equivalence::digest(Document::read(&payload).unwrap().root()), unsigned);
    }
}

/// A commit that is read has elements that are checked one by one.
pub(super) fn commit(bytes: &[u8]) {
    let Ok(commit) = Commit::read(bytes) else { return };
    assert!(commit.sequence > 0);
    for (element, value) in &commit.values {
        // Either verdict is right.
        let _verdict = model::check(element, value);
        let _readable = model::is_readable(element);
        if let Some(time) = Hundredths::from_cmi(value) {
            assert!(xapi::duration::is_duration(&time.to_iso()), "{time:?}");
            let limit = Hundredths::of_seconds(10_000 * 3600);
            assert!(time >= limit || Hundredths::from_cmi(&time.to_cmi()) == Some(time), "{time:?}");
        }
    }
}

/// XML is read, or refused with its place.
pub(super) fn xml(bytes: &[u8]) {
    match xml::read(bytes) {
        Ok(document) => assert!(document.root.walk().count() >= 1),
        Err(error) => assert!(error.place().line >= 1 && error.place().column >= 1),
    }
}
