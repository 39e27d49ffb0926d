//! Who gets in, for how long, and from where.

use super::{ACTIVITY, Person, load_sample};
use crate::access::Pair;
use crate::harness::{TestApp, status_and_json};
use base::clock::{FixedClock, SystemClock};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use enduring::config::Portal;
use enduring::service::people::credentials::Scope;
use enduring::service::people::portal;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::Method;
use serde_json::{Value, json};

const SECRET: &str = "a secret of the portal that is long enough";

fn noon() -> Timestamp {
    "2026-11-02T12:00:00Z".parse().unwrap()
}

async fn with_portal(clock: &FixedClock) -> TestApp {
    let portal = Portal {
        issuer: "https://portal.example".into(),
        algorithm: "HS256".into(),
        key: SECRET.into(),
        roles: vec!["learner".into(), "coordinator".into()],
    };
    let app = TestApp::with(clock.clone(), |config| config.portals.push(portal));
    load_sample(&app.app).await;
    app
}

fn claims(app: &TestApp) -> Value {
    let now = noon().as_second();
    json!({
        "iss": "https://portal.example", "sub": "u-17", "name": "Dana Example, DO", "profession": "physician",
        "aud": app.url, "iat": now, "exp": now + 300, "jti": "once", "activity": ACTIVITY,
    })
}

