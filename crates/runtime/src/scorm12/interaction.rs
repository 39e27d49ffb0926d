//! Interactions: from SCORM 1.2 (RTE §3.4.2.7) to xAPI's interaction activities (xAPI 1.0.3 Part 2 §2.4.4.1).

use crate::happening::Interaction;
use crate::statements::number;
use crate::time::Hundredths;
use base::decimal::Decimal;
use base::hash::Sha256;
use base::surrogates;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// One interaction of a visit, as content has described it so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InteractionRecord {
    /// By the end of the element's name: `id`, `student_response`, `correct_responses.0.pattern` …
    pub values: BTreeMap<String, String>,
    /// The digest of the values when a statement last reported them.
    #[serde(rename = "told")]
    pub reported: Option<Sha256>,
}

impl InteractionRecord {
    /// Whether there is something that no statement has reported: it has an id and an answer.
    pub(crate) fn is_unreported(&self) -> bool {
        let answered = self.get("student_response").is_some() || self.get("result").is_some();
        self.get("id").is_some() && answered && self.reported != Some(self.digest())
    }

    /// What [`InteractionRecord::reported`] is set to once a statement is written.
    pub(crate) fn digest(&self) -> Sha256 {
        // Lengths go before the parts, so that no two answers hash the same bytes.
        let mut hasher = Sha256::hasher();
        for part in self.values.iter().flat_map(|(name, value)| [name, value]) {
            hasher.update(&part.len().to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.finish()
    }

    /// As xAPI writes it.
    pub(crate) fn interaction(&self) -> Interaction {
        // The identifier becomes part of an IRI, where nothing could be replaced any more.
        let id = surrogates::well_formed(self.get("id").unwrap_or_default()).into_owned();
        Interaction { id, definition: self.definition(), result: self.result() }
    }

    fn definition(&self) -> Map<String, Value> {
        let mut definition = Map::new();
        let Some(kind) = self.kind() else { return definition };
        definition.insert("interactionType".to_owned(), json!(kind.name()));
        let patterns: Vec<String> = self.patterns().map(|pattern| kind.pattern(pattern)).collect();
        if !patterns.is_empty() {
            definition.insert("correctResponsesPattern".to_owned(), json!(patterns));
        }
        definition
    }

    fn result(&self) -> Map<String, Value> {
        let mut result = Map::new();
        if let Some(response) = self.get("student_response") {
            let response = self.kind().map_or_else(|| response.to_owned(), |kind| kind.response(response));
            result.insert("response".to_owned(), json!(response));
        }
        match self.get("result") {
            Some("correct") => drop(result.insert("success".to_owned(), json!(true))),
            Some("wrong" | "incorrect") => drop(result.insert("success".to_owned(), json!(false))),
            Some(text) => {
                if let Some(raw) = Decimal::read(text) {
                    result.insert("score".to_owned(), json!({ "raw": number(&raw) }));
                }
            }
            None => {}
        }
        if let Some(latency) = self.get("latency").and_then(Hundredths::from_cmi) {
            result.insert("duration".to_owned(), json!(latency.to_iso()));
        }
        result
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn kind(&self) -> Option<Kind> {
        Kind::of(self.get("type")?)
    }

    fn patterns(&self) -> impl Iterator<Item = &str> {
        let correct = self.values.iter().filter(|(name, _)| name.starts_with("correct_responses."));
        correct.map(|(_, pattern)| pattern.as_str()).filter(|pattern| !pattern.is_empty())
    }
}

/// The interaction types of SCORM 1.2, which are xAPI's too.
#[derive(Clone, Copy)]
enum Kind {
    TrueFalse,
    Choice,
    FillIn,
    Matching,
    Performance,
    Likert,
    Sequencing,
    Numeric,
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "true-false" => Self::TrueFalse,
            "choice" => Self::Choice,
            "fill-in" => Self::FillIn,
            "matching" => Self::Matching,
            "performance" => Self::Performance,
            "likert" => Self::Likert,
            "sequencing" => Self::Sequencing,
            "numeric" => Self::Numeric,
            _ => return None,
        })
    }

