//! What an erasure changes, what it leaves, and what it retains.

use super::scene::{MAIL, NAME, SUM, Scene, sent};
use crate::harness::status_and_json;
use base::hash::Sha256;
use credit::Credits;
use enduring::service::crediting::proposals::HandAct;
use enduring::service::crediting::{certificates, decisions};
use enduring::service::erasure::{self, ErasureRequest, Error};
use enduring::service::learning::registrations;
use enduring::service::people::accounts::{self, Person};
use enduring::service::people::sign_in;
use enduring::service::playing::{launches, sessions};
use enduring::service::{AccountIssuer, Profession, RegistrationId, Role};
use reqwest::Method;
use serde_json::{Value, json};

fn ada() -> Value {
    json!({"mbox": format!("mailto:{MAIL}")})
}

fn pseudonym(scene: &Scene, erasure: &erasure::Erasure) -> Value {
    json!({"account": {"homePage": scene.app().config.url, "name": erasure.pseudonym.to_string()}})
}

#[actix_web::test]
async fn nothing_finds_the_learner_and_the_pseudonym_finds_all() {
    let scene = Scene::open().await;
    let sent = scene.send(&sent(&scene.registration)).await;
    let account =
        json!({"account": {"homePage": scene.app().config.url, "name": scene.registration.learner.to_string()}});
    let portal = json!({"account": {"homePage": "https://portal.example.org", "name": NAME}});
    let mut own = scene.found(&account, false).await;
    assert_eq!(scene.found(&ada(), true).await.len(), 9, "all but the hash, the portal's account and the mention");
    let before = scene.log().await;
    let (erasure, _) = scene.erase().await;
    for identity in [ada(), json!({"mbox_sha1sum": SUM}), account, portal] {
        for related in [false, true] {
            assert_eq!(scene.found(&identity, related).await, Vec::<String>::new(), "{identity}");
        }
    }
    let mut found = scene.found(&pseudonym(&scene, &erasure), true).await;
    own.extend(sent[..11].iter().cloned());
    own.sort();
    found.sort();
    assert_eq!(found, own);
    let after = scene.log().await;
    assert_eq!(before.len(), after.len());
    for ((seq, id, was), (seq_now, id_now, is)) in before.iter().zip(&after) {
        assert_eq!((seq, id), (seq_now, id_now));
        assert_eq!(was != is, own.contains(id), "statement {id}");
    }
    let counts = erasure.counts;
    assert_eq!((counts.statements, counts.texts), (u64::try_from(own.len()).unwrap(), 1));
    assert_eq!(counts.mentions, 2, "in an extension, and in the address of another's activity");
    assert!(erasure.mentioned.iter().any(|id| id.to_string() == sent[11]));
    let response = scene.one(&sent[10]).await;
    assert_eq!(response["result"]["response"], erasure.pseudonym.to_string());
    assert_eq!(response["actor"].get("name"), None);
}

/// Content was given the family name first; another system repeated that.
#[actix_web::test]
async fn both_forms_of_the_name_are_found_in_texts() {
    let scene = Scene::open().await;
    let person = Person {
        issuer: AccountIssuer::Portal("https://portal.example.org".to_owned()),
        subject: NAME.to_owned(),
        name: NAME.to_owned(),
        family_name: "Learner-Example".to_owned(),
        given_name: "Ada".to_owned(),
        profession: Profession::Physician,
        roles: [Role::Learner].into(),
    };
    let account = accounts::find_or_create(scene.app(), &person).await.unwrap();
    assert_eq!(account.id, scene.registration.learner);
    let other = json!({"mbox": "mailto:bo@hospital.example"});
    let course = json!({"id": "https://elsewhere.example/course"});
    let result = json!({"response": "Learner-Example, Ada"});
    let sent = scene.send(&json!([{"actor": other, "verb": {"id": "v:1"}, "object": course, "result": result}])).await;
    let (erasure, _) = scene.erase().await;
    assert!(erasure.mentioned.iter().any(|id| id.to_string() == sent[0]), "{erasure:?}");
}

