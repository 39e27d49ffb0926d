//! How the keys of an issuer are fetched, kept, and fetched again.

use super::issuer::{Issuer, Signer, noon};
use crate::harness::{TestApp, status_and_json};
use base::clock::FixedClock;
use enduring::config;
use enduring::service::people::credentials::Scope;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::net::TcpListener;

/// A server that trusts one issuer, and its clock.
struct TrustingServer {
    app: TestApp,
    clock: FixedClock,
}

impl TrustingServer {
    fn trusting(named: config::Issuer) -> Self {
        let clock = FixedClock::at(noon());
        let app = TestApp::with(clock.clone(), |config| config.issuers.push(named));
        Self { app, clock }
    }

    fn after(&self, passed: SignedDuration) -> Timestamp {
        let now = noon().checked_add(passed).unwrap();
        self.clock.set(now);
        now
    }

    /// The status and the code of the response to a token that is always in force.
    async fn send_token(&self, signer: &Signer, issuer: &Issuer) -> (u16, String) {
        let mut claims = issuer.claims("all");
        claims["exp"] = json!(noon().as_second() + 1_000_000);
        let url = format!("{}/xapi/statements?limit=1", self.app.url);
        let request = self.app.client.get(url).header("X-Experience-API-Version", "2.0.0");
        let (status, body) = status_and_json(request.bearer_auth(signer.sign(&claims)).send().await.unwrap()).await;
        (status, body["code"].as_str().unwrap_or_default().to_owned())
    }
}

fn unreachable() -> (u16, String) {
    (503, "issuer-unreachable".to_owned())
}

fn invalid() -> (u16, String) {
    (401, "token-invalid".to_owned())
}

fn fine() -> (u16, String) {
    (200, String::new())
}

#[actix_web::test]
async fn a_new_key_is_found_by_the_first_token_that_names_it_but_nobody_can_make_the_server_ask_all_the_time() {
    let (old, new) = (Signer::ec("old"), Signer::ec("new"));
    let issuer = Issuer::start(&[&old]);
    let server = TrustingServer::trusting(issuer.named(&[Scope::All]));
    assert_eq!(server.send_token(&old, &issuer).await, fine());
    issuer.publishes(&[&old, &new]);
    assert_eq!(server.send_token(&new, &issuer).await, invalid(), "it was asked a moment ago");
    assert_eq!(issuer.asked(), 1);
    server.after(SignedDuration::from_secs(30));
    assert_eq!(server.send_token(&new, &issuer).await, fine());
    for name in 0..20 {
        assert_eq!(server.send_token(&Signer::ec(&format!("invented {name}")), &issuer).await, invalid());
    }
    assert_eq!(issuer.asked(), 2);
    server.app.stop().await;
    issuer.stop().await;
}

#[actix_web::test]
async fn many_tokens_at_once_make_one_fetch() {
    let key = Signer::ec("e");
    let issuer = Issuer::start(&[&key]);
    let server = TrustingServer::trusting(issuer.named(&[Scope::All]));
    let at_once = futures_util::future::join_all((0..16).map(|_| server.send_token(&key, &issuer))).await;
    assert!(at_once.iter().all(|answer| *answer == fine()), "{at_once:?}");
    assert_eq!(issuer.asked(), 1);
    server.app.stop().await;
    issuer.stop().await;
}

#[actix_web::test]
async fn a_withdrawn_key_ends_once_the_keys_were_fetched_again_aside() {
    let (withdrawn, other) = (Signer::ec("1"), Signer::ec("2"));
    let issuer = Issuer::start(&[&withdrawn, &other]);
    let server = TrustingServer::trusting(issuer.named(&[Scope::All]));
    assert_eq!(server.send_token(&withdrawn, &issuer).await, fine());
    issuer.publishes(&[&other]);
    server.after(SignedDuration::from_mins(10));
    assert_eq!(server.send_token(&other, &issuer).await, fine(), "answered by the keys that are there");
    let mut last = fine();
    for _ in 0..10_000 {
        last = server.send_token(&withdrawn, &issuer).await;
        if last != fine() {
            break;
        }
    }
    assert_eq!(last, invalid());
    server.app.stop().await;
    issuer.stop().await;
}

