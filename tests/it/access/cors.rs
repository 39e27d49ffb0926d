//! Calls from pages of other origins. What a browser would do with the responses is written down by hand from the Fetch
//! standard, and then tried in a real one.

use super::Pair;
use crate::harness::{Browser, TestApp, status_and_json};
use crate::xapi::statement;
use actix_web::{App, HttpResponse, HttpServer, web};
use base::clock::SystemClock;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use enduring::service::people::credentials::Scope;
use reqwest::{Method, Response};
use serde_json::json;
use std::net::TcpListener;

const FRIEND: &str = "https://lms.example";

fn open_to(origin: &str) -> TestApp {
    let origin = origin.to_owned();
    TestApp::with(SystemClock, |config| config.cors.origins.push(origin))
}

async fn preflight(app: &TestApp, path: &str, origin: &str) -> Response {
    let request = app.client.request(Method::OPTIONS, format!("{}{path}", app.url)).header("origin", origin);
    let request = request.header("access-control-request-method", "POST");
    request.header("access-control-request-headers", "authorization,x-experience-api-version").send().await.unwrap()
}

fn says<'a>(answer: &'a Response, header: &str) -> Option<&'a str> {
    answer.headers().get(header).map(|value| value.to_str().unwrap())
}

const ALLOWS: &str = "access-control-allow-origin";

#[actix_web::test]
async fn a_preflight_response_says_what_a_page_of_a_listed_origin_may_send() {
    let app = open_to(FRIEND);
    for path in ["/xapi/statements", "/api/v1/credits", "/xapi/activities/state?stateId=x"] {
        let answer = preflight(&app, path, FRIEND).await;
        assert_eq!((answer.status().as_u16(), says(&answer, ALLOWS)), (204, Some(FRIEND)), "{path}");
        assert_eq!(says(&answer, "access-control-allow-methods"), Some("GET, HEAD, POST, PUT, DELETE"));
        let headers = says(&answer, "access-control-allow-headers").unwrap().to_lowercase();
        for name in ["authorization", "content-type", "if-match", "if-none-match", "x-experience-api-version"] {
            assert!(headers.split(", ").any(|listed| listed == name), "{name}");
        }
        assert_eq!(says(&answer, "access-control-max-age"), Some("7200"));
        assert_eq!(says(&answer, "vary"), Some("Origin"));
        assert_eq!(says(&answer, "access-control-allow-credentials"), None);
    }
    app.stop().await;
}

#[actix_web::test]
async fn other_origins_are_refused_and_pages_for_people_are_never_shared() {
    let app = open_to(FRIEND);
    for origin in ["https://evil.example", "https://lms.example.evil.example", "http://lms.example", "null", ""] {
        let answer = preflight(&app, "/xapi/statements", origin).await;
        assert_eq!(says(&answer, ALLOWS), None, "{origin}");
        let (status, problem) = status_and_json(answer).await;
        assert_eq!((status, &problem["code"]), (403, &json!("origin-not-allowed")), "{origin}");
    }
    for path in ["/", "/desk", "/healthz", "/xapi", "/api/v1x/credits"] {
        assert_eq!(says(&preflight(&app, path, FRIEND).await, ALLOWS), None, "{path}");
        let got = app.client.get(format!("{}{path}", app.url)).header("origin", FRIEND).send().await.unwrap();
        assert_eq!(says(&got, ALLOWS), None, "{path}");
    }
    app.stop().await;
    let closed = TestApp::start();
    let answer = preflight(&closed, "/xapi/statements", FRIEND).await;
    assert_eq!((answer.status().as_u16(), says(&answer, ALLOWS), says(&answer, "vary")), (403, None, None));
    closed.stop().await;
}

