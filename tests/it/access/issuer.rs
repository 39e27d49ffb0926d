//! An issuer of tokens: a real HTTP server with an OpenID configuration and a JWK Set, and its own keys.

use actix_web::web::{self, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use enduring::config;
use enduring::service::people::credentials::Scope;
use jiff::Timestamp;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::{Arc, LazyLock, Mutex};

/// The time of all tests.
pub fn noon() -> Timestamp {
    "2026-11-02T12:00:00Z".parse().unwrap()
}

/// A private key.
#[derive(Clone)]
pub struct Signer {
    pub kid: String,
    pub algorithm: Algorithm,
    key: EncodingKey,
}

/// Making an RSA key takes a while, so all tests share one.
static RSA: LazyLock<EncodingKey> = LazyLock::new(|| {
    let key = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
    let pem = STANDARD.encode(key.as_der().unwrap().as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{pem}\n-----END PRIVATE KEY-----\n");
    EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap()
});

impl Signer {
    pub fn rsa(kid: &str) -> Self {
        Self { kid: kid.to_owned(), algorithm: Algorithm::RS256, key: RSA.clone() }
    }

    pub fn ec(kid: &str) -> Self {
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        Self { kid: kid.to_owned(), algorithm: Algorithm::ES256, key: EncodingKey::from_ec_der(key.as_ref()) }
    }

    /// Its public half.
    pub fn jwk(&self) -> Value {
        let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&self.key, self.algorithm).unwrap()).unwrap();
        jwk["kid"] = json!(self.kid);
        jwk["use"] = json!("sig");
        jwk
    }

    /// A token with its `kid`.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_with(&json!({"alg": self.algorithm, "typ": "at+jwt", "kid": self.kid}), claims)
    }

    /// A token with this header.
    pub fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, self.algorithm).unwrap();
        format!("{message}.{signature}")
    }
}

/// Header and claims as they are signed.
pub fn message(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// The issuer's responses, by path, and the requests it received.
#[derive(Default)]
struct State {
    answers: HashMap<String, (u16, String)>,
    asked: Vec<String>,
}

/// The server.
pub struct Issuer {
    pub url: String,
    state: Arc<Mutex<State>>,
    handle: actix_web::dev::ServerHandle,
}

impl Issuer {
    /// One that publishes `signers`.
    pub fn start(signers: &[&Signer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Data::from(Arc::clone(&state));
        let server = HttpServer::new(move || App::new().app_data(shared.clone()).default_service(web::to(answer)));
        let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
        let issuer = Self { url, state, handle: server.handle() };
        actix_web::rt::spawn(server);
        let keys = format!("{}/keys", issuer.url);
        issuer.says("/.well-known/openid-configuration", 200, &json!({"issuer": issuer.url, "jwks_uri": keys}));
        issuer.publishes(signers);
        issuer
    }

    /// From now on these keys.
    pub fn publishes(&self, signers: &[&Signer]) {
        let keys: Vec<_> = signers.iter().map(|signer| signer.jwk()).collect();
        self.says("/keys", 200, &json!({"keys": keys}));
    }

    /// From now on this response.
    pub fn says(&self, path: &str, status: u16, body: &Value) {
        self.says_text(path, status, body.to_string());
    }

    /// The same for what need not be JSON.
    pub fn says_text(&self, path: &str, status: u16, body: String) {
        self.state.lock().unwrap().answers.insert(path.to_owned(), (status, body));
    }

    /// How often its keys were requested.
    pub fn asked(&self) -> usize {
        self.state.lock().unwrap().asked.iter().filter(|path| *path == "/keys").count()
    }

    /// As the configuration names it.
    pub fn named(&self, scopes: &[Scope]) -> config::Issuer {
        config::Issuer {
            issuer: self.url.clone(),
            audience: "https://lrs.example".to_owned(),
            jwks_url: String::new(),
            algorithms: vec![config::Algorithm::RS256, config::Algorithm::ES256],
            scopes: scopes.iter().copied().collect(),
            scope_prefix: String::new(),
        }
    }

    /// Claims that are good for five minutes from noon.
    pub fn claims(&self, scope: &str) -> Value {
        let now = noon().as_second();
        json!({"iss": self.url, "sub": "robot-1", "aud": "https://lrs.example", "exp": now + 300, "scope": scope})
    }

    pub async fn stop(self) {
        self.handle.stop(false).await;
    }
}

async fn answer(request: HttpRequest, state: Data<Mutex<State>>) -> HttpResponse {
    let mut state = state.lock().unwrap();
    state.asked.push(request.path().to_owned());
    let Some((status, body)) = state.answers.get(request.path()) else { return HttpResponse::NotFound().finish() };
    let mut answer = HttpResponse::build(status.to_owned().try_into().unwrap());
    answer.insert_header(("location", "/elsewhere")).body(body.clone())
}
