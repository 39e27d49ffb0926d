//! How much one caller may call, how often one address may fail, and how large a request may be.

use super::Pair;
use super::issuer::{Issuer, Signer, noon};
use crate::harness::{Player, TestApp, client, status_and_json};
use crate::learner::{Person, load_sample};
use crate::xapi::statement;
use base::clock::FixedClock;
use enduring::config::LimitsConfig;
use enduring::service::people::credentials::Scope;
use jiff::SignedDuration;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// A server at noon whose clock is stopped.
fn with(change: impl FnOnce(&mut LimitsConfig)) -> (TestApp, FixedClock) {
    let clock = FixedClock::at(noon());
    (TestApp::with(clock.clone(), |config| change(&mut config.limits)), clock)
}

fn later(clock: &FixedClock, seconds: i64) {
    clock.set(noon().checked_add(SignedDuration::from_secs(seconds)).unwrap());
}

/// The status, and for a refusal its code and for how long to wait.
async fn answer(request: RequestBuilder) -> (u16, Option<(String, String)>) {
    let answer = request.send().await.unwrap();
    let wait = answer.headers().get("retry-after").map(|wait| wait.to_str().unwrap().to_owned());
    let (status, body) = status_and_json(answer).await;
    (status, wait.map(|wait| (body["code"].as_str().unwrap().to_owned(), wait)))
}

fn too_many(seconds: &str) -> (u16, Option<(String, String)>) {
    (429, Some(("too-many-requests".to_owned(), seconds.to_owned())))
}

const FINE: (u16, Option<(String, String)>) = (200, None);

#[actix_web::test]
async fn each_credential_has_its_own_pace_on_all_addresses_together() {
    let (app, clock) = with(|limits| (limits.requests_per_second, limits.burst) = (2, 3));
    let (one, other) = (Pair::new(&app, &[Scope::All]).await, Pair::new(&app, &[Scope::All]).await);
    let ask = async |pair: &Pair, path: &str| answer(pair.ask(&app, Method::GET, path)).await;
    assert_eq!(ask(&one, "/xapi/statements").await, FINE);
    assert_eq!(ask(&one, "/api/v1/packages").await, FINE);
    assert_eq!(ask(&one, "/xapi/agents?agent=%7B%22mbox%22%3A%22mailto%3Aa%40b.example%22%7D").await, FINE);
    assert_eq!(ask(&one, "/xapi/statements").await, too_many("1"));
    assert_eq!(ask(&one, "/api/v1/packages").await, too_many("1"));
    assert_eq!(ask(&other, "/xapi/statements").await, FINE);
    later(&clock, 1);
    assert_eq!(ask(&one, "/xapi/statements").await, FINE);
    assert_eq!(ask(&one, "/xapi/statements").await, FINE);
    assert_eq!(ask(&one, "/xapi/statements").await, too_many("1"), "two in a second, whatever was at once before");
    app.stop().await;
}

#[actix_web::test]
async fn each_subject_of_an_issuer_has_its_own_pace_whatever_token_it_shows() {
    let key = Signer::ec("e");
    let issuer = Issuer::start(&[&key]);
    let named = issuer.named(&[Scope::All]);
    let app = TestApp::with(FixedClock::at(noon()), |config| {
        config.issuers.push(named);
        config.limits.requests_per_second = 2;
    });
    let ask = async |subject: &str, nonce: u32| {
        let mut claims = issuer.claims("all");
        (claims["sub"], claims["jti"]) = (json!(subject), json!(nonce));
        let request = app.client.get(format!("{}/xapi/statements", app.url)).bearer_auth(key.sign(&claims));
        answer(request.header("X-Experience-API-Version", "2.0.0")).await
    };
    assert_eq!((ask("a", 1).await, ask("a", 2).await, ask("a", 3).await), (FINE, FINE, too_many("1")));
    assert_eq!(ask("b", 4).await, FINE);
    app.stop().await;
    issuer.stop().await;
}

