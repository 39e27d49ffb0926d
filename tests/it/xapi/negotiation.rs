//! Versions, methods and headers (Part 3 §1.1, §1.3, §2.8 and §3.3).

use super::{Lrs, agent, id, statement, with};
use crate::harness::{TestApp, status_and_json};
use base::clock::SystemClock;
use reqwest::Method;
use serde_json::json;

#[actix_web::test]
async fn about_names_both_versions_to_anyone() {
    let lrs = Lrs::start().await;
    let answer = lrs.server.get("/xapi/about").await;
    assert_eq!(answer.headers()["x-experience-api-version"], "2.0.0");
    assert_eq!(status_and_json(answer).await, (200, json!({"version": ["1.0.3", "2.0.0"]})));
}

#[actix_web::test]
async fn the_response_has_the_version_of_the_request() {
    let lrs = Lrs::start().await;
    for (said, status, answered) in [
        ("1.0.3", 200, "1.0.3"),
        ("1.0.0", 200, "1.0.3"),
        ("2.0.0", 200, "2.0.0"),
        ("0.95", 400, "2.0.0"),
        ("3.0", 400, "2.0.0"),
    ] {
        let url = format!("{}/xapi/statements", lrs.server.url);
        let request = lrs.server.client.get(url).basic_auth(&lrs.key, Some(&lrs.secret));
        let answer = request.header("X-Experience-API-Version", said).send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["x-experience-api-version"]),
            (status, &answered.parse().unwrap())
        );
    }
}

#[actix_web::test]
async fn a_request_without_a_version_is_refused_in_the_configured_one() {
    for default in ["1.0.3", "2.0.0"] {
        let server = TestApp::with(SystemClock, |config| config.xapi.default_version = default.to_owned());
        let (key, secret) = super::credential(&server, &[enduring::service::people::credentials::Scope::All]).await;
        let request = server.client.get(format!("{}/xapi/statements", server.url)).basic_auth(key, Some(secret));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers()["x-experience-api-version"], default);
        let (status, problem) = status_and_json(answer).await;
        assert_eq!((status, &problem["code"]), (400, &json!("version-missing")));
    }
}

#[actix_web::test]
async fn what_is_of_2_0_only_is_refused_in_1_0() {
    let mut lrs = Lrs::start().await;
    let newer =
        with(statement(1), "/context", json!({"contextAgents": [{"objectType": "contextAgent", "agent": agent("x")}]}));
    assert_eq!(lrs.post(&newer).await.0, 400);
    lrs.version = "2.0.0";
    assert_eq!(lrs.post(&newer).await.0, 200);
    assert_eq!(lrs.one(&id(1)).await.1["version"], "2.0.0");
}

#[actix_web::test]
async fn unknown_methods_and_addresses_are_refused_in_the_same_form() {
    let lrs = Lrs::start().await;
    for path in ["/statements", "/about", "/activities", "/agents", "/activities/state"] {
        let (status, problem) = status_and_json(lrs.ask(Method::PATCH, path).send().await.unwrap()).await;
        assert_eq!((status, &problem["code"]), (405, &json!("method-not-allowed")), "{path}");
    }
    assert_eq!(lrs.ask(Method::GET, "/nothing").send().await.unwrap().status(), 404);
}

