//! Tokens match each filter as a slow reading of the standard does.
//!
//! The slow reading below works on plain JSON, sentence by sentence of Part 3 §2.1.3, and knows nothing of tokens.

use super::of;
use crate::check::Check;
use crate::intake::Authority;
use crate::json::Document;
use crate::query::{Query, Selection};
use crate::statement::statement;
use crate::version::Version;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// Ids from a small pool, so that filters often match.
fn id(prefix: &'static str) -> impl Strategy<Value = String> {
    (0_u8..3).prop_map(move |n| format!("{prefix}:{n}"))
}

fn agent() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0_u8..3).prop_map(|n| json!({"mbox": format!("mailto:a{n}@example.com")})),
        (0_u8..2).prop_map(
            |n| json!({"objectType": "Agent", "name": "x", "account": {"homePage": "h:1", "name": format!("a{n}")}})
        ),
        Just(json!({"openid": "h:1"})),
        Just(json!({"mbox_sha1sum": "ebd31e95054c018b10727ccffd2ef2ec3a016ee9"})),
    ]
}

fn group() -> impl Strategy<Value = Value> {
    (prop::option::of(agent()), prop::collection::vec(agent(), 1..3)).prop_map(|(identity, member)| {
        let mut group = identity.unwrap_or_else(|| json!({}));
        group["objectType"] = json!("Group");
        group["member"] = json!(member);
        group
    })
}

fn actor() -> impl Strategy<Value = Value> {
    prop_oneof![3 => agent(), 1 => group()]
}

fn activity() -> impl Strategy<Value = Value> {
    id("a").prop_map(|id| json!({"objectType": "Activity", "id": id}))
}

fn context() -> impl Strategy<Value = Value> {
    let kinds = select(vec!["parent", "grouping", "category", "other"]);
    let activities = prop::option::of((kinds, prop::collection::vec(activity(), 0..3)));
    let registration = prop::option::of((0_u8..2).prop_map(registration));
    (
        activities,
        registration,
        prop::option::of(actor()),
        prop::option::of(group()),
        prop::option::of(agent()),
        prop::option::of(group()),
    )
        .prop_map(|(activities, registration, instructor, team, agent, group)| {
            let mut context = json!({});
            let mut set = |name: &str, value: Option<Value>| {
                if let Some(value) = value {
                    context[name] = value;
                }
            };
            set("contextActivities", activities.map(|(kind, list)| json!({kind: list})));
            set("registration", registration.map(Value::from));
            set("instructor", instructor);
            set("team", team);
            set("contextAgents", agent.map(|agent| json!([{"objectType": "contextAgent", "agent": agent}])));
            set("contextGroups", group.map(|group| json!([{"objectType": "contextGroup", "group": group}])));
            context
        })
}

fn registration(n: u8) -> String {
    format!("00000000-0000-4000-8000-00000000000{n}")
}

fn object() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => activity(),
        1 => agent().prop_map(|mut agent| { agent["objectType"] = json!("Agent"); agent }),
        1 => group(),
        1 => Just(json!({"objectType": "StatementRef", "id": registration(9)})),
    ]
}

fn sentence(object: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    (actor(), id("v"), object, context()).prop_map(|(actor, verb, object, context)| {
        json!({"actor": actor, "verb": {"id": verb}, "object": object, "context": context})
    })
}

pub(crate) fn any_statement() -> impl Strategy<Value = Value> {
    let sub = sentence(object()).prop_map(|mut sub| {
        sub["objectType"] = json!("SubStatement");
        sub
    });
    sentence(prop_oneof![3 => object().boxed(), 1 => sub.boxed()])
}

/// The parameters of a query.
fn parameters() -> impl Strategy<Value = Vec<(String, String)>> {
    let flag = || select(vec!["true", "false"]).prop_map(str::to_owned);
    let of = prop::option::weighted::<BoxedStrategy<String>>;
    let asked =
        prop_oneof![agent(), group().prop_filter("identified", is_identified)].prop_map(|agent| agent.to_string());
    (
        of(0.4, asked.boxed()),
        of(0.3, id("v").boxed()),
        of(0.3, id("a").boxed()),
        of(0.2, (0_u8..2).prop_map(registration).boxed()),
        of(0.5, flag().boxed()),
        of(0.5, flag().boxed()),
    )
        .prop_map(|(agent, verb, activity, registration, agents, activities)| {
            let named = [
                ("agent", agent),
                ("verb", verb),
                ("activity", activity),
                ("registration", registration),
                ("related_agents", agents),
                ("related_activities", activities),
            ];
            named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
        })
}

