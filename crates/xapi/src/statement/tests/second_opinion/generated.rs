//! Statements that nobody thought of: valid ones, and ones in which something was changed.

use super::{Version, agree, faults, is_by_contract};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};

type GeneratedValue = BoxedStrategy<Value>;

/// An object of the members that are there.
fn object(members: Vec<(&'static str, GeneratedValue)>) -> GeneratedValue {
    let members: Vec<_> =
        members.into_iter().map(|(name, value)| option::of(value).prop_map(move |it| (name, it))).collect();
    members
        .prop_map(|all| {
            all.into_iter().filter_map(|(name, it)| Some((name.to_owned(), it?))).collect::<Map<_, _>>().into()
        })
        .boxed()
}

/// `base` and whatever of `more` is there.
fn with(base: impl Strategy<Value = Value> + 'static, more: GeneratedValue) -> GeneratedValue {
    (base, more)
        .prop_map(|(mut base, more)| {
            base.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            base
        })
        .boxed()
}

fn text(pattern: &'static str) -> GeneratedValue {
    proptest::string::string_regex(pattern).unwrap().prop_map(Value::from).boxed()
}

fn one_of(texts: &'static [&'static str]) -> GeneratedValue {
    select(texts).prop_map(Value::from).boxed()
}

fn iri() -> GeneratedValue {
    prop_oneof![
        text("[a-z]{1,3}:[a-z/é]{1,4}(%2[0F])?"),
        text("(http|x)://([a-z]{1,3}@)?[a-z]{1,3}(:[0-9]{0,2})?/[a-zé]{0,2}\\?[\u{E000}a]{0,2}"),
    ]
    .boxed()
}

fn uuid() -> GeneratedValue {
    text("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-f]{12}")
}

fn language_map() -> GeneratedValue {
    vec((select(&["en", "de-CH", "zh-Hant-TW", "i-klingon", "x-mine"][..]), "[a-zé]{0,3}"), 0..3)
        .prop_map(|all| all.into_iter().map(|(tag, text)| (tag.to_owned(), text.into())).collect::<Map<_, _>>().into())
        .boxed()
}

fn extensions() -> GeneratedValue {
    let values = select(vec![json!(null), json!([null]), json!({"": 1e3}), json!("x")]);
    vec(("[a-z]:[a-z]", values), 0..3).prop_map(|all| all.into_iter().collect::<Map<_, _>>().into()).boxed()
}

fn timestamp() -> GeneratedValue {
    one_of(&["2026-01-15T09:30:00.123Z", "2026-01-15T09:30:00+01:00", "20260115T0930", "2026-12-31t23:59:60z"])
}

fn identity() -> GeneratedValue {
    let account = (iri(), "[a-z]{0,3}").prop_map(|(page, name)| json!({"account": {"homePage": page, "name": name}}));
    prop_oneof![
        text("mailto:[a-z+]{1,3}@[a-z.]{1,3}").prop_map(|mbox| json!({"mbox": mbox})),
        text("[0-9a-fA-F]{40}").prop_map(|sum| json!({"mbox_sha1sum": sum})),
        iri().prop_map(|openid| json!({"openid": openid})),
        account,
    ]
    .boxed()
}

fn agent() -> GeneratedValue {
    with(identity(), object(vec![("objectType", one_of(&["Agent"])), ("name", text("[a-z]{0,3}"))]))
}

fn group() -> GeneratedValue {
    let members = vec(agent(), 1..3).prop_map(Value::from).boxed();
    let anonymous = members.clone().prop_map(|members| json!({"member": members}));
    let identified = with(identity(), object(vec![("member", members)]));
    let any = prop_oneof![anonymous, identified].prop_map(|mut group| {
        group["objectType"] = "Group".into();
        group
    });
    with(any, object(vec![("name", text("[a-z]{0,3}"))]))
}

/// Types of interaction and the component lists that they have.
const LISTS: [(&str, &[&str]); 6] = [
    ("choice", &["choices"]),
    ("likert", &["scale"]),
    ("matching", &["source", "target"]),
    ("performance", &["steps"]),
    ("sequencing", &["choices"]),
    ("other", &[]),
];