#[actix_web::test]
async fn version_1_understands_forms_that_stand_for_requests() {
    let lrs = Lrs::start().await;
    let send = async |query: &str, version: &str, fields: &[(&str, &str)]| {
        let url = format!("{}/xapi/statements?{query}", lrs.server.url);
        let basic = format!("Basic {}", base64(&format!("{}:{}", lrs.key, lrs.secret)));
        let mut form = vec![("Authorization", basic.as_str()), ("X-Experience-API-Version", version)];
        form.extend_from_slice(fields);
        status_and_json(lrs.server.client.post(url).form(&form).send().await.unwrap()).await
    };
    let content = statement(1).to_string();
    let put = [("statementId", &*id(1)), ("content", &*content), ("Content-Type", "application/json")];
    assert_eq!(send("method=PUT", "1.0.3", &put).await.0, 204);
    let (status, found) = send("method=GET", "1.0.3", &[("statementId", &id(1))]).await;
    assert_eq!((status, &found["id"]), (200, &json!(id(1))));
    let (status, found) = send("method=GET", "1.0.3", &[("agent", &agent("ann").to_string()), ("limit", "1")]).await;
    assert_eq!((status, found["statements"].as_array().map(Vec::len)), (200, Some(1)));
    assert_eq!(send("method=GET&limit=1", "1.0.3", &[]).await.0, 400);
    assert_eq!(send("method=PUT", "1.0.3", &put[..1]).await.0, 400, "without content");
    assert_eq!(send("method=GET", "2.0.0", &[]).await.0, 400);
    assert_eq!(send("method=GET", "0.8", &[]).await.0, 400);
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// A form is long only for someone who is known.
#[actix_web::test]
async fn a_long_form_says_first_who_sends_it() {
    let lrs = Lrs::start().await;
    let basic = |secret: &str| format!("Basic {}", base64(&format!("{}:{secret}", lrs.key)));
    let url = format!("{}/xapi/activities/state?method=PUT", lrs.server.url);
    let who = agent("ann").to_string();
    let long = "x".repeat(300 << 10);
    let what = [
        ("activityId", "a:1"),
        ("stateId", "s"),
        ("agent", who.as_str()),
        ("X-Experience-API-Version", "1.0.3"),
        ("Content-Type", "text/plain"),
    ];
    let send = async |fields: &[(&str, &str)], header: Option<String>| {
        let request = lrs.server.client.post(&url).form(fields);
        let request = match header {
            Some(value) => request.header("authorization", value),
            None => request,
        };
        status_and_json(request.send().await.unwrap()).await.0
    };
    let (good, bad) = (basic(&lrs.secret), basic("wrong"));
    let first: Vec<_> =
        [("Authorization", good.as_str())].into_iter().chain(what).chain([("content", long.as_str())]).collect();
    assert_eq!(send(&first, None).await, 204);
    let wrong: Vec<_> =
        [("Authorization", bad.as_str())].into_iter().chain(what).chain([("content", long.as_str())]).collect();
    assert_eq!(send(&wrong, None).await, 401);
    let last: Vec<_> = what.into_iter().chain([("content", long.as_str()), ("Authorization", good.as_str())]).collect();
    assert_eq!(send(&last, None).await, 413);
    assert_eq!(send(&last[..last.len() - 1], None).await, 413);
    assert_eq!(send(&last[..last.len() - 1], Some(good.clone())).await, 204, "the header says it as well");
}

/// A browser adds the password that a person once typed to whatever page posts a form.
#[actix_web::test]
async fn another_site_can_write_nothing_by_either_syntax() {
    let lrs = Lrs::start().await;
    let basic = format!("Basic {}", base64(&format!("{}:{}", lrs.key, lrs.secret)));
    let content = statement(1).to_string();
    let form = [("X-Experience-API-Version", "1.0.3"), ("statementId", &*id(1)), ("content", &*content)];
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "null"),
        ("origin", "https://evil.example"),
    ] {
        for method in ["PUT", "GET"] {
            let url = format!("{}/xapi/statements?method={method}", lrs.server.url);
            let request = lrs.server.client.post(url).header("authorization", &basic).header(name, value).form(&form);
            let (status, problem) = status_and_json(request.send().await.unwrap()).await;
            assert_eq!((status, &problem["code"]), (403, &json!("foreign-request")), "{method} {value}");
        }
        for (method, path) in
            [(Method::POST, "/statements"), (Method::PUT, "/activities/state"), (Method::DELETE, "/agents/profile")]
        {
            let request =
                lrs.ask(method, path).header(name, value).header("content-type", "text/plain").body(content.clone());
            assert_eq!(request.send().await.unwrap().status(), 403, "{path} {value}");
        }
    }
    let own = lrs.ask(Method::POST, "/statements").header("origin", &lrs.server.url).json(&statement(1));
    assert_eq!(own.send().await.unwrap().status(), 200);
    assert_eq!(lrs.ids(&[]).await.len(), 1);
}