#[actix_web::test]
async fn credit_stays_provable_and_is_decided_the_same() {
    let scene = Scene::open().await;
    scene.send(&sent(&scene.registration)).await;
    let then = scene.office.standing(&scene.registration).await;
    let bundle = decisions::bundle_bytes(scene.app(), &scene.credit).await.unwrap();
    let (erasure, _) = scene.erase().await;
    assert_eq!(scene.office.differences().await, Vec::<String>::new());
    let now = scene.office.standing(&scene.registration).await;
    assert_eq!((now.evidence, &now.registration), (then.evidence, &scene.registration));
    assert_eq!(now.offerings[0].decision, then.offerings[0].decision);
    for _ in 0..2 {
        scene.office.decide(scene.registration.id).await;
    }
    assert_eq!(scene.office.credits(&scene.registration).await, std::slice::from_ref(&scene.credit));
    assert_eq!(decisions::bundle_bytes(scene.app(), &scene.credit).await.unwrap(), bundle);
    let checked = certificates::check(scene.app(), &scene.credit.code).await.unwrap().unwrap();
    assert!(checked.valid && checked.initials == "A. L.");
    assert_eq!(erasure.held.len(), 1);
    let held = &erasure.held[0];
    assert_eq!((held.registration, held.own, held.released), (scene.registration.id, true, None));
    assert_eq!(held.from, scene.credit.window.until.max(scene.credit.completed));
    assert!(erasure.counts.held >= u64::try_from(now.offerings[0].decision.rests_on().len()).unwrap());
}

#[actix_web::test]
async fn a_void_after_the_erasure_still_takes_the_credit_back() {
    let scene = Scene::open().await;
    scene.erase().await;
    let standing = scene.office.standing(&scene.registration).await;
    let evaluated = standing.evidence.evaluations[0].id;
    scene.office.by_two(&scene.registration, HandAct::Void { statement: evaluated }).await.unwrap();
    assert!(!scene.office.credits(&scene.registration).await[0].is_active());
    assert_eq!(scene.office.differences().await, Vec::<String>::new());
}

#[actix_web::test]
async fn the_account_is_gone_and_a_new_sign_in_has_a_new_one() {
    let scene = Scene::open().await;
    let before = scene.office.account(NAME, credit::Profession::Physician).await;
    let secret = sign_in::open(scene.app(), &before).await.unwrap();
    let launched =
        launches::launch(scene.app(), scene.registration.id, None, runtime::Mode::Normal, None).await.unwrap();
    let token = crate::harness::player::ticket_in(&launched.url).to_owned();
    let (begun, _) = erasure::begin(scene.app(), &scene.wanted(), "test").await.unwrap();
    assert_eq!(sign_in::account_of(scene.app(), &secret).await.unwrap(), None, "at once");
    assert_eq!(accounts::get(scene.app(), before.id).await.unwrap(), None);
    scene.finish(&begun).await;
    assert!(matches!(sessions::open(scene.app(), &token).await, Err(sessions::Error::UnknownLaunch)));
    let launched = launches::launch(scene.app(), scene.registration.id, None, runtime::Mode::Normal, None).await;
    assert!(matches!(launched, Err(launches::Error::Erased(_))));
    let anew = scene.office.account(NAME, credit::Profession::Physician).await;
    assert_ne!(anew.id, before.id);
    assert!(registrations::of_learner(scene.app(), &anew).await.unwrap().is_empty());
}

