//! Erasing from the desk.

use super::scene::finish;
use crate::harness::TestApp;
use crate::learner::{Person, load_sample, sample};
use enduring::service::erasure;
use enduring::service::erasure::ErasureId;

/// The id of the account that the page has filled in.
async fn account(coordinator: &Person, registration: &str) -> String {
    let desk = registration.replace("/registrations/", "/desk/registrations/");
    coordinator.get(&desk).await.shows("Erase this learner");
    let id = registration.rsplit('/').next().unwrap();
    let page = coordinator.get(&format!("/desk/privacy?registration={id}")).await;
    page.field("account")
}

#[actix_web::test]
async fn a_coordinator_sees_what_would_happen_confirms_and_follows() {
    let app = TestApp::start();
    load_sample(&app.app).await;
    let learner = Person::demo(&app, "learner").await;
    let registration = learner.complete(&sample()).await;
    assert_eq!(learner.claim(&registration, "ama", "0.75").await.status, 303);
    let coordinator = Person::demo(&app, "coordinator").await;
    coordinator.get("/desk/privacy").await.shows("Nobody has been erased yet.");
    let account = account(&coordinator, &registration).await;
    let who = [("account", &*account), ("agents", "alex@hospital.example\nhttps://portal.example|17")];
    let preview = coordinator.post("/desk/privacy", &who).await;
    preview.shows("Alex Morgan, MD").shows("Nothing was changed yet").shows("Retained until");
    let with =
        |reason: &'static str, typed: &'static str| [who[0], who[1], ("reason", reason), ("confirmation", typed)];
    for (reason, typed, told) in [
        ("They asked.", "erase", "type ERASE to confirm"),
        (" ", "ERASE", "say in a sentence why"),
        ("Alex Morgan, MD asked.", "ERASE", "the reason names the person"),
    ] {
        let refused = coordinator.post("/desk/privacy/erase", &with(reason, typed)).await;
        assert_eq!(refused.status, 422);
        refused.shows(told);
    }
    learner.get(&registration).await.shows("Credit awarded");
    let begun = coordinator.post("/desk/privacy/erase", &with("They asked.", "ERASE")).await;
    begun.shows("Give this receipt to the person").shows("They asked.");
    assert_eq!(learner.get(&registration).await.status, 303, "signed out at once");
    let listed = coordinator.get("/desk/privacy").await;
    let place = crate::learner::address_in(&listed.html, "/desk/privacy/");
    let id = ErasureId(place.rsplit('/').next().unwrap().parse().unwrap());
    let record = erasure::get(&app.app, id).await.unwrap().unwrap();
    finish(&app.app, &record, || ()).await;
    let page = coordinator.get(&place).await;
    page.shows("Done. The pseudonym").shows("They asked.");
    assert!(!page.html.contains("receipt"));
    let desk = registration.replace("/registrations/", "/desk/registrations/");
    let page = coordinator.get(&desk).await;
    page.shows("Erased learner").shows("Credit awarded");
    assert!(!page.html.contains("Erase this learner"));
    app.stop().await;
}

#[actix_web::test]
async fn only_coordinators_may_and_a_slip_comes_back_with_what_was_typed() {
    let app = TestApp::start();
    for who in ["learner", "designer"] {
        let person = Person::demo(&app, who).await;
        assert_eq!(person.get("/desk/privacy").await.status, 403);
        assert_eq!(person.post("/desk/privacy/erase", &[("agents", "a@b.c")]).await.status, 403);
    }
    let coordinator = Person::demo(&app, "coordinator").await;
    for (account, agents, told) in [
        ("", "", "say whom to erase"),
        ("17", "", "an account's id is a UUID"),
        ("00000000-0000-0000-0000-000000000000", "", "no account has the id"),
        ("", "not an address", "Agent 1 is not valid"),
    ] {
        let refused = coordinator.post("/desk/privacy", &[("account", account), ("agents", agents)]).await;
        assert_eq!(refused.status, 422);
        refused.shows(&told.replace('\'', "&#39;")).shows(agents).shows(account);
    }
    app.stop().await;
}