const IDENTIFIERS: [&str; 4] = ["mbox", "mbox_sha1sum", "openid", "account"];

fn is_identified(actor: &Value) -> bool {
    IDENTIFIERS.iter().any(|name| !actor[name].is_null())
}

/// The slow reading: whether `statement`, of this authority, matches each parameter that is given.
fn matches(statement: &Value, authority: &Value, parameters: &[(String, String)]) -> bool {
    let given = |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let flag = |name: &str| given(name).as_deref() == Some("true");
    given("verb").is_none_or(|verb| statement["verb"]["id"] == verb)
        && given("registration").is_none_or(|registration| statement["context"]["registration"] == registration)
        && given("activity").is_none_or(|activity| {
            if flag("related_activities") {
                related_activity(statement, &activity)
            } else {
                statement["object"]["id"] == activity
            }
        })
        && given("agent").is_none_or(|agent| {
            let agent = serde_json::from_str(&agent).unwrap();
            let narrow = is_or_has(&statement["actor"], &agent) || is_or_has(&statement["object"], &agent);
            if flag("related_agents") {
                is_or_has(authority, &agent) || related_agent(statement, &agent)
            } else {
                narrow
            }
        })
}

fn related_activity(sentence: &Value, id: &str) -> bool {
    let context = sentence["context"]["contextActivities"].as_object();
    let listed = context
        .is_some_and(|kinds| kinds.values().any(|list| list.as_array().unwrap().iter().any(|item| item["id"] == id)));
    sentence["object"]["id"] == id
        || listed
        || sentence["object"]["verb"].is_object() && related_activity(&sentence["object"], id)
}

fn related_agent(sentence: &Value, agent: &Value) -> bool {
    let context = &sentence["context"];
    let listed = |list: &str, member: &str| {
        context[list].as_array().is_some_and(|list| list.iter().any(|item| is_or_has(&item[member], agent)))
    };
    [&sentence["actor"], &sentence["object"], &context["instructor"], &context["team"]]
        .iter()
        .any(|actor| is_or_has(actor, agent))
        || listed("contextAgents", "agent")
        || listed("contextGroups", "group")
        || sentence["object"]["verb"].is_object() && related_agent(&sentence["object"], agent)
}

fn is_or_has(actor: &Value, agent: &Value) -> bool {
    let is = |actor: &Value| IDENTIFIERS.iter().any(|name| !agent[name].is_null() && actor[name] == agent[name]);
    is(actor) || actor["member"].as_array().is_some_and(|members| members.iter().any(is))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    #[test]
    fn tokens_match_each_filter_as_the_slow_reading_does(given in any_statement(), parameters in parameters(), own in any::<bool>()) {
        let text = given.to_string();
        let document = Document::read(&text).unwrap();
        let mut check = Check::by(Version::V2);
        let read = statement(document.root(), &mut check);
        prop_assert!(check.faults.is_empty(), "{:?}\n{text}", check.faults);
        let name = if own { "a0" } else { "other" };
        let authority = Authority::account("h:1", name);
        let tokens = of(&read.unwrap(), authority.ifi());
        let query = Query::read(&parameters, Version::V2).unwrap();
        let Selection::Many(filter) = query.selection else { panic!("one") };
        let found = filter.tokens().iter().all(|token| tokens.contains(token));
        let authority = json!({"account": {"homePage": "h:1", "name": name}});
        prop_assert_eq!(found, matches(&given, &authority, &parameters), "{} {:?}", text, parameters);
    }
}

#[test]
fn the_domain_of_a_mailbox_and_the_digits_of_a_sum_are_the_same_in_any_case() {
    use super::agent;
    use crate::actor::Ifi::{Mbox, MboxSha1Sum, OpenId};
    assert_eq!(agent(&Mbox("mailto:a@EXAMPLE.com".into())), agent(&Mbox("mailto:a@example.com".into())));
    assert_ne!(agent(&Mbox("mailto:A@example.com".into())), agent(&Mbox("mailto:a@example.com".into())));
    assert_eq!(agent(&MboxSha1Sum("ABC".into())), agent(&MboxSha1Sum("abc".into())));
    assert_ne!(agent(&OpenId("o:A".into())), agent(&OpenId("o:a".into())));
}

#[test]
fn no_two_accounts_are_confused() {
    use super::agent;
    use crate::actor::Ifi;
    assert_ne!(agent(&Ifi::account("h:a", "b@c")), agent(&Ifi::account("h:a@b", "c")));
}