#[actix_web::test]
async fn every_response_can_be_read_by_a_page_of_a_listed_origin_refusals_too() {
    let app = open_to(FRIEND);
    let pair = Pair::new(&app, &[Scope::AllRead]).await;
    let good =
        async |method: Method, path: &str| pair.ask(&app, method, path).header("origin", FRIEND).send().await.unwrap();
    let bare =
        async |path: &str| app.client.get(format!("{}{path}", app.url)).header("origin", FRIEND).send().await.unwrap();
    let unread = {
        let request = pair.ask(&app, Method::POST, "/xapi/statements").header("origin", FRIEND);
        request.header("content-type", "application/json").body("x").send().await.unwrap()
    };
    for (answer, status) in [
        (good(Method::GET, "/xapi/statements").await, 200),
        (good(Method::GET, "/xapi/about").await, 200),
        (good(Method::GET, "/xapi/statements?nonsense=1").await, 400),
        (good(Method::GET, "/xapi/nowhere").await, 404),
        (good(Method::GET, "/api/v1/credits").await, 403),
        (good(Method::GET, "/api/v1/nowhere").await, 404),
        (good(Method::DELETE, "/xapi/statements").await, 405),
        (bare("/xapi/statements").await, 401),
        (bare("/api/v1/credits").await, 401),
        (unread, 403),
    ] {
        assert_eq!(answer.status().as_u16(), status);
        assert_eq!(says(&answer, ALLOWS), Some(FRIEND), "{status}");
        assert!(answer.headers().get_all("vary").iter().any(|vary| vary == "Origin"));
        let exposed = says(&answer, "access-control-expose-headers").unwrap();
        for name in
            ["ETag", "Last-Modified", "X-Experience-API-Version", "X-Experience-API-Consistent-Through", "Retry-After"]
        {
            assert!(exposed.split(", ").any(|listed| listed == name), "{name}");
        }
    }
    let stranger = pair.ask(&app, Method::GET, "/xapi/statements").header("origin", "https://evil.example");
    let stranger = stranger.send().await.unwrap();
    assert_eq!((stranger.status().as_u16(), says(&stranger, ALLOWS)), (200, None));
    assert!(stranger.headers().get_all("vary").iter().any(|vary| vary == "Origin"));
    app.stop().await;
}

/// A page of another origin: an empty document at every address.
fn elsewhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let page =
        || async { HttpResponse::Ok().content_type("text/html").body("<!doctype html><title>elsewhere</title>") };
    let server = HttpServer::new(move || App::new().default_service(web::to(page))).workers(1).disable_signals();
    actix_web::rt::spawn(server.listen(listener).unwrap().run());
    url
}

#[actix_web::test]
async fn a_real_browser_lets_a_page_of_a_listed_origin_write_and_read_and_no_other() {
    let (friend, stranger) = (elsewhere(), elsewhere());
    let app = open_to(&friend);
    let pair = Pair::new(&app, &[Scope::All]).await;
    let mut browser = Browser::start().await;
    browser.tolerate("400 (Bad Request)");
    browser.tolerate("CORS policy");
    browser.tolerate("net::ERR_FAILED");
    let basic = STANDARD.encode(format!("{}:{}", pair.key, pair.secret));
    let given = json!({"url": app.url, "basic": basic, "statement": statement(1).to_string()});
    let script = format!(
        "const {{url, basic, statement}} = {given};
        const headers = {{'Authorization': 'Basic ' + basic, 'X-Experience-API-Version': '2.0.0'}};
        const seen = async (path, options) => {{
            const answer = await fetch(url + path, {{headers, ...options}});
            return [answer.status, answer.headers.get('X-Experience-API-Consistent-Through') !== null];
        }};
        return (async () => {{
            try {{
                const json = {{...headers, 'Content-Type': 'application/json'}};
                const wrote = await seen('/xapi/statements', {{method: 'POST', headers: json, body: statement}});
                const read = await seen('/xapi/statements', {{}});
                const refused = await seen('/xapi/statements?nonsense=1', {{}});
                return [wrote, read, refused];
            }} catch (error) {{ return String(error); }}
        }})();"
    );
    let call = async |from: &str| {
        browser.goto(from).await;
        browser.run(&script).await
    };
    assert_eq!(call(&friend).await, json!([[200, true], [200, true], [400, true]]));
    assert_eq!(call(&stranger).await, json!("TypeError: Failed to fetch"));
    browser.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn a_page_that_may_not_call_cannot_use_a_password_that_the_browser_remembers() {
    let app = open_to(FRIEND);
    let pair = Pair::new(&app, &[Scope::All]).await;
    let make = async |site: &str, origin: &str| {
        let request = pair.ask(&app, Method::POST, "/api/v1/credentials").header("sec-fetch-site", site);
        let body = json!({"name": "made", "scopes": ["state"]});
        status_and_json(request.header("origin", origin).json(&body).send().await.unwrap()).await
    };
    for site in ["cross-site", "same-site"] {
        let (status, problem) = make(site, "https://evil.example").await;
        assert_eq!((status, &problem["code"]), (403, &json!("foreign-request")), "{site}");
        assert_eq!(make(site, FRIEND).await.0, 201, "{site}");
    }
    for site in ["same-origin", "none"] {
        assert_eq!(make(site, &app.url).await.0, 201, "{site}");
    }
    app.stop().await;
}