fn definition() -> GeneratedValue {
    let interaction =
        (select(&LISTS[..]), vec("[a-z]{1,2}", 0..3), language_map()).prop_map(|((kind, names), responses, map)| {
            let components = json!([{"id": "a", "description": map}, {"id": "b"}]);
            let mut definition = json!({"interactionType": kind, "correctResponsesPattern": responses});
            for name in names {
                definition[name] = components.clone();
            }
            definition
        });
    let plain = object(vec![
        ("name", language_map()),
        ("description", language_map()),
        ("type", iri()),
        ("moreInfo", iri()),
        ("extensions", extensions()),
    ]);
    with(prop_oneof![Just(json!({})), interaction], plain)
}

fn activity() -> GeneratedValue {
    with(
        iri().prop_map(|id| json!({"id": id})),
        object(vec![("objectType", one_of(&["Activity"])), ("definition", definition())]),
    )
}

fn reference() -> GeneratedValue {
    uuid().prop_map(|id| json!({"objectType": "StatementRef", "id": id})).boxed()
}

fn result() -> GeneratedValue {
    let score = select(vec![
        json!({}),
        json!({"scaled": -1, "raw": 1.5, "min": 1, "max": 2e0}),
        json!({"scaled": 0.95, "raw": 7}),
    ]);
    object(vec![
        ("score", score.boxed()),
        ("success", any::<bool>().prop_map(Value::from).boxed()),
        ("completion", any::<bool>().prop_map(Value::from).boxed()),
        ("response", text("[a-z]{0,3}")),
        ("duration", one_of(&["P4W", "PT1.239S", "P1Y2M3DT4H5M6S", "P0,5Y"])),
        ("extensions", extensions()),
    ])
}

fn attachments() -> GeneratedValue {
    let needed = (iri(), language_map(), 0..100_u32).prop_map(|(usage, display, length)| {
        json!({"usageType": usage, "display": display, "contentType": "text/plain; charset=utf-8", "length": length,
            "sha2": "495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a"})
    });
    vec(with(needed, object(vec![("description", language_map()), ("fileUrl", iri())])), 0..2)
        .prop_map(Value::from)
        .boxed()
}

/// Contexts of 1.0, and of 2.0 where `newer` says so; some only where the object is an activity.
fn context(newer: bool, of_activity: bool) -> GeneratedValue {
    let list = || vec(activity(), 0..2).prop_map(Value::from).boxed();
    let activities =
        object(vec![("parent", activity()), ("grouping", list()), ("category", list()), ("other", list())]);
    let mut members = vec![
        ("registration", uuid()),
        ("instructor", prop_oneof![agent(), group()].boxed()),
        ("team", group()),
        ("contextActivities", activities),
        ("language", one_of(&["en-GB", "sgn-BE-FR"])),
        ("statement", reference()),
        ("extensions", extensions()),
    ];
    if of_activity {
        members.extend([("revision", text("[a-z]{0,2}")), ("platform", text("[a-z]{0,2}"))]);
    }
    if newer {
        let types = object(vec![("relevantTypes", vec(iri(), 1..3).prop_map(Value::from).boxed())]);
        let agents = agent().prop_map(|agent| json!({"objectType": "contextAgent", "agent": agent}));
        let groups = group().prop_map(|group| json!({"objectType": "contextGroup", "group": group}));
        members.push(("contextAgents", vec(with(agents, types.clone()), 0..2).prop_map(Value::from).boxed()));
        members.push(("contextGroups", vec(with(groups, types), 0..2).prop_map(Value::from).boxed()));
    }
    object(members)
}

/// Who did what to `object`, in which context.
fn sentence(object_: GeneratedValue, newer: bool, of_activity: bool) -> GeneratedValue {
    let needed = (prop_oneof![agent(), group()], iri(), language_map(), object_).prop_map(|(actor, verb, display, object)| {
        json!({"actor": actor, "verb": {"id": verb, "display": display}, "object": object})
    });
    let more = vec![
        ("result", result()),
        ("context", context(newer, of_activity)),
        ("timestamp", timestamp()),
        ("attachments", attachments()),
    ];
    with(needed, object(more))
}

fn named(actor: GeneratedValue, kind: &'static str) -> GeneratedValue {
    actor
        .prop_map(move |mut actor| {
            actor["objectType"] = kind.into();
            actor
        })
        .boxed()
}