#[actix_web::test]
async fn without_credit_nothing_is_retained_and_nothing_is_awarded_any_more() {
    let scene = Scene::open().await;
    let cy = scene.office.register("Cy Uncredited").await;
    scene.office.play(&cy).await;
    let evidence = scene.office.standing(&cy).await.evidence;
    let wanted =
        ErasureRequest { account: Some(cy.learner.0), reason: "They asked.".to_owned(), ..ErasureRequest::default() };
    let (begun, _) = erasure::begin(scene.app(), &wanted, "test").await.unwrap();
    let done = scene.finish(&begun).await;
    assert_eq!((done.held.len(), done.counts.held, done.counts.registrations), (0, 0, 1));
    let standing = scene.office.standing(&cy).await;
    assert_eq!(standing.registration.learner, done.pseudonym);
    assert_eq!(standing.evidence.completed.len(), evidence.completed.len(), "what happened still counts for reports");
    assert_eq!(standing.evidence.statements.len(), evidence.statements.len());
    let history = enduring::service::playing::history::list(scene.app(), cy.id).await.unwrap();
    assert!(history.is_empty());
    let now = enduring::service::Registration { learner: done.pseudonym, ..cy.clone() };
    scene.office.answer(&now, 1, 4).await;
    scene.office.finish(&now, 1).await;
    scene.office.claim(&now, Credits(75)).await;
    scene.office.decide(cy.id).await;
    assert!(scene.office.credits(&cy).await.is_empty());
    assert_eq!(scene.office.differences().await, Vec::<String>::new());
}

#[actix_web::test]
async fn credit_that_is_due_is_recorded_first() {
    let scene = Scene::open().await;
    let dee = scene.office.register("Dee Example").await;
    scene.office.complete(&dee).await;
    let wanted =
        ErasureRequest { account: Some(dee.learner.0), reason: "They asked.".to_owned(), ..ErasureRequest::default() };
    let (begun, _) = erasure::begin(scene.app(), &wanted, "test").await.unwrap();
    assert_eq!(scene.office.credits(&dee).await.len(), 1);
    assert_eq!(scene.finish(&begun).await.held.len(), 1);
    assert_eq!(scene.office.differences().await, Vec::<String>::new());
}

#[actix_web::test]
async fn documents_and_attachments_go_unless_others_have_the_same() {
    let scene = Scene::open().await;
    let shared = "the same large text ".repeat(5_000);
    let own = format!("{MAIL} wrote this ").repeat(5_000);
    let bo = json!({"mbox": "mailto:bo@hospital.example"});
    let put = async |agent: &Value, id: &str, text: &str| {
        let query =
            [("activityId", "https://elsewhere.example/course"), ("agent", &agent.to_string()), ("stateId", id)];
        let request = scene.ask(Method::PUT, "/activities/state").query(&query).header("Content-Type", "text/plain");
        let answer = request.header("If-None-Match", "*").body(text.to_owned()).send().await.unwrap();
        assert_eq!(answer.status(), 204);
    };
    put(&ada(), "small", "a word").await;
    put(&ada(), "own", &own).await;
    put(&ada(), "shared", &shared).await;
    put(&bo, "shared", &shared).await;
    let profile = [("agent", ada().to_string()), ("profileId", "p".to_owned())];
    let request = scene.ask(Method::PUT, "/agents/profile").query(&profile).header("If-None-Match", "*");
    assert_eq!(request.header("Content-Type", "text/plain").body(NAME).send().await.unwrap().status(), 204);
    let files = [("own file of Ada", true), ("a file that both sent", true), ("a file that both sent", false)];
    for (text, is_ada) in files {
        with_attachment(&scene, if is_ada { ada() } else { bo.clone() }, text).await;
    }
    let (erasure, _) = scene.erase().await;
    assert_eq!((erasure.counts.documents, erasure.counts.attachments), (4, 2));
    let kept = async |text: &str| scene.app().store.blob_len(Sha256::of(text)).await.unwrap().is_some();
    assert!(!kept(&own).await && kept(&shared).await);
    assert!(!kept("own file of Ada").await && kept("a file that both sent").await);
    let query = [("activityId", "https://elsewhere.example/course"), ("agent", &ada().to_string())];
    let left = scene.ask(Method::GET, "/activities/state").query(&query).send().await.unwrap();
    assert_eq!(status_and_json(left).await.1, json!([]));
}

async fn with_attachment(scene: &Scene, actor: Value, text: &str) {
    let hash = Sha256::of(text);
    let statement = json!({"actor": actor, "verb": {"id": "https://elsewhere.example/sent"}, "object": {"id": "https://elsewhere.example/course"},
        "attachments": [{"usageType": "https://elsewhere.example/file", "display": {"en": "file"}, "contentType": "text/plain",
                         "length": text.len(), "sha2": hash}]});
    let body = format!(
        "--edge\r\nContent-Type: application/json\r\n\r\n{statement}\r\n--edge\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\n\
         X-Experience-API-Hash: {hash}\r\n\r\n{text}\r\n--edge--\r\n"
    );
    let request =
        scene.ask(Method::POST, "/statements").header("Content-Type", "multipart/mixed; boundary=edge").body(body);
    let (status, answer) = status_and_json(request.send().await.unwrap()).await;
    assert_eq!(status, 200, "{answer}");
}

