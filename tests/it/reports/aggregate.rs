//! `GET /api/v1/statements/aggregate`: counted by hand.

use super::{ask, ask_as};
use crate::harness::{TestApp, status_and_json};
use crate::xapi::{Lrs, VOIDED, agent, credential, reference, statement, with};
use base::clock::SystemClock;
use enduring::service::people::credentials::Scope;
use reqwest::Method;
use serde_json::{Value, json};

async fn count(lrs: &Lrs, query: &str) -> Value {
    let (status, answer) =
        status_and_json(ask(lrs, Method::GET, &format!("/aggregate?{query}")).send().await.unwrap()).await;
    assert_eq!(status, 200, "{query}: {answer}");
    answer
}

fn at(n: u32, who: &str, timestamp: &str, result: Value) -> Value {
    let dated = with(statement(n), "/timestamp", json!(timestamp));
    with(with(dated, "/actor", agent(who)), "/result", result)
}

/// Five statements of three actors, one of them an anonymous group.
async fn sample(lrs: &Lrs) {
    let group = json!({"objectType": "Group", "member": [agent("ann"), agent("eve")]});
    let list = json!([
        at(1, "ann", "2026-03-01T04:30:00Z", json!({"score": {"scaled": 0.1}, "success": true, "duration": "PT1H"})),
        at(
            2,
            "ann",
            "2026-03-01T12:00:00Z",
            json!({"score": {"scaled": 0.2}, "success": false, "duration": "PT30M0.5S"})
        ),
        with(
            at(3, "bob", "2026-03-02T12:00:00Z", json!({"success": true, "duration": "P1Y"})),
            "/object/id",
            json!("a:2")
        ),
        with(at(4, "bob", "2026-03-02T13:00:00Z", json!({})), "/verb/id", json!("v:read")),
        with(at(5, "-", "2026-03-02T14:00:00Z", json!({})), "/actor", group),
    ]);
    // As text, since a score must keep the zero at its end.
    let text = list.to_string().replace(r#""duration":"P1Y""#, r#""score":{"scaled":0.30},"duration":"P1Y""#);
    let (status, answer) = lrs.post_text(text).await;
    assert_eq!(status, 200, "{answer}");
}

#[actix_web::test]
async fn counts_and_sums_are_exact() {
    let lrs = Lrs::start().await;
    sample(&lrs).await;
    let answer = count(&lrs, "group_by=verb&measure=actors,score,duration").await;
    assert_eq!(
        answer["groups"],
        json!([
            {
                "key": {"verb": "v:did"}, "count": 4, "actors": 2,
                "score": {"count": 3, "average": 0.2, "min": 0.1, "max": 0.3},
                "duration": {"count": 2, "uncertain": 1, "seconds": 5400.5, "average": 2700.25},
            },
            {
                "key": {"verb": "v:read"}, "count": 1, "actors": 1,
                "score": {"count": 0, "average": null, "min": null, "max": null},
                "duration": {"count": 0, "uncertain": 0, "seconds": 0, "average": null},
            },
        ])
    );
    assert_eq!((&answer["total"]["count"], &answer["total"]["actors"]), (&json!(5), &json!(2)), "bob is one in all");
    assert_eq!((&answer["complete"], &answer["after"], &answer["through"]), (&json!(true), &json!(0), &json!(5)));
    let text = ask(&lrs, Method::GET, "/aggregate?measure=score").send().await.unwrap().text().await.unwrap();
    assert!(text.contains(r#""min":0.1,"max":0.30}"#), "every digit comes back: {text}");
    assert_eq!(count(&lrs, "").await["groups"], json!([]), "the total alone");
}

#[actix_web::test]
async fn days_are_those_of_the_requested_time_zone() {
    let lrs = Lrs::start().await;
    sample(&lrs).await;
    let days = async |query: &str| {
        let answer = count(&lrs, query).await;
        let day = |group: &Value| (group["key"]["day"].as_str().unwrap().to_owned(), group["count"].as_u64().unwrap());
        answer["groups"].as_array().unwrap().iter().map(day).collect::<Vec<_>>()
    };
    let day = |name: &str, count| (name.to_owned(), count);
    assert_eq!(days("group_by=day&time_zone=UTC").await, [day("2026-03-01", 2), day("2026-03-02", 3)]);
    let new_york = [day("2026-02-28", 1), day("2026-03-01", 1), day("2026-03-02", 3)];
    assert_eq!(days("group_by=day&time_zone=America/New_York").await, new_york);
    assert_eq!(days("group_by=day").await, new_york, "the provider's own zone");
    assert_eq!(days("group_by=day&time=stored").await.len(), 1, "all were stored now");
}

#[actix_web::test]
async fn two_keys_make_a_table_and_what_is_not_there_is_null() {
    let lrs = Lrs::start().await;
    sample(&lrs).await;
    let answer = count(&lrs, "group_by=actor,success&activity=a:1").await;
    let row =
        |actor: Value, success: Value, count: u64| json!({"key": {"actor": actor, "success": success}, "count": count});
    let (ann, bob) = (json!({"mbox": "mailto:ann@example.com"}), json!({"mbox": "mailto:bob@example.com"}));
    let expected = [
        row(Value::Null, Value::Null, 1),
        row(ann.clone(), json!(false), 1),
        row(ann.clone(), json!(true), 1),
        row(bob, Value::Null, 1),
    ];
    assert_eq!(answer["groups"], json!(expected));
    let again = count(&lrs, &format!("agent={}", ann.to_string().replace('{', "%7B").replace('}', "%7D"))).await;
    assert_eq!(again["total"]["count"], 3, "a key is asked for as it is: her own two, and the group that she is in");
}

#[actix_web::test]
async fn what_is_voided_does_not_count_and_who_reads_only_their_own_counts_only_those() {
    let lrs = Lrs::start().await;
    lrs.send(&json!([statement(1), statement(2), reference(3, VOIDED, 1)])).await;
    let groups = count(&lrs, "group_by=verb").await["groups"].clone();
    assert_eq!(groups, json!([{"key": {"verb": VOIDED}, "count": 1}, {"key": {"verb": "v:did"}, "count": 1}]));
    let (key, secret) = credential(&lrs.server, &[Scope::StatementsReadMine]).await;
    let own = ask_as(&lrs, (&key, &secret), Method::GET, "/aggregate").send().await.unwrap();
    assert_eq!(status_and_json(own).await.1["total"]["count"], 0);
}

#[actix_web::test]
async fn what_is_more_than_one_request_may_read_is_counted_in_parts_that_add_up() {
    let server = TestApp::with(SystemClock, |config| config.reports.most_counted = 2);
    let (key, secret) = credential(&server, &[Scope::All]).await;
    let lrs = Lrs { server, key, secret, version: "1.0.3" };
    lrs.send(&json!((1..=5).map(statement).collect::<Vec<_>>())).await;
    let (mut after, mut parts) = (0, Vec::new());
    loop {
        let answer = count(&lrs, &format!("verb=v:did&after={after}")).await;
        parts.push(answer["total"]["count"].as_u64().unwrap());
        assert_eq!(answer["after"], after);
        after = answer["through"].as_u64().unwrap();
        if answer["complete"] == true {
            break;
        }
    }
    assert_eq!((parts, after), (vec![2, 2, 1], 5));
    assert_eq!(count(&lrs, "after=3").await["complete"], true, "two are just as many as may be read");
}

#[actix_web::test]
async fn a_count_is_exact_though_statements_are_voided_while_it_is_made() {
    const ALL: u32 = 400;
    let lrs = Lrs::start().await;
    lrs.send(&json!((1..=ALL).map(statement).collect::<Vec<_>>())).await;
    let voiding = async {
        for n in 1..=ALL / 2 {
            lrs.send(&reference(ALL + n, VOIDED, n)).await;
        }
    };
    let counting = async {
        let mut counted = Vec::new();
        while counted.last() != Some(&(u64::from(ALL + ALL / 2), u64::from(ALL))) {
            let answer = ask(&lrs, Method::GET, "/aggregate").send().await.unwrap();
            let (status, answer) = status_and_json(answer).await;
            match status {
                200 => counted.push((answer["through"].as_u64().unwrap(), answer["total"]["count"].as_u64().unwrap())),
                // Something was voided during each of its attempts.
                _ => assert_eq!((status, answer["code"].as_str()), (503, Some("unsettled"))),
            }
        }
        counted
    };
    let ((), counted) = tokio::join!(voiding, counting);
    for (through, count) in counted {
        // Each statement after the first 400 voids one of them, and is one itself.
        assert_eq!(count, u64::from(ALL), "through {through}");
    }
}

#[actix_web::test]
async fn what_cannot_be_understood_is_refused_in_words() {
    let lrs = Lrs::start().await;
    for query in [
        "group_by=verb,activity,actor",
        "group_by=verb,verb",
        "group_by=Verb",
        "group_by=",
        "measure=sum",
        "time=now",
        "time_zone=Mars/Base",
        "limit=1",
        "format=ids",
        "statementId=6690e6c9-3ef0-4ed3-8b37-7f3964730bee",
    ] {
        let answer = ask(&lrs, Method::GET, &format!("/aggregate?{query}")).send().await.unwrap();
        let (status, problem) = status_and_json(answer).await;
        assert_eq!((status, problem["code"].as_str()), (400, Some("invalid-parameters")), "{query}");
    }
    for path in ["/aggregate?after=1", "/export.csv?after=1", "/export.jsonl?after=1"] {
        let (status, problem) = status_and_json(ask(&lrs, Method::GET, path).send().await.unwrap()).await;
        assert_eq!((status, problem["code"].as_str()), (409, Some("beyond-the-log")), "{path}");
    }
    assert_eq!(count(&lrs, "group_by=week,hour").await["total"]["count"], 0);
}