#[actix_web::test]
async fn a_stream_is_one_request_however_long_it_is_read() {
    let app = TestApp::with(FixedClock::at(noon()), |config| {
        (config.limits.requests_per_second, config.limits.burst) = (1, 1);
        config.reports.heartbeat_seconds = 1;
    });
    let pair = Pair::new(&app, &[Scope::All]).await;
    let mut stream = pair.ask(&app, Method::GET, "/api/v1/statements/stream").send().await.unwrap();
    assert_eq!(stream.status(), 200);
    assert_eq!(pair.knock(&app).await, 429);
    let mut read = String::new();
    while let Some(piece) = stream.chunk().await.unwrap() {
        read.push_str(std::str::from_utf8(&piece).unwrap());
        if read.matches("still here").count() == 2 {
            break;
        }
    }
    assert_eq!(read.matches("still here").count(), 2, "{read}");
    app.stop().await;
}

#[actix_web::test]
async fn nobody_is_limited_where_nobody_says_so_and_people_never_are() {
    let (app, _) = with(|_| {});
    let pair = Pair::new(&app, &[Scope::All]).await;
    for _ in 0..300 {
        assert_eq!(pair.knock(&app).await, 200);
    }
    app.stop().await;
    let (app, _) = with(|limits| limits.requests_per_second = 1);
    let sign_in = app.client.post(format!("{}/demo/coordinator", app.url)).header("origin", &app.url);
    sign_in.form(&[("next", "/")]).send().await.unwrap();
    for _ in 0..5 {
        assert_eq!(app.get("/api/v1/packages").await.status(), 200);
    }
    app.stop().await;
}

#[actix_web::test]
async fn an_address_that_fails_too_often_waits_but_not_those_that_were_let_in_from_there() {
    let (app, clock) = with(|limits| limits.failures_per_minute = 3);
    let (known, fresh) = (Pair::new(&app, &[Scope::All]).await, Pair::new(&app, &[Scope::All]).await);
    assert_eq!(known.knock(&app).await, 200);
    let wrong = Pair { key: "nobody".to_owned(), secret: "wrong".to_owned() };
    let ask = async |pair: &Pair| answer(pair.ask(&app, Method::GET, "/xapi/statements")).await;
    for _ in 0..3 {
        assert_eq!(ask(&wrong).await, (401, None));
    }
    assert_eq!(ask(&wrong).await, too_many("20"));
    assert_eq!(ask(&fresh).await, too_many("20"), "not looked at");
    assert_eq!(ask(&known).await, FINE);
    let stolen = Pair { key: known.key.clone(), secret: "wrong".to_owned() };
    assert_eq!(ask(&stolen).await, too_many("20"), "a key that is known opens nothing by itself");
    later(&clock, 20);
    assert_eq!(ask(&fresh).await, FINE);
    assert_eq!(ask(&wrong).await, (401, None));
    assert_eq!(ask(&wrong).await, too_many("20"));
    assert_eq!(ask(&fresh).await, FINE, "it was let in meanwhile");
    app.stop().await;
}

#[actix_web::test]
async fn tokens_that_fail_count_too_and_good_ones_are_always_judged() {
    let key = Signer::ec("e");
    let issuer = Issuer::start(&[&key]);
    let named = issuer.named(&[Scope::All]);
    let app = TestApp::with(FixedClock::at(noon()), |config| {
        config.issuers.push(named);
        config.limits.failures_per_minute = 2;
    });
    let ask = async |token: &str| {
        let request = app.client.get(format!("{}/api/v1/packages", app.url)).bearer_auth(token);
        answer(request).await
    };
    let bad = Signer::ec("e").sign(&issuer.claims("all"));
    assert_eq!((ask(&bad).await, ask("nonsense").await, ask(&bad).await), ((401, None), (401, None), too_many("30")));
    assert_eq!(ask(&key.sign(&issuer.claims("all"))).await, FINE);
    app.stop().await;
    issuer.stop().await;
}