#[actix_web::test]
async fn the_data_directory_has_the_name_where_it_is_retained_and_the_address_nowhere() {
    let scene = Scene::open().await;
    // The last two mention the learner in words that stay.
    let statements: Value = sent(&scene.registration).as_array().unwrap()[..10].into();
    scene.send(&statements).await;
    with_attachment(&scene, ada(), &format!("{MAIL} sent this file")).await;
    let Some(before) = scene.files_with(MAIL) else { return };
    assert!(before.len() >= 2, "the database, and a blob: {before:?}");
    let (erasure, receipt) = scene.erase().await;
    assert_eq!(scene.files_with(MAIL).unwrap(), [""; 0]);
    assert_eq!(scene.files_with(SUM).unwrap(), [""; 0]);
    assert_eq!(scene.files_with(&receipt.0).unwrap(), [""; 0]);
    let proof = Sha256::of(format!("{}\nmailto:{MAIL}", receipt.0));
    assert!(erasure.proofs.contains(&proof), "who has the receipt can show who was erased");
    let record = scene.office.credits(&scene.registration).await.remove(0);
    assert_eq!(record.name, NAME, "held for the certificate");
}

#[actix_web::test]
async fn what_cannot_be_erased_is_said_in_a_sentence() {
    let scene = Scene::open().await;
    let refused = async |wanted: ErasureRequest| erasure::begin(scene.app(), &wanted, "test").await.unwrap_err();
    let reason = "They asked.".to_owned();
    let agents =
        |agent: Value| ErasureRequest { agents: vec![agent], reason: reason.clone(), ..ErasureRequest::default() };
    assert!(matches!(
        refused(ErasureRequest { reason: reason.clone(), ..ErasureRequest::default() }).await,
        Error::Nobody
    ));
    assert!(matches!(refused(ErasureRequest { reason: " ".to_owned(), ..scene.wanted() }).await, Error::NoReason));
    assert!(matches!(
        refused(ErasureRequest { reason: format!("{NAME} asked."), ..scene.wanted() }).await,
        Error::Names
    ));
    let unknown =
        ErasureRequest { account: Some(uuid::Uuid::from_u128(1)), reason: reason.clone(), ..ErasureRequest::default() };
    assert!(matches!(refused(unknown).await, Error::UnknownAccount(_)));
    for bad in [json!({"name": "x"}), json!({"mbox": "ada@x"}), json!({"objectType": "Group", "mbox": "mailto:a@b.c"})]
    {
        assert!(matches!(refused(agents(bad)).await, Error::NotAnAgent { place: 1, .. }));
    }
    let server = json!({"account": {"homePage": scene.app().config.url, "name": credit::AUTHORITY}});
    assert!(matches!(refused(agents(server)).await, Error::Server));
    let bo = json!({"account": {"homePage": "https://portal.example.org", "name": "Bo Bystander"}});
    assert!(matches!(refused(ErasureRequest { agents: vec![bo], ..scene.wanted() }).await, Error::Several));
    assert!(registrations::get(scene.app(), RegistrationId(scene.registration.id.0)).await.is_ok());
    assert!(erasure::list(scene.app()).await.unwrap().is_empty());
}

#[actix_web::test]
async fn a_dry_run_says_what_would_happen_and_changes_nothing() {
    let scene = Scene::open().await;
    scene.send(&sent(&scene.registration)).await;
    let before = scene.log().await;
    let preview = erasure::preview(scene.app(), &scene.wanted()).await.unwrap();
    assert_eq!(scene.log().await, before);
    let (erasure, _) = scene.erase().await;
    let (said, done) = (preview.counts, erasure.counts);
    assert_eq!((said.statements, said.actors, said.texts), (done.statements, done.actors, done.texts));
    assert_eq!((said.held, said.documents, said.registrations), (done.held, done.documents, done.registrations));
    assert_eq!(preview.held, erasure.held);
    assert_eq!(said.mentions, 1, "others' statements are looked at by the erasure itself");
}

