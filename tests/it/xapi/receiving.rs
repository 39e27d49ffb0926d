//! What is taken, what is refused, and what is kept (Part 3 §2.1.1 and §2.1.2).

use super::{Lrs, agent, id, statement, with};
use crate::harness::status_and_json;
use reqwest::Method;
use serde_json::{Value, json};

#[actix_web::test]
async fn every_digit_and_escape_comes_back_as_it_was_sent() {
    let lrs = Lrs::start().await;
    let text = format!(
        r#"{{"id":"{}","actor":{{"mbox":"mailto:a@b.c","name":"\u00e9\/"}},"verb":{{"id":"v:1"}},"object":{{"id":"a:1"}},"result":{{"score":{{"raw":1.50}},"extensions":{{"z:1":1e400,"a:1":0.12345678901234567890123,"m:1":-0.0}}}}}}"#,
        id(1)
    );
    assert_eq!(lrs.post_text(text.clone()).await.0, 200);
    let back = lrs.query(&[("statementId", &id(1))]).await.text().await.unwrap();
    let kept = text.strip_suffix('}').unwrap();
    assert!(back.starts_with(kept), "{back}");
    let listed = lrs.query(&[]).await.text().await.unwrap();
    assert!(listed.contains(kept), "{listed}");
}

#[actix_web::test]
async fn the_server_sets_its_members() {
    let lrs = Lrs::start().await;
    let sent = with(with(statement(1), "/stored", json!("2000-01-01T00:00:00Z")), "/authority", agent("me"));
    lrs.send(&sent).await;
    let (_, kept) = lrs.one(&id(1)).await;
    assert_eq!(kept["timestamp"], kept["stored"]);
    assert!(kept["stored"].as_str().unwrap() > "2026", "{kept}");
    assert_eq!(kept["version"], "1.0.0");
    assert_eq!(kept["authority"]["account"]["name"], format!("credential:{}", lrs.key));
}

#[actix_web::test]
async fn the_same_statement_again_changes_nothing_and_another_under_its_id_is_refused() {
    let lrs = Lrs::start().await;
    lrs.send(&statement(1)).await;
    let (_, before) = lrs.one(&id(1)).await;
    assert_eq!(lrs.post(&statement(1)).await, (200, json!([id(1)])));
    assert_eq!(lrs.post(&before).await.0, 200, "as it was read back");
    assert_eq!(lrs.post(&with(statement(1), "/verb/display", json!({"en": "did"}))).await.0, 200);
    let (status, problem) = lrs.post(&with(statement(1), "/object/id", json!("a:2"))).await;
    assert_eq!((status, &problem["code"]), (409, &json!("statement-differs")));
    assert_eq!(lrs.one(&id(1)).await, (200, before));
    assert_eq!(lrs.ids(&[]).await.len(), 1);
}

#[actix_web::test]
async fn put_stores_under_the_id_of_the_request() {
    let lrs = Lrs::start().await;
    let put = async |parameters: &[(&str, &str)], body: &Value| {
        let request = lrs.ask(Method::PUT, "/statements").query(parameters).json(body);
        status_and_json(request.send().await.unwrap()).await
    };
    let mut nameless = statement(1);
    nameless.as_object_mut().unwrap().remove("id");
    assert_eq!(put(&[("statementId", &id(1))], &nameless).await.0, 204);
    assert_eq!(lrs.one(&id(1)).await.1["id"], id(1));
    assert_eq!(put(&[("statementId", &id(1))], &statement(1)).await.0, 204);
    assert_eq!(put(&[("statementId", &id(1))], &with(statement(1), "/verb/id", json!("v:2"))).await.0, 409);
    let (status, problem) = put(&[("statementId", &id(2))], &statement(1)).await;
    assert_eq!((status, &problem["errors"][0]["pointer"]), (400, &json!("/id")));
    assert_eq!(put(&[], &statement(1)).await.0, 400);
    assert_eq!(put(&[("statementId", "x")], &statement(1)).await.0, 400);
    assert_eq!(put(&[("statementId", &id(3)), ("x", "y")], &statement(3)).await.0, 400);
    assert_eq!(put(&[("statementId", &id(3))], &json!([statement(3)])).await.0, 400);
    assert_eq!(lrs.ids(&[]).await, [id(1)]);
}

#[actix_web::test]
async fn a_batch_is_stored_whole_or_not_at_all_and_every_fault_of_it_is_named() {
    let lrs = Lrs::start().await;
    let bad = with(with(statement(3), "/verb/id", json!("no iri")), "/result", json!({"success": "yes"}));
    let (status, problem) = lrs.post(&json!([statement(1), bad, {"actor": agent("x")}])).await;
    assert_eq!((status, &problem["code"]), (400, &json!("invalid-statement")));
    let places: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|fault| (&fault["pointer"], &fault["code"])).collect();
    assert_eq!(
        places,
        [
            (&json!("/1/verb/id"), &json!("format")),
            (&json!("/1/result/success"), &json!("type")),
            (&json!("/2"), &json!("missing")),
            (&json!("/2"), &json!("missing")),
        ]
    );
    lrs.send(&statement(2)).await;
    let conflicting = with(statement(2), "/verb/id", json!("v:2"));
    assert_eq!(lrs.post(&json!([statement(1), conflicting, statement(4)])).await.0, 409);
    assert_eq!(lrs.ids(&[]).await, [id(2)], "nothing of either batch");
    assert_eq!(lrs.send(&json!([statement(1), statement(2), statement(5)])).await, [id(1), id(2), id(5)]);
    assert_eq!(lrs.ids(&[]).await, [id(5), id(1), id(2)]);
}

