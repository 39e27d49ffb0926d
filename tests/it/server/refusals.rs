//! What holds for every response and every request of both origins, whatever the address: security headers, no inflated
//! bodies, bounded memory, own host names.

use crate::access::Pair;
use crate::harness::{TestApp, status_and_json};
use enduring::service::people::credentials::Scope;
use futures_util::stream;
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

/// The address of every route, as the sources of `src/http` name them: of the app, and of the content origin.
fn addresses() -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut app, mut content) = (BTreeSet::new(), BTreeSet::new());
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            for maker in ["route(", "resource(", "reading("] {
                for (at, _) in text.match_indices(maker) {
                    let rest = text.split_at(at + maker.len()).1.trim_start();
                    let Some(address) = rest.strip_prefix('"').and_then(|rest| rest.split('"').next()) else {
                        continue;
                    };
                    let address = filled(address);
                    match (name.contains("/http/player/"), name.contains("/http/xapi/")) {
                        (true, _) => content.insert(address),
                        (_, true) => app.insert(format!("/xapi{address}")),
                        _ => app.insert(address),
                    };
                }
            }
        }
    }
    (app, content)
}

/// `address` with something for each of its parts.
fn filled(address: &str) -> String {
    let parts =
        address.split('/').map(|part| if part.contains('{') { "6690e6c9-3ef0-4ed3-8b37-7f3964730bee" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[track_caller]
fn is_complete(headers: &HeaderMap, names: &[&str], what: &str) {
    for name in names {
        assert!(headers.contains_key(*name), "{what} has no {name}: {headers:?}");
        assert_eq!(headers.get_all(*name).iter().count(), 1, "{what}: {name}");
    }
    assert_eq!(headers["x-content-type-options"], "nosniff", "{what}");
}

const OF_APP: [&str; 7] = [
    "x-content-type-options",
    "content-security-policy",
    "referrer-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "cache-control",
];
const OF_CONTENT: [&str; 2] = ["x-content-type-options", "referrer-policy"];

const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"];

#[actix_web::test]
async fn every_response_has_the_security_headers() {
    let app = TestApp::start();
    let pair = Pair::new(&app, &[Scope::All]).await;
    let (ours, contents) = addresses();
    assert!(ours.len() > 60 && ours.contains("/xapi/statements") && ours.contains("/desk"), "{ours:?}");
    let send = async |request: RequestBuilder, names: &[&str], what: String| {
        let answer = request.send().await.unwrap();
        is_complete(answer.headers(), names, &format!("{what} {}", answer.status()));
        answer
    };
    for address in ours.iter().map(String::as_str).chain(["/no/such/page", "/xapi/nothing", "/api/v1/nothing"]) {
        for method in METHODS {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let bare =
                app.client.request(method.clone(), format!("{}{address}", app.url)).header("accept", "text/html");
            send(bare, &OF_APP, format!("{method} {address}")).await;
        }
        if address.starts_with("/xapi") || address.starts_with("/api") {
            let answer = send(pair.ask(&app, Method::GET, address), &OF_APP, format!("{address} by a program")).await;
            let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
            let is_stream = answer.headers().get("content-type").is_some_and(|kind| kind == "text/event-stream");
            assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{address}: {policy}");
            assert!(is_stream || answer.headers()["cache-control"] == "no-store", "{address}");
        }
    }
    for address in &contents {
        for method in METHODS {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let bare = app.client.request(method.clone(), format!("{}{address}", app.content_url));
            send(bare, &OF_CONTENT, format!("{method} {address} of the content origin")).await;
        }
    }
    // Refusals of every layer that is not a route.
    let statements = format!("{}/xapi/statements", app.url);
    for (request, status, code) in [
        (app.client.post(&statements).header("content-encoding", "gzip").body("x"), 415, "content-encoding"),
        (app.client.get(&statements).header("host", "elsewhere.example"), 421, "wrong-host"),
        (app.client.get(&statements).header("via", "1.1 proxy"), 421, "wrong-host"),
        (
            pair.ask(&app, Method::POST, "/xapi/statements").header("content-type", "application/json").body("{"),
            400,
            "invalid-statement",
        ),
        (
            pair.ask(&app, Method::POST, "/xapi/statements").header("sec-fetch-site", "cross-site").body("{}"),
            403,
            "foreign-request",
        ),
        (app.client.get(&statements).header("x-experience-api-version", "2.0.0"), 401, "credentials-missing"),
        (
            pair.ask(&app, Method::POST, "/api/v1/launches")
                .header("content-type", "application/json")
                .body(vec![b' '; 5 << 20]),
            413,
            "body-too-large",
        ),
    ] {
        let (answer, what) = (send(request, &OF_APP, code.to_owned()).await, code);
        let (got, problem) = status_and_json(answer).await;
        assert_eq!((got, &problem["code"]), (status, &json!(what)), "{problem}");
    }
    for request in [
        app.client.get(&app.content_url).header("host", "elsewhere.example"),
        app.client.post(&app.content_url).header("content-encoding", "br").body("x"),
    ] {
        send(request, &OF_CONTENT, "a refusal of the content origin".to_owned()).await;
    }
    app.stop().await;
}

/// A request whose body is announced and never sent is refused at once: nothing of it was waited for.
#[actix_web::test]
async fn no_body_is_inflated_or_read_if_it_is_encoded() {
    let app = TestApp::start();
    let (ours, contents) = addresses();
    let ask = |origin: &str, address: &str, method: &str, encoding: &str| {
        let host = origin.split_once("://").unwrap().1.to_owned();
        let head = format!(
            "{method} {address} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Encoding: {encoding}\r\nContent-Length: 1000000\r\n\r\n"
        );
        move || {
            let mut stream = TcpStream::connect(host.replace("localhost", "127.0.0.1")).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            let mut start = [0; 12];
            stream.read_exact(&mut start).unwrap();
            String::from_utf8(start.to_vec()).unwrap()
        }
    };
    for (origin, address, encoding) in ours
        .iter()
        .map(|address| (&app.url, address))
        .chain(contents.iter().map(|address| (&app.content_url, address)))
        .flat_map(|(origin, address)| ["gzip", "identity, deflate"].map(|encoding| (origin, address, encoding)))
    {
        let method = if address.contains("state") { "PUT" } else { "POST" };
        let start = tokio::task::spawn_blocking(ask(origin, address, method, encoding)).await.unwrap();
        assert_eq!(start, "HTTP/1.1 415", "{address} {encoding}");
    }
    app.stop().await;
}

#[actix_web::test]
async fn all_bodies_together_have_a_limit() {
    let app = TestApp::with(base::clock::SystemClock, |config| {
        (config.limits.body_bytes, config.limits.bodies_bytes) = (4 << 20, 4 << 20);
    });
    let pair = Pair::new(&app, &[Scope::All]).await;
    let state =
        "/xapi/activities/state?activityId=a%3A1&stateId=s&agent=%7B%22mbox%22%3A%22mailto%3Aa%40b.example%22%7D";
    let put = |body: reqwest::Body| {
        pair.ask(&app, Method::PUT, &state.replace("=s&", &format!("={}&", base::ids::random())))
            .header("content-type", "application/octet-stream")
            .body(body)
            .send()
    };
    let (more, rest) = tokio::sync::mpsc::unbounded_channel::<Vec<u8>>();
    let pieces =
        stream::unfold(rest, |mut rest| async move { Some((Ok::<_, std::io::Error>(rest.recv().await?), rest)) });
    let slow = tokio::spawn(put(reqwest::Body::wrap_stream(pieces)));
    more.send(vec![0; 3 << 20]).unwrap();
    let held = async || {
        let figures = app.get("/metrics").await.text().await.unwrap();
        let line =
            figures.lines().find_map(|line| line.strip_prefix("enduring_http_bodies_bytes ")).unwrap().to_owned();
        line.parse::<usize>().unwrap()
    };
    let began = std::time::Instant::now();
    while held().await < 3 << 20 {
        assert!(began.elapsed() < Duration::from_secs(20), "the first body is never counted");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let refused = put(vec![0; 2 << 20].into()).await.unwrap();
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(status_and_json(refused).await.1["code"], "bodies-busy");
    assert_eq!(put(vec![0; 10].into()).await.unwrap().status(), 204, "a small one still fits");
    drop(more);
    assert_eq!(slow.await.unwrap().unwrap().status(), 204);
    assert_eq!(put(vec![0; 4 << 20].into()).await.unwrap().status(), 204, "everything was given back");
    assert_eq!(held().await, 0);
    app.stop().await;
}

#[actix_web::test]
async fn a_demonstration_responds_to_its_own_machine_only() {
    let app = TestApp::start();
    let port = app.url.rsplit_once(':').unwrap().1;
    for path in ["/", "/demo/coordinator", "/xapi/about", "/api/v1/packages", "/assets/x/y"] {
        let get = || app.client.get(format!("{}{path}", app.url));
        assert_ne!(get().send().await.unwrap().status(), 421, "{path}");
        for request in [
            get().header("host", "evil.example"),
            get().header("host", format!("127.0.0.1:{port}")),
            get().header("x-forwarded-for", "192.0.2.1"),
            get().header("x-forwarded-host", "cme.example.org"),
            get().header("forwarded", "for=192.0.2.1"),
            get().header("via", "1.1 proxy"),
        ] {
            let (status, problem) = status_and_json(request.send().await.unwrap()).await;
            assert_eq!((status, &problem["code"]), (421, &json!("wrong-host")), "{path}");
        }
    }
    for path in ["/healthz", "/readyz", "/metrics"] {
        let probe = app.client.get(format!("{}{path}", app.url)).header("host", "10.0.0.7:8080");
        assert_eq!(probe.send().await.unwrap().status(), 200, "{path}");
    }
    app.stop().await;
}

#[actix_web::test]
async fn a_server_for_others_responds_under_its_own_names_and_those_that_are_configured() {
    let app = TestApp::with(base::clock::SystemClock, |config| {
        config.demo = false;
        config.hosts = vec!["lrs.internal:8080".to_owned()];
    });
    let ask = async |host: &str| {
        let request =
            app.client.get(format!("{}/sign-in", app.url)).header("host", host).header("x-forwarded-for", "192.0.2.1");
        request.send().await.unwrap().status().as_u16()
    };
    let own = app.url.split_once("://").unwrap().1;
    assert_eq!((ask(own).await, ask("lrs.internal:8080").await, ask("lrs.internal").await), (200, 200, 421));
    app.stop().await;
}
