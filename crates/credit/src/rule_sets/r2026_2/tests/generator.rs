//! Makes scenes: the one that earns credit, with one to four differences, each drawn from everything that a decision looks
//! at. The property tests and the recorded decisions draw from it.

use super::scene::{CreditRecord, Variation};
use jiff::{Timestamp, ToSpan as _};
use proptest::prelude::*;
use proptest::strategy::Union;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const LABELS: [&str; 13] = [
    "registered",
    "informed",
    "opened",
    "completed",
    "closed",
    "answered-q1",
    "answered-q2",
    "answered-q3",
    "answered-q4",
    "assessed",
    "feedback",
    "evaluated",
    "claimed",
];

/// Scenes with one to four differences.
pub(super) fn variation() -> impl Strategy<Value = Variation> {
    prop::collection::vec(difference(), 1..5).prop_map(|parts| parts.into_iter().fold(Variation::default(), merge))
}

/// Both differences in one scene; of two that exclude each other, the later.
fn merge(mut all: Variation, more: Variation) -> Variation {
    let within = |one: &str, other: &str| one.starts_with(&format!("{other}/"));
    for (pointer, value) in more.activity {
        all.activity.retain(|known, _| !within(known, &pointer));
        if !all.activity.keys().any(|known| within(&pointer, known)) {
            all.activity.insert(pointer, value);
        }
    }
    for (label, changes) in more.log {
        all.log.entry(label).or_default().extend(changes);
    }
    all.remove.extend(more.remove);
    for entry in more.add {
        if !all.add.iter().any(|known| known["label"] == entry["label"]) {
            all.add.push(entry);
        }
    }
    if !more.required.is_empty() {
        all.required = more.required;
    }
    all.active = more.active.or(all.active);
    all.offering = more.offering.or(all.offering);
    all
}

/// One difference.
fn difference() -> impl Strategy<Value = Variation> {
    Union::new([
        of_activity().boxed(),
        of_activity().boxed(),
        moved().boxed(),
        of_log().boxed(),
        of_log().boxed(),
        prop::sample::select(LABELS.as_slice()).prop_map(remove).boxed(),
        (1..LABELS.len())
            .prop_map(|kept| LABELS[kept..].iter().map(|label| remove(label)).fold(Variation::default(), merge))
            .boxed(),
        added().boxed(),
        signaled().boxed(),
        signaled().boxed(),
        observed().boxed(),
        by_the_office().boxed(),
        together().boxed(),
        foreign().boxed(),
        reported().boxed(),
        credited().boxed(),
        Just(Variation { required: vec!["ITEM-1".to_owned(), "ITEM-2".to_owned()], ..Variation::default() }).boxed(),
        Just(for_nurses()).boxed(),
    ])
}

fn remove(label: &str) -> Variation {
    Variation { remove: vec![label.to_owned()], ..Variation::default() }
}

fn activity<const N: usize>(changes: [(&str, Value); N]) -> Variation {
    let activity = changes.into_iter().map(|(pointer, value)| (pointer.to_owned(), value)).collect();
    Variation { activity, ..Variation::default() }
}

fn log<const N: usize>(label: &str, changes: [(&str, Value); N]) -> Variation {
    let changes = changes.into_iter().map(|(pointer, value)| (pointer.to_owned(), value)).collect();
    Variation { log: BTreeMap::from([(label.to_owned(), changes)]), ..Variation::default() }
}

fn add<const N: usize>(entries: [Value; N]) -> Variation {
    Variation { add: entries.into(), ..Variation::default() }
}

fn date() -> impl Strategy<Value = Value> {
    let days = ["2025-12-31", "2026-01-15", "2026-02-28", "2026-03-01", "2026-03-02", "2026-03-05", "2027-06-30"];
    prop::sample::select(days.to_vec()).prop_map(|day| json!(day))
}

fn share() -> impl Strategy<Value = Value> {
    (0u32..=20).prop_map(|twentieths| json!(crate::Fraction::floor(twentieths, 20)))
}