fn sub_statement(newer: bool) -> GeneratedValue {
    named(
        prop_oneof![sentence(activity(), newer, true), sentence(named(agent(), "Agent"), newer, false)].boxed(),
        "SubStatement",
    )
}

fn statement(newer: bool) -> GeneratedValue {
    let sentences = prop_oneof![
        sentence(activity(), newer, true),
        sentence(
            prop_oneof![named(agent(), "Agent"), group(), reference(), sub_statement(newer)].boxed(),
            newer,
            false
        ),
    ];
    let versions: &[&str] = if newer { &["2.0.0", "2.0", "1.0.9"] } else { &["1.0", "1.0.3"] };
    let pair = vec(agent(), 2).prop_map(|members| json!({"objectType": "Group", "member": members})).boxed();
    let more = vec![
        ("id", uuid()),
        ("stored", timestamp()),
        ("authority", prop_oneof![agent(), pair].boxed()),
        ("version", select(versions).prop_map(Value::from).boxed()),
    ];
    with(sentences, object(more))
}

/// One change to a statement.
#[derive(Debug, Clone)]
enum Change {
    Replace(Value),
    Remove,
    Add(&'static str, Value),
    /// Other letters in a string, from the place on.
    Spell(Index, usize, String),
}

const NAMES: [&str; 24] = [
    "id",
    "ID",
    "actor",
    "member",
    "mbox",
    "openid",
    "account",
    "name",
    "objectType",
    "definition",
    "context",
    "revision",
    "platform",
    "contextAgents",
    "contextGroups",
    "version",
    "stored",
    "interactionType",
    "choices",
    "steps",
    "timestamp",
    "fileUrl",
    "a:b",
    "en",
];

fn changes() -> impl Strategy<Value = Change> {
    let values = || {
        let fixed = select(vec![
            json!(null),
            json!(true),
            json!(0),
            json!(-1.5),
            json!(2),
            json!(1.0),
            json!(""),
            json!("x"),
            json!("a:b"),
            json!({}),
            json!([]),
            json!({"en": "x"}),
            json!("Group"),
            json!("Agent"),
            json!("Activity"),
            json!("SubStatement"),
            json!("StatementRef"),
            json!("mailto:a@b"),
            json!("2.0.0"),
            json!("http://adlnet.gov/expapi/verbs/voided"),
            json!("2026-02-29T00:00:00Z"),
            json!("likert"),
            json!("6690e6c9-3ef0-4ed3-8b37-7f3964730bee"),
            json!({"id": "a:b"}),
            json!([{"id": "a:b"}]),
        ]);
        prop_oneof![3 => fixed, 1 => agent(), 1 => group(), 1 => definition(), 1 => context(true, true)]
    };
    prop_oneof![
        values().prop_map(Change::Replace),
        Just(Change::Remove),
        (select(&NAMES[..]), values()).prop_map(|(name, value)| Change::Add(name, value)),
        (any::<Index>(), 0..4_usize, "[-a-zA-Z0-9:.,+@% \n/TZPé\u{7f}]{0,2}")
            .prop_map(|(at, length, text)| Change::Spell(at, length, text)),
    ]
}

/// The places of all values in `value`.
fn places(value: &Value, at: &str, into: &mut Vec<String>) {
    into.push(at.to_owned());
    let step = |name: &str| format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| places(value, &step(name), into)),
        Value::Array(items) => items.iter().enumerate().for_each(|(n, item)| places(item, &step(&n.to_string()), into)),
        _ => {}
    }
}

fn apply(statement: &mut Value, at: Index, change: Change) {
    let mut all = Vec::new();
    places(statement, "", &mut all);
    let place = at.get(&all).clone();
    let value = statement.pointer_mut(&place).unwrap();
    match (change, value) {
        (Change::Replace(new), value) => *value = new,
        (Change::Add(name, new), Value::Object(members)) => drop(members.insert(name.to_owned(), new)),
        (Change::Spell(at, length, new), Value::String(text)) => {
            let chars: Vec<char> = text.chars().collect();
            let at = at.index(chars.len() + 1);
            *text = chars[..at]
                .iter()
                .copied()
                .chain(new.chars())
                .chain(chars[at..].iter().copied().skip(length))
                .collect();
        }
        (Change::Remove, _) => {
            let Some((parent, name)) = place.rsplit_once('/') else { return };
            let name = name.replace("~1", "/").replace("~0", "~");
            match statement.pointer_mut(parent).unwrap() {
                Value::Object(members) => drop(members.remove(&name)),
                Value::Array(items) => drop(items.remove(name.parse().unwrap())),
                _ => {}
            }
        }
        _ => {}
    }
}

