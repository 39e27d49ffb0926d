//! A statement of 2.0 as a reader of 1.0.3 receives it: without what 1.0.3 does not know.
//!
//! What 2.0 (IEEE 9274.1.1) says about statements, beside 1.0.3, one difference after another:
//!
//! | 2.0 | to a reader of 1.0.3 |
//! |---|---|
//! | `contextAgents` and `contextGroups` in a context, also in that of a SubStatement (§4.2.2.5) | left out: a 1.0.3 system refuses properties that it does not know (Part 2 §2.2) |
//! | `version` is `2.0.0` (§4.2.4.3) | `1.0.0`: a 1.0.3 system refuses statements of any other than `1.0.x` (Part 2 §2.4.10), and what is left is a statement of the 1.0.0 data model |
//! | timestamps are of RFC 3339 and returned in UTC (§4.2.7) | as they are: RFC 3339 is a profile of the ISO 8601 that 1.0.3 takes (Part 2 §4.5) |
//! | durations finer than 0.01 second are not refused (§4.2.7) | as they are: the form is the same (Part 2 §4.6) |
//! | signatures are of the compact serialization (§4.2.6) | as they are: 1.0.3 recommends it (Part 2 §2.6) |
//! | lists of context activities (§4.2.2.5) | as they are: both return arrays (Part 2 §2.4.6.2) |
//! | actor, verb, object, result, attachments, authority | the same properties in both |
//!
//! Everything else of the text stays as it is, byte by byte. What is stored is never changed: a reader of 2.0 gets all of it.
//! To the letter 1.0.3 forbids to turn statements of newer versions into a prior format (Part 3 §3.3), which is why a
//! server can be configured not to.

use crate::json::{Document, Member, SyntaxError, Value};
use crate::splice::{Edits, Part};
use crate::version::Version;
use std::borrow::Cow;

/// The members of a context that 1.0.3 does not know.
const NEWER: [&str; 2] = ["contextAgents", "contextGroups"];

/// Texts without which a statement has nothing of 2.0. A name or a version may also be written with escapes.
const SIGNS: [&str; 4] = ["contextAgents", "contextGroups", "\"2.0", "\\u00"];

/// `statement` without what 1.0.3 does not know.
pub fn to_1_0(statement: &str) -> Result<Cow<'_, str>, SyntaxError> {
    if !SIGNS.iter().any(|sign| statement.contains(sign)) {
        return Ok(Cow::Borrowed(statement));
    }
    let document = Document::read(statement)?;
    let root = document.root();
    let mut edits = Edits::default();
    if let Some(version) = root.get("version").filter(|version| is_newer(*version)) {
        edits.replace(version.place(), [Part::Text(format!("\"{}\"", Version::V1.of_statements()))]);
    }
    let within = root.get("object").and_then(|object| object.get("context"));
    for context in root.get("context").into_iter().chain(within) {
        cut(context, &mut edits);
    }
    if edits.is_empty() {
        return Ok(Cow::Borrowed(statement));
    }
    let pieces = edits.apply(statement, root.place());
    let text: String = pieces.iter().map(|piece| String::from_utf8_lossy(piece)).collect();
    Ok(Cow::Owned(text))
}

fn is_newer(version: Value<'_>) -> bool {
    version.string().and_then(|version| version.parse().ok()) == Some(Version::V2)
}