fn signed(claims: &Value, algorithm: Algorithm, secret: &str) -> String {
    encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

#[actix_web::test]
async fn a_portals_token_leads_straight_to_the_activity_and_works_once() {
    let clock = FixedClock::at(noon());
    let app = with_portal(&clock).await;
    let token = signed(&claims(&app), Algorithm::HS256, SECRET);
    let person = Person::stranger(&app);
    let arrived = person.post_from("cross-site", "/launch", &[("token", &token)]).await;
    assert_eq!((arrived.status, arrived.location.as_str()), (303, &*format!("/activities/{ACTIVITY}")));
    person.get(&arrived.location).await.shows("Dana Example, DO").shows("Begin the activity");
    let again = Person::stranger(&app).get(&format!("/launch?token={token}")).await;
    assert_eq!(again.status, 401);
    again.shows("this link was used before");
    app.stop().await;
}

#[actix_web::test]
async fn a_portals_token_says_which_part_of_the_name_is_which() {
    let clock = FixedClock::at(noon());
    let app = with_portal(&clock).await;
    for (jti, parts, expected) in [
        ("1", json!({"family_name": " Rivera ", "given_name": "Dana"}), "Rivera, Dana"),
        ("2", json!({"family_name": "Rivera"}), "Dana Rivera, MD"),
    ] {
        let mut claims = claims(&app);
        claims["jti"] = json!(jti);
        claims["name"] = json!("Dana Rivera, MD");
        claims.as_object_mut().unwrap().extend(parts.as_object().unwrap().clone());
        let account = portal::accept(&app.app, &signed(&claims, Algorithm::HS256, SECRET)).await.unwrap().account;
        assert_eq!((account.name.as_str(), account.family_name_first().as_str()), ("Dana Rivera, MD", expected));
    }
    app.stop().await;
}

#[actix_web::test]
async fn a_token_that_is_not_what_it_should_be_is_refused() {
    let clock = FixedClock::at(noon());
    let app = with_portal(&clock).await;
    let changed = |name: &str, value: Value| {
        let mut claims = claims(&app);
        claims[name] = value;
        signed(&claims, Algorithm::HS256, SECRET)
    };
    let now = noon().as_second();
    let critical = {
        let claims = changed("jti", json!("c"));
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT","crit":["b64"],"b64":true}"#);
        let message = format!("{header}.{}", claims.split('.').nth(1).unwrap());
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        format!("{message}.{}", jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap())
    };
    let none = format!("eyJhbGciOiJub25lIn0.{}.", changed("jti", json!("n")).split('.').nth(1).unwrap());
    for (token, sentence) in [
        (changed("iss", json!("https://other.example")), "not created by a portal that this server knows"),
        (changed("aud", json!("https://elsewhere.example")), "not meant for this server"),
        (changed("exp", json!(now - 120)), "this link is too old"),
        (changed("exp", json!(now + 3600)), "damaged or was not meant"),
        (changed("iat", json!(now + 120)), "damaged or was not meant"),
        (changed("profession", json!("wizard")), "damaged or was not meant"),
        (changed("nbf", json!(now + 120)), "damaged or was not meant"),
        (changed("sub", json!("")), "damaged or was not meant"),
        (changed("sub", json!(" ")), "damaged or was not meant"),
        (changed("sub", json!("s".repeat(256))), "damaged or was not meant"),
        (changed("sub", json!("a\u{0}b")), "damaged or was not meant"),
        (changed("jti", json!("")), "damaged or was not meant"),
        (changed("family_name", json!("a\u{0}b")), "damaged or was not meant"),
        (changed("given_name", json!("g".repeat(501))), "damaged or was not meant"),
        (changed("roles", json!([])), "damaged or was not meant"),
        (critical, "damaged or was not meant"),
        (signed(&claims(&app), Algorithm::HS256, "another secret that is also long enough"), "damaged"),
        (signed(&claims(&app), Algorithm::HS512, SECRET), "damaged"),
        (none, "damaged"),
        ("nonsense".to_owned(), "damaged"),
    ] {
        let answer = Person::stranger(&app).get(&format!("/launch?token={token}")).await;
        assert_eq!(answer.status, 401, "{sentence}");
        answer.shows(sentence);
    }
    app.stop().await;
}

#[actix_web::test]
async fn a_demonstration_link_asks_first_and_signs_in_by_a_cookie_that_no_script_reads() {
    let app = TestApp::start();
    let person = Person::stranger(&app);
    person.get("/demo/learner").await.shows("Sign in as Alex Morgan, MD");
    assert!(person.get("/transcript").await.location.starts_with("/sign-in"), "a link alone signs nobody in");
    let asked = person.client.post(format!("{}/demo/learner", app.url)).header("origin", &app.url);
    let answer = asked.form(&[("next", "/transcript")]).send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
    assert_eq!(answer.headers()["location"], "/transcript");
    assert_eq!(person.get("/demo/nobody").await.status, 404);
    app.stop().await;
}

#[actix_web::test]
async fn without_a_demonstration_its_links_are_not_there() {
    let app = TestApp::with(FixedClock::at(noon()), |config| config.demo = false);
    assert_eq!(Person::stranger(&app).get("/demo/learner").await.status, 404);
    assert_eq!(Person::stranger(&app).post("/demo/coordinator", &[]).await.status, 404);
    Person::stranger(&app).get("/sign-in").await.shows("Open the activity from your organization");
    app.stop().await;
}

#[actix_web::test]
async fn signing_out_ends_the_session_on_the_server_too() {
    let app = TestApp::start();
    let person = Person::demo(&app, "learner").await;
    let stolen = person.client.post(format!("{}/demo/learner", app.url)).header("sec-fetch-site", "same-origin");
    let stolen =
        stolen.form(&[("next", "/")]).send().await.unwrap().headers()["set-cookie"].to_str().unwrap().to_owned();
    let stolen = stolen.split(';').next().unwrap().to_owned();
    assert_eq!(person.post("/sign-out", &[]).await.status, 303);
    let copy = crate::harness::client().get(format!("{}/transcript", app.url)).header("cookie", &stolen);
    let answer = copy.header("accept", "text/html").send().await.unwrap();
    assert_eq!(answer.status(), 303, "a copy of the cookie is worth nothing any more");
    app.stop().await;
}

#[actix_web::test]
async fn another_site_cannot_act_in_a_learners_name() {
    let app = TestApp::start();
    load_sample(&app.app).await;
    let person = Person::demo(&app, "learner").await;
    for site in ["cross-site", "same-site"] {
        let begin = format!("/activities/{ACTIVITY}/begin");
        let answer = person.post_from(site, &begin, &[("version", "1"), ("read", "yes")]).await;
        assert_eq!(answer.status, 403);
        answer.shows("another site sent this request");
    }
    let silent = person.client.post(format!("{}/sign-out", app.url)).send().await.unwrap();
    assert_eq!(silent.status(), 403, "a request that does not say where it comes from may not use a cookie");
    app.stop().await;
}

#[actix_web::test]
async fn a_session_ends_and_a_form_that_comes_too_late_is_not_lost() {
    let clock = FixedClock::at(noon());
    let app = TestApp::at(&clock);
    load_sample(&app.app).await;
    let person = Person::demo(&app, "learner").await;
    let registration = person.begin(ACTIVITY).await;
    clock.set(noon() + SignedDuration::from_hours(3));
    assert_eq!(person.get(&registration).await.status, 200, "a page seen keeps the session");
    clock.set(noon() + SignedDuration::from_hours(6));
    assert_eq!(person.get(&registration).await.status, 200);
    clock.set(noon() + SignedDuration::from_hours(11));
    let late =
        person.post(&format!("{registration}/evaluation"), &[("edition", "0"), ("e.e1", "\"Kept\" & safe")]).await;
    assert_eq!(late.status, 401);
    late.shows("You have been signed out").shows("&#34;Kept&#34; &#38; safe").shows("name=\"e.e1\"");
    late.shows(&format!("action=\"{registration}/evaluation\""));
    app.stop().await;
}

#[actix_web::test]
async fn signing_in_never_leads_to_another_site() {
    let app = TestApp::start();
    for next in ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"] {
        let answer = Person::stranger(&app).post("/demo/learner", &[("next", next)]).await;
        assert_eq!(answer.location, "/", "{next}");
    }
    app.stop().await;
}