/// A statement with `value` at `pointer`.
fn placed(pointer: &str, value: &str) -> String {
    let mut statement = json!({
        "id": "", "timestamp": "", "version": "", "actor": {"mbox": ""}, "verb": {"id": "v:1"}, "object": {"id": ""},
        "context": {"language": ""}, "result": {"duration": ""},
        "attachments": [{"usageType": "u:1", "display": {}, "contentType": "", "length": 1, "sha2": "", "fileUrl": "f:1"}],
    });
    let valid = [
        ("/id", "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"),
        ("/timestamp", "2026-01-15T09:30:00Z"),
        ("/version", "1.0.0"),
        ("/actor/mbox", "mailto:a@b.c"),
        ("/object/id", "a:1"),
        ("/context/language", "en"),
        ("/result/duration", "PT1S"),
        ("/attachments/0/contentType", "text/plain"),
        ("/attachments/0/sha2", "495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a"),
    ];
    for (place, text) in valid.into_iter().chain([(pointer, value)]) {
        *statement.pointer_mut(place).unwrap() = text.into();
    }
    statement.to_string()
}

/// Texts that are nearly, and often quite, of the form that the place asks for.
fn spellings() -> impl Strategy<Value = (&'static str, String)> {
    let at =
        |place: &'static str, pattern: &'static str| (Just(place), proptest::string::string_regex(pattern).unwrap());
    prop_oneof![
        at(
            "/timestamp",
            "[0-9+-]{0,1}20[0-9]{2}-?(0[0-9]|1[0-3])-?(0[1-9]|[123][0-9])[Tt ]?(2[0-4]|[01][0-9])(:?[0-6][0-9]){0,2}([.,][0-9]{0,12})?([Zz]|[+-](2[0-6]|[01][0-9])(:?[0-6][0-9]){0,2})?(\\[u\\])?"
        ),
        at("/timestamp", "(0000|2026|9999)-12-3[01]T(23|00)(:?(60|59|0)?){0,2}(Z|[+-]00:?00)?"),
        at(
            "/result/duration",
            "P?([0-9]{0,2}([.,][0-9]{0,2})?[YMDWHS]){0,4}T?([0-9]{1,2}([.,][0-9]{0,2})?[HMSY]){0,4}\n?"
        ),
        at(
            "/result/duration",
            "P([0-9]{1,2}([.,][0-9])?Y)?([0-9]([.,][0-9])?M)?([0-9]([.,][0-9])?D)?(T([0-9]([.,][0-9])?H)?([0-9]([.,]5)?M)?([0-9]([.,]5)?S)?)?"
        ),
        at(
            "/context/language",
            "([a-zA-Z]{1,9}|[iIxX]|zh|sgn|en)(-([a-zA-Z]{1,5}|[0-9]{1,4}|[a-z0-9]{1,9}|x|X|a|BE|FR|GB|oed|klingon|é)){0,4}"
        ),
        at("/object/id", "[a-zA-Z0-9+.-]{0,3}:?[a-z/%2F<> \"\\\\^`{|}é\u{7f}\u{80}\u{1F600}\u{fffe}#?:]{0,5}"),
        at("/actor/mbox", "(mailto|MAILTO|mail)?:?[a-z@,%2F é]{0,3}@?[a-z@,%2F é]{0,3}\n?"),
        at(
            "/attachments/0/contentType",
            "[a-zA-Z0-9!#$&^_.+*'`|~%/ é-]{0,4}/?[a-z+ -]{0,3}[ \t\n]{0,2};?[a-z=\n]{0,3}"
        ),
        at("/attachments/0/sha2", "[0-9a-fA-Fg]{55,57}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9A-F]{127,128}\n?"),
        at(
            "/id",
            "[0-9a-fA-Fg]{8}-?[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{11,12}|[0-9a-f]{36}|[{]?[0-9a-f]{32}[}]?"
        ),
        at("/version", "[0-3](\\.[0-2]){0,2}(\\.[0-9a]{0,2})?\n?"),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn both_accept_every_valid_statement(older in statement(false), newer in statement(true)) {
        for (statement, version) in [(&older, Version::V1), (&older, Version::V2), (&newer, Version::V2)] {
            let text = statement.to_string();
            prop_assert!(faults(&text, version).is_empty(), "{version}: {text}\n{:?}", faults(&text, version));
            prop_assert!(is_by_contract(statement, version), "{version}: {text}");
        }
    }

    #[test]
    fn both_judge_a_changed_statement_alike(
        mut statement in prop_oneof![statement(false), statement(true)], changes in vec((any::<Index>(), changes()), 1..4),
    ) {
        for (at, change) in changes {
            apply(&mut statement, at, change);
        }
        agree(&statement.to_string());
    }
}

/// Parts whose rules join several members, with those members in every combination.
fn corners() -> impl Strategy<Value = Value> {
    let statement = |pointer: &'static str| {
        move |part: Value| {
            let mut statement = json!({
                "actor": {"mbox": "mailto:a@b.c"}, "verb": {"id": "v:1"}, "object": {"id": "a:1"}, "result": {}, "context": {},
            });
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            statement.pointer_mut(parent).unwrap()[name] = part;
            statement
        }
    };
    let list = || select(vec![json!([]), json!([{"id": "a"}]), json!([{"id": ""}])]).boxed();
    let kinds =
        &["true-false", "choice", "fill-in", "matching", "performance", "sequencing", "likert", "numeric", "Other"];
    let definition = object(vec![
        ("interactionType", one_of(kinds)),
        ("correctResponsesPattern", select(vec![json!([]), json!([1])]).boxed()),
        ("choices", list()),
        ("scale", list()),
        ("source", list()),
        ("target", list()),
        ("steps", list()),
    ]);
    let number =
        || select(vec![json!(-1.01), json!(-1), json!(0), json!(0.5), json!(1), json!(1.01), json!("1")]).boxed();
    let score = object(vec![("scaled", number()), ("raw", number()), ("min", number()), ("max", number())]);
    let types = select(vec![json!([]), json!(["t:1"]), json!(["t"]), json!("t:1")]).boxed();
    let either = || prop_oneof![agent(), group()].boxed();
    let related = object(vec![
        ("objectType", one_of(&["contextAgent", "contextGroup"])),
        ("agent", either()),
        ("group", either()),
        ("relevantTypes", types),
    ]);
    let related = || related.clone().prop_map(|one| json!([one]));
    let members = select(vec![
        json!([]),
        json!([{"mbox": "mailto:a@b.c"}]),
        json!([{"objectType": "Group", "mbox": "mailto:a@b.c"}]),
    ]);
    let actor = || {
        object(vec![
            ("objectType", one_of(&["Agent", "Group", "Activity", "StatementRef"])),
            ("mbox", one_of(&["mailto:a@b.c"])),
            ("openid", one_of(&["o:1"])),
            ("account", one_of(&["x"])),
            ("member", members.clone().boxed()),
        ])
    };
    let authority = prop_oneof![
        actor(),
        (group(), vec(agent(), 1..4)).prop_map(|(mut group, members)| {
            group["member"] = members.into();
            group
        })
    ];
    prop_oneof![
        definition.prop_map(|definition| json!({"id": "a:1", "definition": definition})).prop_map(statement("/object")),
        score.prop_map(statement("/result/score")),
        related().prop_map(statement("/context/contextAgents")),
        related().prop_map(statement("/context/contextGroups")),
        actor().prop_map(statement("/actor")),
        actor().prop_map(statement("/object")),
        actor().prop_map(statement("/context/team")),
        authority.prop_map(statement("/authority")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn both_judge_every_combination_alike(statement in corners()) {
        agree(&statement.to_string());
    }

    #[test]
    fn both_read_the_simple_types_alike((place, text) in spellings()) {
        agree(&placed(place, &text));
    }
}
