//! Nobody but the desk voids what this server itself recorded.

use super::office::Office;
use crate::harness::status_and_json;
use credit::RuleId;
use enduring::service::crediting::proposals::HandAct;
use enduring::service::people::credentials::{self, Scope};
use enduring::service::records::statements::{self, VoidedStatements};
use serde_json::{Value, json};
use store::{Commit, Scan};
use xapi::StatementId;

fn void(target: StatementId, n: u32) -> Value {
    json!({
        "id": format!("00000000-0000-4000-8000-{n:012}"),
        "actor": {"mbox": "mailto:office@example.org"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/voided"},
        "object": {"objectType": "StatementRef", "id": target},
    })
}

fn other(n: u32) -> Value {
    json!({"id": format!("00000000-0000-4000-9000-{n:012}"), "actor": {"mbox": "mailto:a@example.org"},
           "verb": {"id": "v:did"}, "object": {"id": "a:1"}})
}

async fn post(office: &Office, key: &(String, String), body: &Value) -> (u16, Value) {
    let request = office.test.client.post(format!("{}/xapi/statements", office.test.url));
    let request = request.basic_auth(&key.0, Some(&key.1)).header("X-Experience-API-Version", "2.0.0").json(body);
    status_and_json(request.send().await.unwrap()).await
}

async fn everything(office: &Office) -> Vec<(StatementId, bool)> {
    let all = Scan { voided: VoidedStatements::Included, ..Scan::everything(Vec::new(), 1000) };
    let found = office.app().store.scan(&office.app().provider, all).await.unwrap();
    found.into_iter().map(|stored| (stored.id, stored.voided)).collect()
}

#[actix_web::test]
async fn a_program_that_may_do_everything_cannot_void_evidence_and_nothing_of_its_batch_is_stored() {
    let office = Office::open().await;
    let (registration, credit) = office.credited("Ada").await;
    let (credential, secret) = credentials::create(office.app(), "test", [Scope::All].into()).await.unwrap();
    let key = (credential.key, secret);
    let before = everything(&office).await;
    let evidence = office.standing(&registration).await.evidence;
    for (n, target) in (1..).zip(evidence.statements.iter().map(|counted| counted.id)) {
        let (status, problem) = post(&office, &key, &void(target, n)).await;
        assert_eq!((status, problem["code"].as_str()), (403, Some("voids-evidence")), "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains("desk"), "{problem}");
    }
    let target = evidence.evaluations[0].id;
    let (status, _) = post(&office, &key, &json!([other(1), void(target, 99), other(2)])).await;
    assert_eq!(status, 403);
    assert_eq!(everything(&office).await, before, "nothing was stored, and nothing is void");
    office.decide(registration.id).await;
    assert_eq!(office.credits(&registration).await, [credit]);
    // What the program itself sent, it can void.
    assert_eq!(post(&office, &key, &other(1)).await.0, 200);
    let own = other(1)["id"].as_str().unwrap().parse().map(StatementId).unwrap();
    assert_eq!(post(&office, &key, &void(own, 7)).await.0, 200);
}

#[actix_web::test]
async fn a_void_that_comes_before_the_servers_statement_does_not_void_it() {
    let office = Office::later_with(super::office::document()).await;
    let registration = office.register("Ada").await;
    let (credential, secret) = credentials::create(office.app(), "test", [Scope::All].into()).await.unwrap();
    let early = base::ids::random();
    assert_eq!(post(&office, &(credential.key, secret), &void(StatementId(early), 1)).await.0, 200);

    // The run-time gives its statements ids that can be computed; this one has the id that was voided.
    let event = credit::Event::Evaluated { answers: Vec::new() };
    let subject = credit::Subject {
        base: &office.app().config.url,
        activity: &office.version.document,
        version: office.version.version,
        document: office.version.sha256,
        learner: registration.learner.0,
        registration: registration.id.0,
        rules: &registration.rules,
    };
    let mut own = event.statement(&subject, office.app().clock.now());
    own["id"] = json!(early);
    let statements = statements::author(office.app(), vec![own]).unwrap();
    statements::commit(office.app(), Commit { statements, ..Commit::default() }).await.unwrap();
    let stored = office.app().store.statement(&office.app().provider, StatementId(early)).await.unwrap().unwrap();
    assert!(!stored.voided);
    let standing = office.standing(&registration).await;
    assert_eq!(standing.evidence.evaluations.len(), 1);
    assert!(standing.evidence.voided.is_empty());
}

#[actix_web::test]
async fn the_desks_void_names_both_people_and_the_number_of_an_attempt_never_comes_twice() {
    let office = Office::open().await;
    let (registration, _) = office.credited("Ada").await;
    let assessed = office.standing(&registration).await.evidence.attempts[0].id;
    office.by_two(&registration, HandAct::Void { statement: assessed }).await.unwrap();
    assert!(!office.credits(&registration).await[0].is_active());
    let standing = office.standing(&registration).await;
    let missing: Vec<_> = standing.offerings[0].decision.missing().map(|finding| finding.rule).collect();
    assert!(missing.contains(&RuleId::V8), "{missing:?}");
    let sheet = enduring::service::learning::assessment::open(office.app(), &standing).await.unwrap();
    assert_eq!(sheet.attempt, 2);
    let (one, other) = office.coordinators().await;
    let [act] = standing.acts(office.app()).try_into().unwrap();
    assert_eq!((act.by, act.approved_by), (one.id, Some(other.id)));
    assert_eq!(act.reason, "It was somebody else's.");
    assert_eq!(office.differences().await, Vec::<String>::new());
}