#[actix_web::test]
async fn while_its_issuer_is_away_a_token_is_believed_for_an_hour() {
    let key = Signer::ec("e");
    let issuer = Issuer::start(&[&key]);
    let server = TrustingServer::trusting(issuer.named(&[Scope::All]));
    assert_eq!(server.send_token(&key, &issuer).await, fine());
    issuer.says("/keys", 500, &Value::Null);
    server.after(SignedDuration::from_secs(3599));
    assert_eq!(server.send_token(&key, &issuer).await, fine());
    assert_eq!(server.send_token(&Signer::ec("unknown"), &issuer).await, unreachable());
    server.after(SignedDuration::from_secs(3605));
    assert_eq!(server.send_token(&key, &issuer).await, unreachable());
    let asked = issuer.asked();
    assert_eq!(server.send_token(&key, &issuer).await, unreachable());
    assert_eq!(issuer.asked(), asked, "not asked again within five seconds");
    issuer.publishes(&[&key]);
    server.after(SignedDuration::from_secs(3610));
    assert_eq!(server.send_token(&key, &issuer).await, fine(), "by itself once it is there again");
    server.app.stop().await;
    issuer.stop().await;
}

#[actix_web::test]
async fn an_issuer_that_does_not_respond_is_distinguished_from_a_bad_token() {
    let key = Signer::ec("e");
    let issuer = Issuer::start(&[&key]);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut named = issuer.named(&[Scope::All]);
    named.jwks_url = format!("http://{nobody}/keys");
    let server = TrustingServer::trusting(named);
    let url = format!("{}/xapi/statements", server.app.url);
    let request = server.app.client.get(url).header("X-Experience-API-Version", "2.0.0");
    let answer = request.bearer_auth(key.sign(&issuer.claims("all"))).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (503, &"5".parse().unwrap()));
    server.app.stop().await;
    issuer.stop().await;
}

/// Makes an issuer do something wrong, given the set of its keys.
type Corruption = fn(&Issuer, &Value);

#[actix_web::test]
async fn keys_are_taken_from_nowhere_else() {
    let key = Signer::ec("e");
    let set = json!({"keys": [key.jwk()]});
    let corruptions: [(&str, Corruption); 7] = [
        ("a redirect", |issuer, set| {
            issuer.says("/elsewhere", 200, set);
            issuer.says("/keys", 302, &Value::Null);
        }),
        ("too large", |issuer, set| {
            let mut large = set.clone();
            large["padding"] = json!("p".repeat(256 << 10));
            issuer.says("/keys", 200, &large);
        }),
        ("no JSON", |issuer, _| issuer.says_text("/keys", 200, "<html>sign in</html>".to_owned())),
        ("no keys", |issuer, _| issuer.says("/keys", 200, &json!({"error": "none"}))),
        ("no configuration", |issuer, _| issuer.says("/.well-known/openid-configuration", 404, &Value::Null)),
        ("another's configuration", |issuer, _| {
            let keys = format!("{}/keys", issuer.url);
            let said = json!({"issuer": "https://other.example", "jwks_uri": keys});
            issuer.says("/.well-known/openid-configuration", 200, &said);
        }),
        ("an unsafe place", |issuer, _| {
            let said = json!({"issuer": issuer.url, "jwks_uri": "http://keys.example/keys"});
            issuer.says("/.well-known/openid-configuration", 200, &said);
        }),
    ];
    for (what, corrupt) in corruptions {
        let issuer = Issuer::start(&[&key]);
        corrupt(&issuer, &set);
        let server = TrustingServer::trusting(issuer.named(&[Scope::All]));
        assert_eq!(server.send_token(&key, &issuer).await, unreachable(), "{what}");
        server.app.stop().await;
        issuer.stop().await;
    }
}

#[actix_web::test]
async fn keys_for_something_else_check_nothing_and_keep_no_other_from_it() {
    let key = Signer::ec("e");
    let issuer = Issuer::start(&[]);
    let odd = [
        json!({"kty": "quantum", "kid": "e"}),
        json!({"kty": "oct", "kid": "e", "k": "c2VjcmV0", "alg": "HS256"}),
        json!({"kty": "RSA", "kid": "e", "n": "!", "e": "AQAB"}),
        json!(17),
    ];
    let with = |name: &str, value: Value| {
        let mut jwk = key.jwk();
        jwk[name] = value;
        jwk
    };
    for (last, answer) in [
        (key.jwk(), fine()),
        (with("use", json!("enc")), invalid()),
        (with("alg", json!("ES384")), invalid()),
        (with("key_ops", json!(["encrypt"])), invalid()),
        (with("key_ops", json!(["verify"])), fine()),
    ] {
        let keys: Vec<_> = odd.iter().chain([&last]).collect();
        issuer.says("/keys", 200, &json!({"keys": keys}));
        let server = TrustingServer::trusting(issuer.named(&[Scope::All]));
        assert_eq!(server.send_token(&key, &issuer).await, answer, "{last}");
        server.app.stop().await;
    }
    issuer.stop().await;
}