#[actix_web::test]
async fn behind_a_proxy_each_client_fails_for_itself() {
    // A demonstration responds to nothing that a proxy forwarded.
    let app = TestApp::with(FixedClock::at(noon()), |config| {
        config.demo = false;
        config.limits.failures_per_minute = 1;
        "X-Forwarded-For".clone_into(&mut config.limits.address_header);
    });
    let wrong = Pair { key: "nobody".to_owned(), secret: "wrong".to_owned() };
    let from = async |address: &str| {
        answer(wrong.ask(&app, Method::GET, "/xapi/statements").header("x-forwarded-for", address)).await
    };
    assert_eq!((from("198.51.100.1").await, from("198.51.100.1").await), ((401, None), too_many("60")));
    assert_eq!(from("198.51.100.2").await, (401, None));
    assert_eq!(from("198.51.100.2, 198.51.100.1").await, too_many("60"), "what the client wrote itself does not count");
    app.stop().await;
}

#[actix_web::test]
async fn a_body_may_be_as_large_as_the_operator_says() {
    let (app, _) = with(|limits| limits.body_bytes = 2000);
    let pair = Pair::new(&app, &[Scope::All]).await;
    let said = "this is larger than the server accepts; send at most 2000 bytes at once";
    let sized = |total: usize| {
        let mut sized = statement(1);
        sized["result"] = json!({"response": ""});
        let missing = total - sized.to_string().len();
        sized["result"]["response"] = json!("r".repeat(missing));
        sized
    };
    let post = async |kind: &str, body: String| {
        let request = pair.ask(&app, Method::POST, "/xapi/statements").header("content-type", kind).body(body);
        status_and_json(request.send().await.unwrap()).await
    };
    let refused = |(status, problem): (u16, Value)| {
        assert_eq!((status, &problem["code"], &problem["detail"]), (413, &json!("body-too-large"), &json!(said)));
    };
    refused(post("application/json", sized(2001).to_string()).await);
    let parts = |json: &Value| format!("--b\r\nContent-Type: application/json\r\n\r\n{json}\r\n--b--\r\n");
    refused(post("multipart/mixed; boundary=b", parts(&sized(2001))).await);
    assert_eq!(post("application/json", sized(2000).to_string()).await.0, 200);
    assert_eq!(post("multipart/mixed; boundary=b", parts(&sized(2000))).await.0, 200);
    let state =
        "/xapi/activities/state?activityId=a%3A1&stateId=s&agent=%7B%22mbox%22%3A%22mailto%3Aa%40b.example%22%7D";
    let put = async |bytes: usize| {
        let request = pair.ask(&app, Method::PUT, state).header("content-type", "text/plain").body("x".repeat(bytes));
        status_and_json(request.header("if-none-match", "*").send().await.unwrap()).await
    };
    refused(put(2001).await);
    assert_eq!(put(2000).await.0, 204);
    app.stop().await;
}

#[actix_web::test]
async fn a_batch_may_have_as_many_statements_as_the_operator_says() {
    let (app, _) = with(|limits| limits.statements_per_batch = 2);
    let pair = Pair::new(&app, &[Scope::All]).await;
    let post = async |batch: Value| pair.send(&app, Method::POST, "/xapi/statements", &batch).await;
    let (status, problem) = post(json!([statement(1), statement(2), statement(3)])).await;
    assert_eq!(status, 400, "{problem}");
    assert!(problem.to_string().contains("at most 2 statements at once"), "{problem}");
    assert_eq!(post(json!([statement(1), statement(2)])).await.0, 200);
    app.stop().await;
}

#[actix_web::test]
async fn who_shows_nothing_is_not_counted() {
    let (app, _) = with(|limits| limits.failures_per_minute = 1);
    for _ in 0..5 {
        let bare = client().get(format!("{}/xapi/statements", app.url)).header("X-Experience-API-Version", "2.0.0");
        assert_eq!(answer(bare).await, (401, None));
    }
    app.stop().await;
}