    const fn name(self) -> &'static str {
        match self {
            Self::TrueFalse => "true-false",
            Self::Choice => "choice",
            Self::FillIn => "fill-in",
            Self::Matching => "matching",
            Self::Performance => "performance",
            Self::Likert => "likert",
            Self::Sequencing => "sequencing",
            Self::Numeric => "numeric",
        }
    }

    /// A correct response. xAPI writes a number as a range; everything else is written as a response is.
    fn pattern(self, text: &str) -> String {
        match self {
            Self::Numeric if Decimal::read(text).is_some() => format!("{text}[:]{text}"),
            _ => self.response(text),
        }
    }

    /// A response: SCORM 1.2 separates by `,` and `.`, xAPI by `[,]` and `[.]`.
    fn response(self, text: &str) -> String {
        if text.contains("[,]") || text.contains("[.]") {
            // Content that was made for SCORM 2004 as well writes it as xAPI does.
            return text.to_owned();
        }
        match self {
            Self::TrueFalse => match text.to_ascii_lowercase().as_str() {
                "1" | "t" | "true" => "true".to_owned(),
                "0" | "f" | "false" => "false".to_owned(),
                _ => text.to_owned(),
            },
            Self::Choice | Self::Sequencing => list(text).map_or_else(|| text.to_owned(), |parts| parts.join("[,]")),
            Self::Matching => match list(text) {
                Some(pairs) => pairs.iter().map(|pair| pair.replacen('.', "[.]", 1)).collect::<Vec<_>>().join("[,]"),
                None => text.to_owned(),
            },
            Self::FillIn | Self::Performance | Self::Likert | Self::Numeric => text.to_owned(),
        }
    }
}

/// The identifiers of `a,b` or `{a,b}`. A sentence is not a list: some tools put the text of a choice there.
fn list(text: &str) -> Option<Vec<&str>> {
    let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    let parts: Vec<&str> = inner.split(',').collect();
    parts.iter().all(|part| !part.is_empty() && !part.contains(char::is_whitespace)).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(values: &[(&str, &str)]) -> InteractionRecord {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        InteractionRecord { values, reported: None }
    }

    #[test]
    fn every_type_is_written_as_xapi_writes_it() {
        for (kind, response, pattern, xapi_response, xapi_pattern) in [
            ("true-false", "t", "1", "true", "true"),
            ("true-false", "0", "f", "false", "false"),
            ("choice", "a", "b", "a", "b"),
            ("choice", "a,c", "{a,b}", "a[,]c", "a[,]b"),
            ("choice", "Yes, I would", "1", "Yes, I would", "1"),
            ("sequencing", "c,a,b", "a,b,c", "c[,]a[,]b", "a[,]b[,]c"),
            ("matching", "1.a,2.b", "{1.b,2.a}", "1[.]a[,]2[.]b", "1[.]b[,]2[.]a"),
            ("matching", "1[.]a[,]2[.]b", "1[.]b[,]2[.]a", "1[.]a[,]2[.]b", "1[.]b[,]2[.]a"),
            ("choice", "a[,]c", "a[,]b", "a[,]c", "a[,]b"),
            ("numeric", "18", "18", "18", "18[:]18"),
            ("fill-in", "a,b c", "a,b c", "a,b c", "a,b c"),
            ("likert", "3", "", "3", ""),
            ("performance", "step one", "step one", "step one", "step one"),
        ] {
            let answer =
                answer(&[("type", kind), ("student_response", response), ("correct_responses.0.pattern", pattern)]);
            assert_eq!(answer.result()["response"], xapi_response, "{kind} {response}");
            let definition = answer.definition();
            assert_eq!(definition["interactionType"], kind);
            match xapi_pattern {
                "" => assert!(!definition.contains_key("correctResponsesPattern"), "{kind}"),
                one => assert_eq!(definition["correctResponsesPattern"], json!([one]), "{kind}"),
            }
        }
    }

    #[test]
    fn the_result_says_success_score_and_latency_only_where_content_did() {
        for (result, expected) in [
            ("correct", json!({"success": true})),
            ("wrong", json!({"success": false})),
            ("incorrect", json!({"success": false})),
            ("neutral", json!({})),
            ("0.5", json!({"score": {"raw": 0.5}})),
        ] {
            assert_eq!(Value::Object(answer(&[("result", result)]).result()), expected, "{result}");
        }
        assert_eq!(answer(&[("latency", "00:00:12.5")]).result()["duration"], "PT12.50S");
    }

    #[test]
    fn an_answer_is_reported_once_and_again_only_when_it_changes() {
        let mut answer = answer(&[("id", "q1")]);
        assert!(!answer.is_unreported(), "nothing is answered yet");
        answer.values.insert("student_response".to_owned(), "a".to_owned());
        assert!(answer.is_unreported());
        answer.reported = Some(answer.digest());
        assert!(!answer.is_unreported());
        answer.values.insert("student_response".to_owned(), "b".to_owned());
        assert!(answer.is_unreported());
    }
}
