//! The definitions of this server's own activities, for tools that request `/xapi/activities` (xAPI 1.0.3 Part 3 §2.5).

use super::{commit, enrol, import, launch, one_sco, publish};
use crate::harness::{TestApp, status_and_json};
use enduring::service::learning::registrations;
use enduring::service::people::accounts::{self, Person};
use enduring::service::people::credentials::{self, Scope};
use enduring::service::{AccountIssuer, Profession, Role};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The definition of the activity `iri`, as a reporting tool gets it.
async fn definition(app: &TestApp, iri: &str) -> Value {
    let (credential, secret) = credentials::create(&app.app, "a tool", BTreeSet::from([Scope::All])).await.unwrap();
    let request = app.client.get(format!("{}/xapi/activities", app.url)).query(&[("activityId", iri)]);
    let request = request.basic_auth(credential.key, Some(secret)).header("X-Experience-API-Version", "1.0.3");
    let (status, activity) = status_and_json(request.send().await.unwrap()).await;
    assert_eq!((status, &activity["id"]), (200, &json!(iri)));
    activity["definition"].clone()
}

#[actix_web::test]
async fn every_activity_that_a_statement_of_ours_defines_is_known() {
    let app = TestApp::start();
    let registration = enrol(&app, import(&app, &one_sco(&[])).await).await;
    let course = format!("{}/activities/{}", app.url, registration.activity);
    let defined = definition(&app, &course).await;
    assert_eq!(defined["name"], json!({"en": "Preventing stroke in atrial fibrillation"}));
    assert!(defined["type"].is_string());

    let here = launch(&app, registration.id, None).await;
    let interaction = json!({"id": "q1", "type": "choice", "student_response": "a", "result": "correct"});
    let values = json!({"interactions": {"0": interaction}});
    for (sequence, cmi) in [(1, json!({})), (2, values.clone()), (3, json!({"core": {"score": {"raw": "90"}}}))] {
        let (status, receipt) =
            commit(&app, &here, json!({"sequence": sequence, "initialized": true, "cmi": cmi})).await;
        assert_eq!(status, 200, "{receipt}");
    }
    let sco = format!("{course}/sco/ITEM-1");
    assert_eq!(definition(&app, &sco).await["name"], json!({"und": "ITEM-1"}));
    let question = definition(&app, &format!("{sco}/interactions/q1")).await;
    assert_eq!(question["interactionType"], "choice");
    assert_eq!(definition(&app, &course).await["name"], defined["name"], "what was said before is still known");
    app.stop().await;
}

#[actix_web::test]
async fn learners_who_register_at_once_do_not_hinder_each_other() {
    let app = TestApp::start();
    let version = publish(&app, import(&app, &one_sco(&[])).await).await;
    let register = async |n: usize| {
        let person = Person {
            issuer: AccountIssuer::Portal("test".to_owned()),
            subject: format!("learner {n}"),
            name: format!("Learner {n}"),
            family_name: String::new(),
            given_name: String::new(),
            profession: Profession::Nurse,
            roles: BTreeSet::from([Role::Learner]),
        };
        let account = accounts::find_or_create(&app.app, &person).await.unwrap();
        registrations::register(&app.app, &version.activity, &account).await
    };
    let all = join_all((0..8).map(register)).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    app.stop().await;
}