/// What the provider decided.
fn of_activity() -> impl Strategy<Value = Variation> {
    let set = |pointer: &'static str| move |value: Value| activity([(pointer, value)]);
    let flag = || any::<bool>();
    Union::new([
        date().prop_map(set("/dates/certified")).boxed(),
        date().prop_map(set("/dates/released")).boxed(),
        date().prop_map(set("/mitigation/documented")).boxed(),
        date().prop_map(set("/offerings/0/window/from")).boxed(),
        date().prop_map(set("/offerings/0/window/until")).boxed(),
        share().prop_map(set("/integrity/minimum_seat_fraction")).boxed(),
        share().prop_map(set("/assessment/minimum_score")).boxed(),
        share().prop_map(set("/offerings/0/minimum_score")).boxed(),
        (0u32..4).prop_map(|days| activity([("/offerings/0/claim_within_days", json!(days))])).boxed(),
        (1u32..3).prop_map(|most| activity([("/assessment/attempts/maximum", json!(most))])).boxed(),
        (0u32..40).prop_map(|wait| activity([("/assessment/attempts/wait_minutes", json!(wait))])).boxed(),
        (10u32..200).prop_map(|minutes| activity([("/estimated_minutes", json!(minutes))])).boxed(),
        (1u32..200).prop_map(|step| activity([("/offerings/0/step", json!(crate::Credits(step)))])).boxed(),
        (50u32..200).prop_map(|most| activity([("/offerings/0/maximum", json!(crate::Credits(most)))])).boxed(),
        flag().prop_map(|sample| activity([("/sample", json!(sample))])).boxed(),
        Just(activity([("/commercial_support", json!([]))])).boxed(),
        Just(activity([("/offerings/0/evaluation", json!("optional"))])).boxed(),
        Just(activity([("/offerings/0/feedback", json!("not-required"))])).boxed(),
        Just(activity([("/offerings/0/system", json!("ancc-contact-hours"))])).boxed(),
        Just(activity([("/assessment/items/0/correct", json!(["a"]))])).boxed(),
        Just(activity([("/assessment", Value::Null), ("/offerings/0/feedback", json!("not-required"))])).boxed(),
    ])
}

/// An entry that happened earlier or later, or was stored long before or after its own time.
fn moved() -> impl Strategy<Value = Variation> {
    let start: Timestamp = "2026-03-01T15:00:00Z".parse().unwrap();
    (prop::sample::select(LABELS.as_slice()), -60i64..6000, 0i64..3, -900i64..900).prop_map(
        move |(label, at, skewed, late)| {
            let at = start + at.minutes();
            let stored = at + if skewed == 0 { late.seconds() } else { 1.second() };
            log(label, [("/at", json!(at)), ("/stored", json!(stored))])
        },
    )
}

