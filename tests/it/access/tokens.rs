//! Bearer tokens: what is believed, and what not.

use super::issuer::{Issuer, Signer, message, noon};
use crate::harness::{TestApp, status_and_json};
use crate::xapi::statement;
use base::clock::FixedClock;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use enduring::service::people::credentials::Scope;
use jsonwebtoken::{Algorithm, EncodingKey};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

/// A server at noon that trusts `issuer` for `scopes`.
fn trusting(issuer: &Issuer, scopes: &[Scope]) -> TestApp {
    let named = issuer.named(scopes);
    TestApp::with(FixedClock::at(noon()), |config| config.issuers.push(named))
}

fn ask(app: &TestApp, token: &str, method: Method, path: &str) -> RequestBuilder {
    let request = app.client.request(method, format!("{}{path}", app.url)).header("X-Experience-API-Version", "2.0.0");
    request.bearer_auth(token)
}

async fn knock(app: &TestApp, token: &str) -> Response {
    ask(app, token, Method::GET, "/xapi/statements?limit=1").send().await.unwrap()
}

/// The `detail` of a refusal with this status.
async fn refusal(answer: Response, status: u16) -> String {
    let (answered, problem) = status_and_json(answer).await;
    assert_eq!(answered, status, "{problem}");
    problem["detail"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_token_opens_the_record_store_and_the_api_and_vouches_for_its_statements() {
    let (rsa, ec) = (Signer::rsa("r"), Signer::ec("e"));
    let issuer = Issuer::start(&[&rsa, &ec]);
    let app = trusting(&issuer, &[Scope::All]);
    for signer in [&rsa, &ec] {
        let token = signer.sign(&issuer.claims("openid all email"));
        assert_eq!(knock(&app, &token).await.status(), 200, "{:?}", signer.algorithm);
        assert_eq!(ask(&app, &token, Method::GET, "/api/v1/packages").send().await.unwrap().status(), 200);
    }
    let token = ec.sign(&issuer.claims("all"));
    let posted = ask(&app, &token, Method::POST, "/xapi/statements").json(&statement(1)).send().await.unwrap();
    assert_eq!(posted.status(), 200);
    let path = format!("/xapi/statements?statementId={}", crate::xapi::id(1));
    let (_, stored) = status_and_json(ask(&app, &token, Method::GET, &path).send().await.unwrap()).await;
    let account = json!({"homePage": issuer.url, "name": "robot-1"});
    assert_eq!(stored["authority"], json!({"objectType": "Agent", "account": account}));
    assert_eq!(issuer.asked(), 1, "one fetch is enough for all of it");
    app.stop().await;
    issuer.stop().await;
}

#[actix_web::test]
async fn every_check_has_its_own_error_sentence() {
    let (rsa, ec, stranger) = (Signer::rsa("r"), Signer::ec("e"), Signer::ec("e"));
    let issuer = Issuer::start(&[&rsa, &ec]);
    let app = trusting(&issuer, &[Scope::All]);
    let now = noon().as_second();
    let good = issuer.claims("all");
    let changed = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        ec.sign(&claims)
    };
    let header = |header: Value| ec.sign_with(&header, &good);
    // The confusion of algorithms: the public key, which everyone has, used as the secret of an HMAC.
    let public = rsa.jwk()["n"].as_str().unwrap().to_owned();
    let confused = message(&json!({"alg": "HS256", "kid": "r"}), &good);
    let forged = jsonwebtoken::crypto::sign(
        confused.as_bytes(),
        &EncodingKey::from_secret(&URL_SAFE_NO_PAD.decode(public).unwrap()),
        Algorithm::HS256,
    );
    let unsigned = |alg: &str| format!("{}.", message(&json!({"alg": alg, "kid": "e"}), &good));
    let tampered = {
        let signed = ec.sign(&issuer.claims("statements/read"));
        let head = message(&json!({"alg": "ES256", "typ": "at+jwt", "kid": "e"}), &good);
        format!("{head}.{}", signed.rsplit('.').next().unwrap())
    };
    for (token, sentence) in [
        (changed("iss", json!("https://other.example")), "names no issuer that this server trusts"),
        (changed("iss", json!(format!("{}/", issuer.url))), "names no issuer that this server trusts"),
        (changed("aud", json!("https://elsewhere.example")), "made for another server"),
        (changed("aud", json!(["https://elsewhere.example", "https://lrs.example/"])), "made for another server"),
        (changed("aud", Value::Null), "made for another server"),
        (changed("exp", json!(now - 60)), "the token has expired"),
        (changed("exp", json!(now - 3600)), "the token has expired"),
        (changed("exp", Value::Null), "has no `exp`"),
        (changed("exp", json!(1e300)), "has no `exp`"),
        (changed("nbf", json!(now + 61)), "not valid yet"),
        (changed("nbf", json!(1e300)), "not valid yet"),
        (changed("sub", Value::Null), "names no subject"),
        (changed("sub", json!(" ")), "names no subject"),
        (changed("sub", json!("s".repeat(256))), "names no subject"),
        (changed("sub", json!("a\u{7}b")), "names no subject"),
        (changed("sub", json!(17)), "not a signed JWT in compact form"),
        (changed("padding", json!("p".repeat(8192))), "longer than 8192 bytes"),
        (stranger.sign(&good), "the signature of the token is not valid"),
        (tampered, "the signature of the token is not valid"),
        (format!("{confused}.{}", forged.unwrap()), "an algorithm that is not allowed"),
        (unsigned("none"), "an algorithm that is not allowed"),
        (unsigned("nOnE"), "an algorithm that is not allowed"),
        (unsigned("ES256"), "the signature of the token is not valid"),
        (header(json!({"alg": "RS256", "kid": "r"})), "the signature of the token is not valid"),
        // The key of this name is for another algorithm.
        (header(json!({"alg": "RS256", "kid": "e"})), "a key that its issuer does not publish"),
        (header(json!({"alg": "ES256", "kid": "nobody"})), "a key that its issuer does not publish"),
        (header(json!({"alg": "ES256", "kid": "e", "jwk": stranger.jwk(), "crit": ["jwk"]})), "`crit`"),
        (header(json!({"alg": "ES256", "kid": "e", "typ": "logout+jwt"})), "not an access token"),
        ("nonsense".to_owned(), "not a signed JWT in compact form"),
        ("a.b.c".to_owned(), "not a signed JWT in compact form"),
        (format!("{}.x", ec.sign(&good)), "not a signed JWT in compact form"),
    ] {
        let answer = knock(&app, &token).await;
        let challenge = answer.headers()["www-authenticate"].to_str().unwrap().to_owned();
        assert!(challenge.starts_with("Bearer realm=\"enduring\", error=\"invalid_token\""), "{challenge}");
        let said = refusal(answer, 401).await;
        assert!(said.contains(sentence), "{said:?} should say {sentence:?}");
        assert!(challenge.contains(&said), "{challenge}");
    }
    app.stop().await;
    issuer.stop().await;
}

#[actix_web::test]
async fn what_is_at_the_edge_of_its_time_or_not_said_is_accepted() {
    let ec = Signer::ec("e");
    let issuer = Issuer::start(&[&ec]);
    let app = trusting(&issuer, &[Scope::All]);
    let now = noon().as_second();
    let good = issuer.claims("all");
    for (name, value) in [
        ("exp", json!(now - 59)),
        ("exp", json!(f64::from(i32::try_from(now).unwrap()) + 0.5)),
        ("nbf", json!(now + 60)),
        ("aud", json!(["https://elsewhere.example", "https://lrs.example"])),
        ("sub", json!("s".repeat(255))),
    ] {
        let mut claims = good.clone();
        claims[name] = value;
        assert_eq!(knock(&app, &ec.sign(&claims)).await.status(), 200, "{claims}");
    }
    for header in [
        json!({"alg": "ES256", "kid": "e", "typ": "JWT"}),
        json!({"alg": "ES256", "kid": "e", "typ": "application/at+jwt"}),
        json!({"alg": "ES256"}),
        // Where a token says that its key is elsewhere, nobody listens.
        json!({"alg": "ES256", "kid": "e", "jku": "https://evil.example/keys", "jwk": Signer::ec("e").jwk()}),
    ] {
        assert_eq!(knock(&app, &ec.sign_with(&header, &good)).await.status(), 200, "{header}");
    }
    app.stop().await;
    issuer.stop().await;
}

#[actix_web::test]
async fn a_token_that_could_mean_several_keys_must_say_which() {
    let (one, other) = (Signer::ec("1"), Signer::ec("2"));
    let issuer = Issuer::start(&[&one, &other]);
    let app = trusting(&issuer, &[Scope::All]);
    let token = one.sign_with(&json!({"alg": "ES256"}), &issuer.claims("all"));
    assert!(refusal(knock(&app, &token).await, 401).await.contains("it needs a `kid`"));
    app.stop().await;
    issuer.stop().await;
}

#[actix_web::test]
async fn a_token_can_do_what_it_says_and_at_most_what_its_issuer_may_give() {
    let ec = Signer::ec("e");
    let issuer = Issuer::start(&[&ec]);
    let app = trusting(&issuer, &[Scope::StatementsWrite, Scope::StatementsReadMine]);
    let tries = async |claims: &Value| {
        let token = ec.sign(claims);
        let write = ask(&app, &token, Method::POST, "/xapi/statements").json(&json!([])).send().await.unwrap();
        let read = knock(&app, &token).await;
        let api = ask(&app, &token, Method::GET, "/api/v1/packages").send().await.unwrap();
        [write, read, api].map(|answer| answer.status().as_u16())
    };
    assert_eq!(tries(&issuer.claims("all")).await, [200, 200, 403], "no more than its issuer may give");
    assert_eq!(tries(&issuer.claims("statements/write")).await, [200, 403, 403], "no more than it says");
    assert_eq!(tries(&issuer.claims("state all/read")).await, [403, 200, 403]);
    assert_eq!(tries(&issuer.claims("")).await, [403, 403, 403]);
    assert_eq!(tries(&issuer.claims("statements/write,all")).await, [403, 403, 403]);
    let mut array = issuer.claims("");
    array["scp"] = json!(["openid", "statements/write", 7]);
    assert_eq!(tries(&array).await, [200, 403, 403]);
    array["scp"] = json!("openid statements/write");
    assert_eq!(tries(&array).await, [200, 403, 403]);
    app.stop().await;
    issuer.stop().await;
}

#[actix_web::test]
async fn reading_mine_is_what_came_with_tokens_of_the_same_issuer_and_subject() {
    let ec = Signer::ec("e");
    let (issuer, other) = (Issuer::start(&[&ec]), Issuer::start(&[&ec]));
    let scopes = [Scope::StatementsWrite, Scope::StatementsReadMine];
    let named = [issuer.named(&scopes), other.named(&scopes)];
    let app = TestApp::with(FixedClock::at(noon()), |config| config.issuers.extend(named));
    let token = |issuer: &Issuer, subject: &str| {
        let mut claims = issuer.claims("statements/write statements/read/mine");
        claims["sub"] = json!(subject);
        ec.sign(&claims)
    };
    let who = [token(&issuer, "a"), token(&issuer, "b"), token(&other, "a")];
    for (n, token) in (1..).zip(&who) {
        let sent = ask(&app, token, Method::POST, "/xapi/statements").json(&statement(n)).send().await.unwrap();
        assert_eq!(sent.status(), 200);
    }
    for (n, token) in (1..).zip(&who) {
        let (_, page) = status_and_json(ask(&app, token, Method::GET, "/xapi/statements").send().await.unwrap()).await;
        let ids: Vec<_> = page["statements"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
        assert_eq!(ids, [json!(crate::xapi::id(n))]);
    }
    app.stop().await;
    issuer.stop().await;
    other.stop().await;
}

#[actix_web::test]
async fn scopes_may_follow_a_prefix() {
    let ec = Signer::ec("e");
    let issuer = Issuer::start(&[&ec]);
    let mut named = issuer.named(&[Scope::All]);
    named.scope_prefix = "xapi:".to_owned();
    let app = TestApp::with(FixedClock::at(noon()), |config| config.issuers.push(named));
    assert_eq!(knock(&app, &ec.sign(&issuer.claims("all xapi:statements/read"))).await.status(), 200);
    assert_eq!(knock(&app, &ec.sign(&issuer.claims("all"))).await.status(), 403);
    app.stop().await;
    issuer.stop().await;
}

#[actix_web::test]
async fn a_token_never_speaks_with_this_servers_own_authority() {
    let ec = Signer::ec("e");
    let issuer = Issuer::start(&[&ec]);
    // An operator who names this server is stopped at the start where its address is known by then; here it is not.
    let (named, url) = (issuer.named(&[Scope::All]), issuer.url.clone());
    let app = TestApp::with(FixedClock::at(noon()), |config| {
        config.issuers.push(named);
        config.url = url;
        config.hosts = vec!["127.0.0.1".to_owned()];
    });
    let token = ec.sign(&issuer.claims("all"));
    let reached = app.app.config.listen;
    let answer = app.client.get(format!("http://{reached}/xapi/statements")).bearer_auth(&token);
    let said = refusal(answer.header("X-Experience-API-Version", "2.0.0").send().await.unwrap(), 401).await;
    assert!(said.contains("no issuer that this server trusts"), "{said}");
    app.stop().await;
    issuer.stop().await;
}

#[actix_web::test]
async fn a_token_makes_no_credential_that_would_outlive_it() {
    let ec = Signer::ec("e");
    let issuer = Issuer::start(&[&ec]);
    let app = trusting(&issuer, &[Scope::All]);
    let wanted = json!({"name": "n", "scopes": ["all"]});
    let token = ec.sign(&issuer.claims("all"));
    let answer = ask(&app, &token, Method::POST, "/api/v1/credentials").json(&wanted).send().await.unwrap();
    assert!(refusal(answer, 403).await.contains("never a token"));
    app.stop().await;
    issuer.stop().await;
}

#[actix_web::test]
async fn where_no_issuer_is_named_a_token_is_no_way_in_and_nobody_offers_it() {
    let (app, ec) = (TestApp::start(), Signer::ec("e"));
    let answer = knock(&app, &ec.sign(&json!({"iss": "https://x.example"}))).await;
    assert_eq!(answer.headers()["www-authenticate"], "Basic realm=\"enduring\", charset=\"UTF-8\"");
    assert_eq!(answer.status(), 401);
    app.stop().await;
    let issuer = Issuer::start(&[&ec]);
    let app = trusting(&issuer, &[Scope::All]);
    let answer = app.client.get(format!("{}/xapi/statements", app.url)).header("X-Experience-API-Version", "2.0.0");
    let answer = answer.send().await.unwrap();
    assert!(answer.headers()["www-authenticate"].to_str().unwrap().ends_with(", Bearer realm=\"enduring\""));
    app.stop().await;
    issuer.stop().await;
}