/// Cuts the newer members out of `context`, each with one of the commas around it.
fn cut(context: Value<'_>, edits: &mut Edits) {
    let members: Vec<Member<'_>> = context.members().collect();
    let mut kept_before = None;
    for (at, member) in members.iter().enumerate() {
        let end = member.value.place().end;
        if !NEWER.contains(&&*member.name()) {
            kept_before = Some(end);
            continue;
        }
        match (&mut kept_before, members.get(at + 1)) {
            (Some(before), _) => edits.replace(std::mem::replace(before, end)..end, []),
            (None, Some(next)) => edits.replace(member.key.place().start..next.key.place().start, []),
            (None, None) => edits.replace(member.key.place().start..end, []),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Check;
    use crate::statement::statement;
    use proptest::prelude::*;

    fn handed_down(statement: &str) -> String {
        to_1_0(statement).unwrap().into_owned()
    }

    #[test]
    fn what_is_newer_is_left_out_and_every_other_byte_stays() {
        let agents = r#""contextAgents" : [{"objectType":"contextAgent","agent":{"mbox":"mailto:a@b.c"}}]"#;
        let groups = r#""contextGroups":[]"#;
        for (context, left) in [
            (format!("{{ {agents} }}"), "{  }"),
            (format!("{{{agents}, {groups}}}"), "{}"),
            (format!("{{{agents} , \"platform\":\"x\"}}"), r#"{"platform":"x"}"#),
            (format!("{{{agents},{groups}, \"platform\":\"x\" }}"), r#"{"platform":"x" }"#),
            (format!("{{\"platform\":\"x\" , {agents}}}"), r#"{"platform":"x"}"#),
            (format!("{{\"platform\":\"x\",{agents},{groups} }}"), r#"{"platform":"x" }"#),
            (
                format!("{{{groups},\"platform\":\"x\",{agents},\"revision\":\"é\"}}"),
                r#"{"platform":"x","revision":"é"}"#,
            ),
        ] {
            let with = |context: &str| {
                format!(r#"{{"version":"1.0.3", "object":{{"context": {context}}},"context":{context} }}"#)
            };
            assert_eq!(handed_down(&with(&context)), with(left), "{context}");
        }
    }

    #[test]
    fn a_version_of_2_0_becomes_the_one_that_statements_of_1_0_have() {
        for version in ["2.0", "2.0.0", "2.0.7", r"\u0032.0.0"] {
            let with = |version: &str| format!(r#"{{"id" : "x","version": "{version}"}}"#);
            assert_eq!(handed_down(&with(version)), with("1.0.0"));
        }
        for same in [r#"{"version":"1.0.9"}"#, r#"{"name":"2.0.0"}"#, r#"{"object":{"version":"2.0.0"}}"#, "{}"] {
            assert!(matches!(to_1_0(same), Ok(Cow::Borrowed(text)) if text == same));
        }
    }

    #[test]
    fn names_are_known_in_any_spelling_and_only_where_they_mean_something() {
        assert_eq!(
            handed_down(r#"{"context":{"context\u0041gents":[],"language":"en"}}"#),
            r#"{"context":{"language":"en"}}"#
        );
        for same in [
            r#"{"context":{"extensions":{"x:1":{"contextAgents":[]}}},"result":{"response":"contextGroups"}}"#,
            r#"{"result":{"extensions":{"x:1":{"context":{"contextGroups":[1]}}}}}"#,
        ] {
            assert_eq!(handed_down(same), same);
        }
    }

    proptest! {
        /// Members of contexts in any order and number, with any space between them.
        #[test]
        fn what_is_left_is_a_statement_of_1_0(
            own in members(), within in members(), space in "[ \n\t]{0,3}",
        ) {
            let context = |members: &[&str]| format!("{{{space}{}{space}}}", members.join(&format!("{space},{space}")));
            let text = |own: &str, within: &str, version: &str| format!(
                r#"{{"actor":{{"mbox":"mailto:a@b.c"}},"verb":{{"id":"v:1"}},"context":{own},"object":{{"objectType":"SubStatement","actor":{{"mbox":"mailto:a@b.c"}},"verb":{{"id":"v:1"}},"object":{{"id":"a:1"}},"context":{within}}},"version":"{version}"}}"#
            );
            let shown = handed_down(&text(&context(&own), &context(&within), "2.0.0"));
            let document = Document::read(&shown).unwrap();
            let mut check = Check::of_names(Version::V1);
            prop_assert!(statement(document.root(), &mut check).is_some(), "{}", shown);
            prop_assert!(check.faults.is_empty(), "{}", shown);
            let older = |all: &[&'static str]| -> Vec<_> {
                all.iter().copied().filter(|member| !member.starts_with("\"context")).collect()
            };
            let expected = text(&context(&older(&own)), &context(&older(&within)), "1.0.0");
            let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
            prop_assert_eq!(value(&shown), value(&expected));
        }
    }

    fn members() -> impl Strategy<Value = Vec<&'static str>> {
        let all = [
            r#""language":"en""#,
            r#""extensions":{"x:1":"2.0"}"#,
            r#""registration":"6690e6c9-3ef0-4ed3-8b37-7f3964730bee""#,
            r#""contextAgents":[{"objectType":"contextAgent","agent":{"mbox":"mailto:a@b.c"}}]"#,
            r#""contextGroups":[{"objectType":"contextGroup","group":{"objectType":"Group","mbox":"mailto:g@b.c"},"relevantTypes":["t:1"]}]"#,
        ];
        prop::sample::subsequence(all.to_vec(), 0..=all.len()).prop_shuffle()
    }
}