#[actix_web::test]
async fn one_caller_has_so_many_streams_and_gets_a_place_back() {
    let (app, _) = with(|limits| limits.streams_per_caller = 2);
    let (one, other) = (Pair::new(&app, &[Scope::All]).await, Pair::new(&app, &[Scope::All]).await);
    let open = async |pair: &Pair| pair.ask(&app, Method::GET, "/api/v1/statements/stream").send().await.unwrap();
    let (first, second) = (open(&one).await, open(&one).await);
    assert_eq!((first.status(), second.status()), (reqwest::StatusCode::OK, reqwest::StatusCode::OK));
    let (status, problem) = status_and_json(open(&one).await).await;
    assert_eq!((status, &problem["code"]), (429, &json!("too-many-streams")));
    assert_eq!(open(&other).await.status(), 200);
    drop(first);
    let began = std::time::Instant::now();
    // The server notices when it next writes to the closed connection.
    while open(&one).await.status() != 200 {
        assert!(began.elapsed() < std::time::Duration::from_secs(40), "the place is never free again");
        pair_writes(&app, &other).await;
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    app.stop().await;
}

async fn pair_writes(app: &TestApp, pair: &Pair) {
    let mut sent = statement(1);
    sent.as_object_mut().unwrap().remove("id");
    assert_eq!(pair.send(app, Method::POST, "/xapi/statements", &sent).await.0, 200);
}

/// Anyone may ask whether the server is ready, and each real check is a write.
#[actix_web::test]
async fn many_who_ask_whether_the_server_is_ready_cost_few_writes() {
    let app = TestApp::start();
    let ready = || async { app.get("/readyz").await.status() };
    let all = futures_util::future::join_all((0..100).map(|_| ready())).await;
    assert!(all.iter().all(|status| *status == 200));
    app.stop().await;
}

/// Each load of a player has its own pace, and a key that nobody was given is a failed attempt.
#[actix_web::test]
async fn a_player_that_sends_without_end_waits_and_its_neighbor_does_not() {
    let (app, clock) = with(|limits| (limits.play_per_minute, limits.failures_per_minute) = (4, 2));
    load_sample(&app.app).await;
    let open = async |who: &str| {
        let person = Person::demo(&app, who).await;
        let registration = person.begin(crate::learner::ACTIVITY).await;
        Player::open(&person.get(&format!("{registration}/play")).await.location).await
    };
    let (one, other) = (open("learner").await, open("nurse").await);
    let beat = async |player: &Player, key: &str| {
        let request = player.http.post(format!("{}/player/heartbeat", player.origin)).header("x-player-key", key);
        answer(request.json(&json!({"attended": 1}))).await
    };
    for _ in 0..4 {
        assert_eq!(beat(&one, &one.key).await, FINE);
    }
    assert_eq!(beat(&one, &one.key).await, too_many("15"));
    let commit = json!({"sequence": 1, "initialized": true, "cmi": {}});
    assert_eq!(one.post("commit", &commit).await.0, 429, "commits count with heartbeats");
    assert_eq!(beat(&other, &other.key).await, FINE);
    later(&clock, 15);
    assert_eq!(one.post("commit", &commit).await.0, 200);

    let wrong = |n: u8| format!("{}{n}", one.key);
    for n in 0..2 {
        assert_eq!(beat(&one, &wrong(n)).await.0, 404);
    }
    assert_eq!(beat(&one, &wrong(2)).await, too_many("30"));
    let unknown = app.client.get(format!("{}/player/open?ticket=nobody", app.content_url));
    assert_eq!(answer(unknown).await, too_many("30"), "an address without a valid ticket, too");
    assert_eq!(beat(&other, &other.key).await, FINE, "who has a key is not affected");
    app.stop().await;
}