/// What an entry says.
fn of_log() -> impl Strategy<Value = Variation> {
    let shown =
        ["accreditation", "dates", "objectives", "disclosures", "commercial-support", "pass-rule", "completion"];
    let professions =
        ["physician", "physician-assistant", "nurse", "nurse-practitioner", "pharmacist", "dentist", "other"];
    let verbs = ["completed", "passed", "failed", "suspended", "terminated"];
    let professions = prop::sample::select(professions.map(str::to_owned).to_vec());
    let verbs = prop::sample::select(verbs.map(str::to_owned).to_vec());
    let assurances = prop::sample::select(["demo", "portal", "credential"].map(str::to_owned).to_vec());
    let answered = prop::sample::select(["answered-q1", "answered-q2", "answered-q3"].map(str::to_owned).to_vec());
    let chosen = prop::sample::subsequence(vec!["a", "b", "c", "z"], 0..3);
    Union::new([
        prop::sample::subsequence(shown.to_vec(), 0..7)
            .prop_map(|shown| log("informed", [("/event/shown", json!(shown))]))
            .boxed(),
        Just(log("informed", [("/event/document", json!("0".repeat(64)))])).boxed(),
        professions.prop_map(|who| log("registered", [("/event/identity/profession", json!(who))])).boxed(),
        assurances.prop_map(|by| log("registered", [("/event/identity/assurance", json!(by))])).boxed(),
        any::<bool>().prop_map(|named| log("registered", [("/event/identity/named", json!(named))])).boxed(),
        verbs.prop_map(|verb| log("completed", [("/sco/verb", json!(verb))])).boxed(),
        (answered, chosen).prop_map(|(label, chosen)| log(&label, [("/event/chosen", json!(chosen))])).boxed(),
        (0u32..6, 0u32..6)
            .prop_map(|(correct, total)| {
                log("assessed", [("/event/correct", json!(correct)), ("/event/total", json!(total))])
            })
            .boxed(),
        (0u32..5, any::<bool>())
            .prop_map(|(correct, passed)| {
                log("assessed", [("/event/correct", json!(correct)), ("/event/passed", json!(passed))])
            })
            .boxed(),
        (0u64..1500).prop_map(|seconds| log("assessed", [("/event/seconds", json!(seconds))])).boxed(),
        (1u32..3).prop_map(|attempt| log("feedback", [("/event/attempt", json!(attempt))])).boxed(),
        (0u32..8)
            .prop_map(|quarters| log("claimed", [("/event/amount", json!(crate::Credits(quarters * 25)))]))
            .boxed(),
        (0u32..120).prop_map(|amount| log("claimed", [("/event/amount", json!(crate::Credits(amount)))])).boxed(),
        any::<bool>().prop_map(|attested| log("claimed", [("/event/attested", json!(attested))])).boxed(),
    ])
}

/// Something more that happened.
fn added() -> impl Strategy<Value = Variation> {
    let attempt = |at: &str, number: u32, correct: u32, seconds: u64| {
        let responses = "$responses";
        json!({"label": format!("attempt-{number}"), "at": at, "event": {"kind": "assessed", "attempt": number, "correct": correct,
               "total": 4, "minimum": "0.75", "passed": correct > 2, "seconds": seconds, "responses": responses}})
    };
    let early = "2026-03-01T09:34:00-06:00";
    Union::new([
        (7u32..10, 0u32..5, 0u64..600).prop_map(move |(number, correct, seconds)| add([attempt(early, number, correct, seconds)])).boxed(),
        (0u32..3).prop_map(move |correct| add([attempt(early, 8, correct, 30), attempt("2026-03-01T09:36:00-06:00", 9, 1, 30)])).boxed(),
        prop::sample::select(LABELS.as_slice()).prop_map(|label| {
            add([json!({"label": format!("void-{label}"), "at": "2026-03-05T09:00:00-06:00", "voids": label})])
        }).boxed(),
        prop::sample::select(LABELS.as_slice()).prop_map(|label| {
            add([json!({"label": format!("early-void-{label}"), "at": "2026-02-01T09:00:00-06:00", "voids": label})])
        }).boxed(),
        (1u32..5).prop_map(|quarters| {
            let event = json!({"kind": "claimed", "offering": "ama", "amount": crate::Credits(quarters * 25), "attested": true});
            add([json!({"label": "claimed-again", "at": "2026-03-03T08:00:00-06:00", "event": event})])
        }).boxed(),
        any::<bool>().prop_map(|named| {
            let identity = json!({"assurance": "portal", "named": named, "profession": "physician"});
            let event = json!({"kind": "registered", "version": 1, "document": "$document", "identity": identity});
            add([json!({"label": "registered-again", "at": "2026-03-02T07:00:00-06:00", "event": event})])
        }).boxed(),
        Just(add([json!({"label": "second-item", "at": "2026-03-01T09:40:00-06:00", "sco": {"verb": "completed", "item": "ITEM-2", "session": "three"}})])).boxed(),
    ])
}