#[actix_web::test]
async fn an_agent_without_account_is_erased_too_and_what_comes_later_is_kept() {
    let scene = Scene::open().await;
    scene.send(&sent(&scene.registration)).await;
    let wanted = ErasureRequest {
        agents: vec![json!({"mbox_sha1sum": SUM})],
        reason: "They asked.".to_owned(),
        ..ErasureRequest::default()
    };
    let (begun, _) = erasure::begin(scene.app(), &wanted, "test").await.unwrap();
    let done = scene.finish(&begun).await;
    assert_eq!(scene.found(&ada(), true).await, [""; 0], "whose hash is known is known by the address");
    assert_eq!(done.counts.statements, 10);
    scene.send(&json!({"actor": ada(), "verb": {"id": "v:1"}, "object": {"id": "a:1"}})).await;
    assert_eq!(scene.found(&ada(), true).await.len(), 1);
    assert_eq!(scene.office.differences().await, Vec::<String>::new());
}

#[actix_web::test]
async fn a_coordinator_is_erased_and_the_evidence_of_others_stays_provable() {
    let scene = Scene::open().await;
    let by = scene.office.account("Cy Office", credit::Profession::Other).await;
    // A learner whose decision was held and then made by Cy: their evidence names Cy.
    let event = credit::Event::Settled {
        signals: ["x".to_owned()].into(),
        by: by.id.0,
        verdict: credit::Verdict::Accepted,
        reason: "Looked at it.".to_owned(),
    };
    let dee = scene.office.register("Dee Example").await;
    scene.office.record(&dee, vec![event]).await;
    scene.office.complete(&dee).await;
    scene.office.decide(dee.id).await;
    assert_eq!(scene.office.credits(&dee).await.len(), 1);
    let wanted =
        ErasureRequest { account: Some(by.id.0), reason: "They left.".to_owned(), ..ErasureRequest::default() };
    let (begun, _) = erasure::begin(scene.app(), &wanted, "test").await.unwrap();
    let done = scene.finish(&begun).await;
    assert!(done.counts.statements > 0);
    assert_eq!(done.held.iter().map(|held| (held.registration, held.own)).collect::<Vec<_>>(), [(dee.id, false)]);
    assert_eq!(scene.office.differences().await, Vec::<String>::new());
    assert_eq!(scene.office.standing(&dee).await.registration.learner, dee.learner);
}

#[actix_web::test]
async fn credits_that_are_recorded_beside_an_erasure_stay_provable() {
    let scene = Scene::open().await;
    let by = scene.office.account("Cy Office", credit::Profession::Other).await;
    let mut registrations = Vec::new();
    for name in ["Dee", "Eve", "Fay", "Gus"] {
        let registration = scene.office.register(name).await;
        let event = credit::Event::Settled {
            signals: ["x".to_owned()].into(),
            by: by.id.0,
            verdict: credit::Verdict::Accepted,
            reason: "Looked at it.".to_owned(),
        };
        scene.office.record(&registration, vec![event]).await;
        scene.office.complete(&registration).await;
        registrations.push(registration);
    }
    let wanted =
        ErasureRequest { account: Some(by.id.0), reason: "They left.".to_owned(), ..ErasureRequest::default() };
    let (begun, _) = erasure::begin(scene.app(), &wanted, "test").await.unwrap();
    let decided =
        futures_util::future::join_all(registrations.iter().map(|one| decisions::decide(scene.app(), one.id)));
    let (decided, _) = tokio::join!(decided, scene.finish(&begun));
    assert!(decided.iter().all(Result::is_ok), "{decided:?}");
    for registration in &registrations {
        assert_eq!(scene.office.credits(registration).await.len(), 1);
    }
    assert_eq!(scene.office.differences().await, Vec::<String>::new());
}
