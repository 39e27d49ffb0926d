//! The searchable fields of a statement as plain fields, for people who use their own MongoDB tools.
//!
//! No query of this store reads them: filters use `keys`. So a field that does not fit is omitted rather than refused.

use mongodb::bson::{Bson, DateTime, Document};
use serde_json::Value;

/// The longest identifier that becomes a field, in bytes: an index that an analyst creates can contain that much, and no
/// statement becomes too large for a MongoDB document because it contains something twice.
const LONGEST: usize = 1024;

/// The plain fields of the statement in `bytes`; `docs/mongodb.md` lists them.
pub(in crate::mongodb) fn of(bytes: &[u8]) -> Document {
    let mut fields = Document::new();
    let Ok(statement) = serde_json::from_slice::<Value>(bytes) else { return fields };
    let mut put = |name: &str, value: Option<Bson>| {
        if let Some(value) = value.filter(fits) {
            fields.insert(name, value);
        }
    };
    put("timestamp", text(&statement, "/timestamp").and_then(date));
    put("actor", statement.get("actor").and_then(identity).map(Bson::String));
    put("verb", text(&statement, "/verb/id").map(Bson::from));
    put("object", object(&statement));
    put("authority", statement.get("authority").and_then(identity).map(Bson::String));
    put(
        "registration",
        text(&statement, "/context/registration").and_then(|id| id.parse().ok()).map(crate::mongodb::log::uuid),
    );
    put("result", result(&statement).map(Bson::Document));
    fields
}

fn fits(value: &Bson) -> bool {
    value.as_str().is_none_or(|text| text.len() <= LONGEST)
}

fn text<'a>(statement: &'a Value, pointer: &str) -> Option<&'a str> {
    statement.pointer(pointer).and_then(Value::as_str)
}

fn date(text: &str) -> Option<Bson> {
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(Bson::DateTime(DateTime::from_millis(at.as_millisecond())))
}

/// The inverse functional identifier of an agent or group: an account is written `homePage|name`.
fn identity(actor: &Value) -> Option<String> {
    let plain = ["mbox", "mbox_sha1sum", "openid"].iter().find_map(|name| actor.get(name)?.as_str());
    let account = || Some(format!("{}|{}", text(actor, "/account/homePage")?, text(actor, "/account/name")?));
    plain.map(str::to_owned).or_else(account)
}

fn object(statement: &Value) -> Option<Bson> {
    let object = statement.get("object")?;
    text(object, "/id").map(str::to_owned).or_else(|| identity(object)).map(Bson::String)
}

fn result(statement: &Value) -> Option<Document> {
    let result = statement.get("result")?;
    let mut fields = Document::new();
    for (name, pointer) in [("scaled", "/score/scaled"), ("raw", "/score/raw")] {
        if let Some(number) = result.pointer(pointer).and_then(Value::as_f64) {
            fields.insert(name, number);
        }
    }
    for name in ["success", "completion"] {
        if let Some(flag) = result.get(name).and_then(Value::as_bool) {
            fields.insert(name, flag);
        }
    }
    if let Some(duration) = text(result, "/duration").filter(|text| text.len() <= LONGEST) {
        fields.insert("duration", duration);
    }
    (!fields.is_empty()).then_some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mongodb::bson::doc;

    #[test]
    fn the_fields_that_people_need_are_plain() {
        let statement = br#"{"actor":{"account":{"homePage":"https://a.example","name":"7"}},
            "verb":{"id":"http://adlnet.gov/expapi/verbs/passed"},"object":{"id":"https://a.example/x"},
            "timestamp":"2026-01-02T03:04:05.678Z",
            "result":{"score":{"scaled":0.95},"success":true,"duration":"PT1M"}}"#;
        let expected = doc! {
            "timestamp": DateTime::from_millis(1_767_323_045_678),
            "actor": "https://a.example|7",
            "verb": "http://adlnet.gov/expapi/verbs/passed",
            "object": "https://a.example/x",
            "result": { "scaled": 0.95, "success": true, "duration": "PT1M" },
        };
        assert_eq!(of(statement), expected);
    }

    #[test]
    fn an_identifier_without_end_is_left_out() {
        let long = format!("https://a.example/{}", "x".repeat(LONGEST));
        let statement = serde_json::json!({
            "verb": { "id": long }, "object": { "id": "https://a.example/x" }, "result": { "duration": long },
        });
        assert_eq!(of(statement.to_string().as_bytes()), doc! { "object": "https://a.example/x" });
    }
}