/// What makes an integrity signal, and perhaps what a person decided about it.
fn signaled() -> impl Strategy<Value = Variation> {
    let made = prop::sample::select(vec![0usize, 1, 2, 3, 4]);
    let verdicts = prop::sample::select(vec![None, Some("accepted"), Some("upheld")]);
    (made, verdicts, 0u64..4000).prop_map(|(kind, verdict, much)| {
        let (variation, signal) = match kind {
            0 => (log("closed", [("/sco/client", json!(1500 + much))]), "client-time-over-server:closed"),
            1 => (
                merge(log("closed", [("/sco/seat", json!(much / 20))]), log("assessed", [("/event/seconds", json!(much / 10))])),
                "fast-pass:assessed",
            ),
            2 => (log(
                "evaluated",
                [("/at", json!("2026-03-01T10:00:00-06:00")), ("/stored", json!("2026-03-01T09:50:00-06:00"))],
            ), "clock-skew:evaluated"),
            3 => {
                let sco = |verb, seat: Option<u64>| json!({"verb": verb, "item": "ITEM-1", "session": "two", "seat": seat});
                let close = format!("2026-03-01T09:{:02}:00-06:00", 10 + much % 20);
                (
                    add([
                        json!({"label": "again", "at": "2026-03-01T09:10:00-06:00", "sco": sco("initialized", None)}),
                        json!({"label": "again-closed", "at": close, "sco": sco("suspended", Some(much / 8))}),
                    ]),
                    "overlapping-sessions:again",
                )
            }
            _ => (log("completed", [("/at", json!("2026-03-01T09:47:00-06:00"))]), "assessed-before-content:assessed"),
        };
        let settled = verdict.map(|verdict| {
            add([json!({"label": format!("settled-{kind}"), "at": "2026-03-03T08:00:00-06:00", "settles": signal, "verdict": verdict})])
        });
        settled.into_iter().fold(variation, merge)
    })
}

/// What the run-time noticed, and perhaps what a person decided about it.
fn observed() -> impl Strategy<Value = Variation> {
    let codes = [
        "no-status-reported",
        "session-time-frozen",
        "completed-with-open-objectives",
        "completed-with-low-score",
        "scorm2004-elements",
        "launch-file-not-delivered",
        "something-newer",
    ];
    let labels = prop::sample::select(vec!["opened", "completed", "closed"]);
    let verdicts = prop::sample::select(vec![None, Some("accepted"), Some("upheld")]);
    let codes = prop::sample::subsequence(codes.to_vec(), 1..4);
    (labels, codes, verdicts, 0u64..3000).prop_map(|(label, codes, verdict, much)| {
        let mut changes = vec![("/sco/observations", json!(codes)), ("/sco/seat", json!(much)), ("/sco/client", json!(much / 2))];
        if much % 2 == 0 {
            changes.push(("/sco/scaled", json!(0.25)));
        }
        let changes = changes.into_iter().map(|(pointer, value)| (pointer.to_owned(), value)).collect();
        let variation = Variation { log: BTreeMap::from([(label.to_owned(), changes)]), ..Variation::default() };
        let settled = verdict.map(|verdict| {
            let signal = format!("{}:{label}", codes[0]);
            add([json!({"label": "settled-observed", "at": "2026-03-03T08:00:00-06:00", "settles": signal, "verdict": verdict})])
        });
        settled.into_iter().fold(variation, merge)
    })
}

