//! A commit: what the browser says happened since the last one that was acknowledged.

use crate::objection::{Objection, Reason};
use base::surrogates;
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What the browser says. Everything in it is cumulative since the last acknowledged commit, so that a commit that is
/// lost, or overtaken by a later one, takes nothing with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commit {
    /// 1, 2, 3 …, strictly increasing within a session.
    pub sequence: u64,
    /// Whether content has called `LMSInitialize` in this session; for an asset, whether it was shown.
    pub initialized: bool,
    /// Whether content has called `LMSFinish` in this session.
    pub terminated: bool,
    /// Whether the learner has left the player, whatever content says.
    pub left: bool,
    /// Seconds in which the learner had the content in view and was active, since the last heartbeat or commit that said so.
    pub attended: u64,
    /// What content had set before an entry of its interactions became one of another question, oldest first: these values
    /// are applied before `values`.
    pub earlier: Vec<BTreeMap<String, String>>,
    /// Elements by their full names, such as `cmi.core.lesson_status`.
    pub values: BTreeMap<String, String>,
    /// What is no text, and so no value of any element.
    pub refused: Vec<Objection>,
}

/// The body was not a commit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    #[error("a commit is a JSON object with \"sequence\" and \"cmi\": {0}")]
    Json(String),
    #[error("\"sequence\" counts from 1; send 1 with the first commit of a session")]
    Sequence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    sequence: u64,
    #[serde(default)]
    initialized: bool,
    #[serde(default)]
    terminated: bool,
    #[serde(default)]
    left: bool,
    #[serde(default)]
    attended: u64,
    #[serde(default)]
    earlier: Vec<Value>,
    #[serde(default)]
    cmi: Value,
}

impl Commit {
    /// Reads the body of a commit request. A lone surrogate in a value is kept (see [`surrogates`]): a compressor for
    /// strings writes them all the time.
    ///
    /// `cmi` is either a flat object by full element names (`{"cmi.core.exit": "suspend"}`) or a tree
    /// (`{"core": {"exit": "suspend"}}`); lists are arrays or objects with numbers as keys.
    pub fn read(body: &[u8]) -> Result<Self, CommitError> {
        let body: Body =
            serde_json::from_slice(&surrogates::keep(body)).map_err(|error| CommitError::Json(error.to_string()))?;
        if body.sequence == 0 {
            return Err(CommitError::Sequence);
        }
        let mut refused = Vec::new();
        let mut read = |cmi: &Value| {
            let mut values = BTreeMap::new();
            flatten("", cmi, &mut values, &mut refused);
            values
        };
        let (earlier, values) = (body.earlier.iter().map(&mut read).collect(), read(&body.cmi));
        let Body { sequence, initialized, terminated, left, attended, earlier: _, cmi: _ } = body;
        Ok(Self { sequence, initialized, terminated, left, attended, earlier, values, refused })
    }

    /// All values, the last one of each element.
    pub(crate) fn all_values(&self) -> Cow<'_, BTreeMap<String, String>> {
        if self.earlier.is_empty() {
            return Cow::Borrowed(&self.values);
        }
        let all = self.earlier.iter().chain([&self.values]).flatten();
        Cow::Owned(all.map(|(element, value)| (element.clone(), value.clone())).collect())
    }
}

/// One value costs only itself: what is no text is refused alone.
fn flatten(name: &str, value: &Value, into: &mut BTreeMap<String, String>, refused: &mut Vec<Objection>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                flatten(&joined(name, key), member, into, refused);
            }
        }
        Value::Array(members) => {
            for (index, member) in members.iter().enumerate() {
                flatten(&joined(name, &index.to_string()), member, into, refused);
            }
        }
        Value::String(text) => drop(into.insert(name.to_owned(), text.clone())),
        Value::Number(number) => drop(into.insert(name.to_owned(), number.to_string())),
        Value::Null if name.is_empty() => {}
        Value::Null | Value::Bool(_) => refused.push(Objection::new(name, &value.to_string(), Reason::WrongType)),
    }
}

/// Every name is under `cmi`, whether the body says so or not.
fn joined(name: &str, key: &str) -> String {
    match name {
        "" if key == "cmi" || key.starts_with("cmi.") => key.to_owned(),
        "" => format!("cmi.{key}"),
        _ => format!("{name}.{key}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(body: &str) -> Vec<(String, String)> {
        Commit::read(body.as_bytes()).unwrap().values.into_iter().collect()
    }

    #[test]
    fn a_flat_commit_and_a_tree_say_the_same() {
        let expected = vec![
            ("cmi.core.exit".to_owned(), "suspend".to_owned()),
            ("cmi.interactions.0.id".to_owned(), "q1".to_owned()),
            ("cmi.core.score.raw".to_owned(), "85".to_owned()),
        ];
        for cmi in [
            r#"{"cmi.core.exit":"suspend","cmi.interactions.0.id":"q1","cmi.core.score.raw":"85"}"#,
            r#"{"cmi":{"core":{"exit":"suspend","score":{"raw":85}},"interactions":{"0":{"id":"q1"}}}}"#,
            r#"{"core":{"exit":"suspend","score":{"raw":"85"}},"interactions":[{"id":"q1"}]}"#,
        ] {
            let mut got = values(&format!(r#"{{"sequence":1,"cmi":{cmi}}}"#));
            got.sort();
            let mut expected = expected.clone();
            expected.sort();
            assert_eq!(got, expected, "{cmi}");
        }
    }

    #[test]
    fn a_lone_surrogate_is_kept_and_costs_nothing() {
        let commit = Commit::read(br#"{"sequence":1,"cmi":{"cmi.suspend_data":"a\ud83d"}}"#).unwrap();
        let kept = serde_json::to_string(&commit.values["cmi.suspend_data"]).unwrap();
        assert_eq!(surrogates::restore(&kept), r#""a\ud83d""#);
    }

    #[test]
    fn a_value_that_is_no_text_costs_only_itself() {
        let body = br#"{"sequence":1,"earlier":[{"core":{"entry":false}}],"cmi":{"core":{"exit":null,"score":{"raw":true,"max":9}}}}"#;
        let commit = Commit::read(body).unwrap();
        assert_eq!(commit.values, BTreeMap::from([("cmi.core.score.max".to_owned(), "9".to_owned())]));
        let refused: Vec<_> = commit.refused.iter().map(|o| (o.element.as_str(), o.value.as_str(), o.reason)).collect();
        let expected = [("cmi.core.entry", "false"), ("cmi.core.exit", "null"), ("cmi.core.score.raw", "true")];
        assert_eq!(refused, expected.map(|(element, value)| (element, value, Reason::WrongType)));
    }

    #[test]
    fn what_is_not_a_commit_is_refused_with_a_sentence() {
        for (body, part) in [
            ("", "JSON object"),
            ("[]", "JSON object"),
            ("{}", "sequence"),
            (r#"{"sequence":0}"#, "counts from 1"),
            (r#"{"sequence":-1}"#, "sequence"),
            (r#"{"sequence":1,"earlier":{}}"#, "sequence"),
            (r#"{"sequence":1,"learner":"x"}"#, "unknown field"),
        ] {
            let error = Commit::read(body.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(part), "{body}: {error}");
        }
    }
}