#[actix_web::test]
async fn a_form_has_a_bounded_number_of_fields() {
    let app = TestApp::start();
    let person = Person::demo(&app, "coordinator").await;
    let fields = |count: usize| (0..count).map(|n| (format!("f{n}"), String::new())).collect::<Vec<_>>();
    let post = async |count: usize| {
        let request = person.client().post(format!("{}/desk/credentials", app.url)).header("origin", &app.url);
        request.header("sec-fetch-site", "same-origin").form(&fields(count)).send().await.unwrap().status().as_u16()
    };
    assert_eq!((post(400).await, post(501).await, post(50_000).await), (422, 413, 413));
    app.stop().await;
}

#[actix_web::test]
async fn a_portal_makes_of_people_what_the_operator_lets_it() {
    let clock = FixedClock::at(noon());
    let app = with_portal(&clock).await;
    let token = |jti: &str, roles: Value| {
        let mut claims = claims(&app);
        (claims["jti"], claims["roles"], claims["nbf"]) = (json!(jti), roles, json!(noon().as_second() + 30));
        signed(&claims, Algorithm::HS256, SECRET)
    };
    let arrive = async |token: String| Person::stranger(&app).get(&format!("/launch?token={token}")).await;
    assert_eq!(arrive(token("a", json!(["learner", "coordinator"]))).await.status, 303);
    for roles in [json!(["designer"]), json!(["learner", "designer"])] {
        let refused = arrive(token("b", roles)).await;
        assert_eq!(refused.status, 403);
        refused.shows("may not sign anyone in as designer");
    }
    assert_eq!(arrive(token("b", json!(["learner"]))).await.status, 303, "a refused token was not used up");
    app.stop().await;
}

#[actix_web::test]
async fn portals_sign_in_so_many_people_a_minute_from_one_address() {
    let app = TestApp::with(FixedClock::at(noon()), |config| config.limits.launches_per_minute = 2);
    let launch = async || Person::stranger(&app).get("/launch?token=nonsense").await.status;
    assert_eq!((launch().await, launch().await, launch().await), (401, 401, 429));
    app.stop().await;
}

/// What the demonstration opened closes with it.
#[actix_web::test]
async fn sign_ins_and_credentials_of_the_demonstration_end_with_it() {
    if crate::harness::store::on_mongodb() {
        return;
    }
    let app = TestApp::start();
    let person = Person::demo(&app, "coordinator").await;
    let operators = Pair::new(&app, &[Scope::All]).await;
    let create = person.client.post(format!("{}/api/v1/credentials", app.url)).header("sec-fetch-site", "same-origin");
    let (status, made) =
        status_and_json(create.json(&json!({"name": "n", "scopes": ["all"]})).send().await.unwrap()).await;
    assert_eq!(status, 201, "{made}");
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    let anyones = Pair { key: text("key"), secret: text("secret") };
    let (status, made) = status_and_json(
        anyones
            .ask(&app, Method::POST, "/api/v1/credentials")
            .json(&json!({"name": "m", "scopes": ["all"]}))
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(status, 201, "{made}");
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    let second = Pair { key: text("key"), secret: text("secret") };
    assert_eq!(operators.knock(&app).await, 200);
    assert_eq!((anyones.knock(&app).await, second.knock(&app).await), (200, 200));
    assert_eq!(person.get("/desk").await.status, 200);
    let (port, data) = (app.app.config.listen.port(), app.stop().await);
    for demo in [false, true] {
        let app = TestApp::with(SystemClock, |config| {
            config.data = data.path().join("data");
            config.listen.set_port(port);
            config.demo = demo;
        });
        let expected = if demo { 200 } else { 401 };
        assert_eq!(operators.knock(&app).await, 200, "the operator's own");
        assert_eq!((anyones.knock(&app).await, second.knock(&app).await), (expected, expected));
        assert_eq!(person.get("/desk").await.status == 200, demo);
        app.stop().await;
    }
}