/// What the CME office did: granted an attempt, awarded by hand, restarted.
fn by_the_office() -> impl Strategy<Value = Variation> {
    let by = uuid::Uuid::from_u128(7);
    let approval = json!({"proposed_by": by, "reason": "Took part in the room", "approved_by": uuid::Uuid::from_u128(8),
                          "approval_reason": "Seen on the sign-in sheet."});
    let remove = prop::sample::subsequence(LABELS[2..].to_vec(), 0..6);
    let offerings = prop::sample::select(vec!["ama", "participation"]);
    let attempt = json!({"label": "attempt-7", "at": "2026-03-01T09:34:00-06:00", "event": {"kind": "assessed", "attempt": 7, "correct": 1,
        "total": 4, "minimum": "0.75", "passed": false, "seconds": 30, "responses": "$responses"}});
    Union::new([
        (remove, 0u32..120, offerings, date())
            .prop_map(move |(remove, amount, offering, completed)| {
                let amount = crate::Credits(if amount % 3 == 0 { amount } else { amount / 25 * 25 });
                let event = json!({"kind": "awarded", "offering": offering, "amount": amount, "completed": completed,
                                   "approval": approval});
                let entry = json!({"label": "awarded", "at": "2026-03-04T08:00:00-06:00", "event": event});
                Variation { remove: remove.into_iter().map(str::to_owned).collect(), ..add([entry]) }
            })
            .boxed(),
        any::<bool>()
            .prop_map(move |granted| {
                let grant = json!({"label": "granted", "at": "2026-03-01T09:40:00-06:00",
                    "event": {"kind": "attempt-granted", "by": by, "reason": "The page had failed."}});
                let once = activity([("/assessment/attempts/maximum", json!(1))]);
                let tried = merge(once, add([attempt.clone()]));
                if granted { merge(tried, add([grant])) } else { tried }
            })
            .boxed(),
        Just(add([json!({"label": "restarted", "at": "2026-03-01T09:00:30-06:00",
            "event": {"kind": "restarted", "from": by, "by": by, "reason": "All attempts were used."}})]))
        .boxed(),
        Just(activity([("/offerings/0/evaluation", json!("required-after-pass"))])).boxed(),
    ])
}

/// Statements of one commit: the pass and the completion at one instant, in either order.
fn together() -> impl Strategy<Value = Variation> {
    (0u32..4).prop_map(|seconds| {
        let at = json!(format!("2026-03-01T09:45:0{seconds}-06:00"));
        let moved = log("completed", [("/at", at), ("/sco/scaled", json!(0.9)), ("/sco/tier", json!("T2"))]);
        let closed = log("closed", [("/at", json!("2026-03-01T09:46:00-06:00"))]);
        merge(moved, closed)
    })
}

/// A statement that others could have sent: it counts for nothing.
fn foreign() -> impl Strategy<Value = Variation> {
    let changes = [
        ("/authority/account/name", json!("credential:abc")),
        ("/authority/account/homePage", json!("https://other.example.org")),
        ("/authority", json!({"mbox": "mailto:x@example.org"})),
        ("/actor/account/name", json!("someone-else")),
        ("/context/registration", json!(uuid::Uuid::from_u128(77))),
        ("/context/revision", json!("2")),
        ("/context/contextActivities", json!({"grouping": []})),
    ];
    (prop::sample::select(LABELS.as_slice()), prop::sample::select(changes.to_vec()))
        .prop_map(|(label, (pointer, value))| log(label, [("/statement", json!({ pointer: value }))]))
}

/// The package's own score, where the activity has no assessment of the server's.
fn reported() -> impl Strategy<Value = Variation> {
    (0u32..=100, any::<bool>(), any::<bool>()).prop_map(|(percent, recomputed, approved)| {
        let scaled = f64::from(percent) / 100.0;
        let tier = if recomputed { "T2" } else { "T1" };
        let approval = json!({"by": "Cy Example", "on": "2026-01-09", "reason": "Supervised room."});
        let approval = if approved { approval } else { Value::Null };
        let of_activity = activity([
            ("/assessment/items", json!([])),
            ("/offerings/0/feedback", json!("not-required")),
            ("/integrity/accept_t1", approval),
        ]);
        merge(of_activity, log("completed", [("/sco/scaled", json!(scaled)), ("/sco/tier", json!(tier))]))
    })
}

/// A credit that the learner has already.
fn credited() -> impl Strategy<Value = Variation> {
    let offerings = prop::sample::select(vec!["ama", "participation"]);
    (offerings, 2022i16..2027).prop_map(|(offering, year)| {
        let (from, until) = (jiff::civil::date(year, 1, 15), jiff::civil::date(year + 2, 1, 14));
        let active = Some(CreditRecord { offering: offering.to_owned(), from, until });
        Variation { active, ..Variation::default() }
    })
}

/// The offering that is no credit.
fn for_nurses() -> Variation {
    let nurse = log("registered", [("/event/identity/profession", json!("nurse"))]);
    let claimed = log("claimed", [("/event/offering", json!("participation"))]);
    Variation { offering: Some("participation".to_owned()), ..merge(nurse, claimed) }
}