#[actix_web::test]
async fn an_id_twice_in_a_batch_is_refused_even_for_the_same_statement() {
    let lrs = Lrs::start().await;
    let (status, problem) = lrs.post(&json!([statement(1), statement(1)])).await;
    assert_eq!((status, &problem["errors"][0]["pointer"]), (400, &json!("/1/id")));
    assert!(lrs.ids(&[]).await.is_empty());
}

#[actix_web::test]
async fn an_exceeded_limit_has_an_error_code() {
    let lrs = Lrs::start().await;
    let many: Vec<_> = (0..1001).map(statement).collect();
    let (status, problem) = lrs.post(&json!(many)).await;
    assert_eq!((status, &problem["errors"][0]["code"]), (400, &json!("limit")));
    let (status, problem) = lrs.post_text(vec![b' '; (16 << 20) + 1]).await;
    assert_eq!((status, &problem["code"]), (413, &json!("body-too-large")));
}

#[actix_web::test]
async fn what_is_no_json_is_refused_with_the_place() {
    let lrs = Lrs::start().await;
    for text in ["", "{", "{\"actor\": tru}", "[{}] x"] {
        let (status, problem) = lrs.post_text(text).await;
        assert_eq!((status, &problem["errors"][0]["code"]), (400, &json!("json")), "{text}");
        assert!(problem["errors"][0]["message"].as_str().unwrap().contains("line 1"), "{problem}");
    }
    assert_eq!(lrs.post_text(&b"\"\xff\""[..]).await.0, 400);
    let form = lrs.ask(Method::POST, "/statements").header("Content-Type", "multipart/form-data").body("x");
    assert_eq!(form.send().await.unwrap().status(), 400);
}

#[actix_web::test]
async fn a_single_context_activity_comes_back_as_an_array() {
    let lrs = Lrs::start().await;
    let context = json!({"contextActivities": {"parent": {"id": "a:p"}, "other": [{"id": "a:o"}]}});
    lrs.send(&with(statement(1), "/context", context)).await;
    let (_, kept) = lrs.one(&id(1)).await;
    let expected = json!({"parent": [{"id": "a:p"}], "other": [{"id": "a:o"}]});
    assert_eq!(kept["context"]["contextActivities"], expected);
}

/// Identifiers that RFC 3987 does not allow, from issue lists of authoring tools.
#[actix_web::test]
async fn an_iri_with_an_impossible_authority_or_private_characters_is_refused() {
    let lrs = Lrs::start().await;
    for odd in ["http://TheQuiz-urn:scormdriver:5419", "http://", "https://?x", "urn:quiz:\u{E000}"] {
        let (status, problem) = lrs.post(&with(statement(1), "/object/id", json!(odd))).await;
        assert_eq!((status, &problem["errors"][0]["pointer"]), (400, &json!("/object/id")), "{odd}");
        let state = [("activityId", odd), ("stateId", "s"), ("agent", r#"{"mbox":"mailto:a@b.c"}"#)];
        let put = lrs.ask(Method::PUT, "/activities/state").query(&state).body("x").send().await.unwrap();
        assert_eq!(put.status(), 400, "{odd}");
        // What an earlier release took can still be asked for.
        assert_eq!(lrs.query(&[("activity", odd)]).await.status(), 200, "{odd}");
        assert_eq!(
            lrs.ask(Method::GET, "/activities").query(&[("activityId", odd)]).send().await.unwrap().status(),
            200
        );
    }
    for fine in
        ["http://user@example.com:8080/a", "http://[2001:db8::1]/a", "urn:quiz?\u{E000}", "https://例え.テスト/道"]
    {
        assert_eq!(
            lrs.post(&json!([with(with(statement(1), "/object/id", json!(fine)), "/id", json!(base::ids::random()))]))
                .await
                .0,
            200,
            "{fine}"
        );
    }
}

#[actix_web::test]
async fn a_score_without_a_range_is_refused_with_the_way_out() {
    let lrs = Lrs::start().await;
    let score = json!({"score": {"raw": 0, "min": 0, "max": 0}});
    let mut sent = statement(1);
    sent["result"] = score;
    let (status, problem) = lrs.post(&sent).await;
    assert_eq!(status, 400);
    assert!(problem["errors"][0]["message"].as_str().unwrap().contains("leave the score out"), "{problem}");
}

#[actix_web::test]
async fn a_refused_media_type_is_repeated() {
    let lrs = Lrs::start().await;
    let parts = "--b\r\nContent-Type: application/json\r\n\r\n[]\r\n--b--\r\n";
    for (kind, body, code) in [
        ("multipart/form-data; boundary=b", parts, "not-json"),
        ("text/plain", "{}", "not-json"),
        ("application/json", parts, "invalid-multipart"),
        ("application/json;charset=UTF-8", "\r\n--b\r\n", "invalid-multipart"),
    ] {
        let request = lrs.ask(Method::POST, "/statements").header("Content-Type", kind).body(body);
        let (status, problem) = status_and_json(request.send().await.unwrap()).await;
        assert_eq!((status, &problem["code"]), (400, &json!(code)), "{kind}");
        assert!(problem["detail"].as_str().unwrap().contains(&format!("`{kind}`")), "{problem}");
    }
    let inner = "--b\r\nContent-Type: text/x-odd\r\n\r\n[]\r\n--b--\r\n";
    let request =
        lrs.ask(Method::POST, "/statements").header("Content-Type", "multipart/mixed; boundary=b").body(inner);
    let (_, problem) = status_and_json(request.send().await.unwrap()).await;
    assert!(problem["detail"].as_str().unwrap().contains("`text/x-odd`"), "{problem}");
}
