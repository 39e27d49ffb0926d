//! Two providers on one database share nothing. (On the embedded store one server serves one provider; that its log, records
//! and due work keep providers apart is a case of the store's contract.)

use super::{Lrs, VOIDED, agent, credential, id, reference, statement, with};
use crate::harness::{ReplicaSet, TestApp, status_and_json};
use base::clock::SystemClock;
use enduring::service::people::credentials::Scope;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

async fn of_provider(provider: &str, database: &str) -> Lrs {
    let server = TestApp::with(SystemClock, |config| {
        provider.clone_into(&mut config.provider.id);
        database.clone_into(&mut config.store);
    });
    let (key, secret) = credential(&server, &[Scope::All]).await;
    Lrs { server, key, secret, version: "2.0.0" }
}

async fn definition(lrs: &Lrs) -> Value {
    let asked = lrs.ask(Method::GET, "/activities?activityId=a:1").send().await.unwrap();
    status_and_json(asked).await.1["definition"].clone()
}

#[actix_web::test]
async fn two_providers_of_one_database_share_nothing() {
    let database = spawn_blocking(ReplicaSet::database).await.unwrap();
    let (mercy, grace) = (of_provider("mercy", &database).await, of_provider("grace", &database).await);
    let named = |name: &str| with(statement(1), "/object/definition", json!({"name": {"en": name}}));
    mercy.send(&named("Mercy's")).await;
    assert_eq!(grace.one(&id(1)).await.0, 404);
    grace.send(&with(named("Grace's"), "/actor", agent("eve"))).await;
    assert_eq!(
        mercy.one(&id(1)).await.1["actor"]["mbox"],
        "mailto:ann@example.com",
        "the same id is another statement"
    );
    assert_eq!(definition(&mercy).await["name"]["en"], "Mercy's");
    assert_eq!(definition(&grace).await["name"]["en"], "Grace's");
    grace.send(&json!([reference(2, VOIDED, 1), reference(3, "v:read", 1), statement(4)])).await;
    assert_eq!(mercy.ids(&[]).await, [id(1)]);
    assert_eq!(grace.ids(&[("agent", &agent("eve").to_string())]).await, [3, 2].map(id));
    let state = "/activities/state?stateId=s&activityId=a:1&agent=%7B%22mbox%22%3A%22mailto%3Aann%40example.com%22%7D";
    assert_eq!(mercy.ask(Method::PUT, state).body("mercy").send().await.unwrap().status(), 204);
    assert_eq!(grace.ask(Method::GET, state).send().await.unwrap().status(), 404);
    let stranger = Lrs { key: mercy.key.clone(), secret: mercy.secret.clone(), ..grace };
    assert_eq!(stranger.query(&[]).await.status(), 401, "a credential of another provider");
}
