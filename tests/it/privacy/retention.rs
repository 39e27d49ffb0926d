//! Retained originals are released when the retention has passed, and not before.

use super::scene::{NAME, Scene, sent};
use enduring::service::crediting::{certificates, packets};
use enduring::service::erasure::{self, Erasure, until};
use enduring::service::learning::registrations;
use enduring::service::ledger::log_pages;
use enduring::service::verification;

async fn released(scene: &Scene, erasure: &Erasure) -> Erasure {
    for _ in 0..50 {
        erasure::work(scene.app()).await.unwrap();
        scene.office.after_seconds(1);
        let now = erasure::get(scene.app(), erasure.id).await.unwrap().unwrap();
        if now.is_done() && now.held.iter().all(|held| held.released.is_some()) {
            return now;
        }
    }
    panic!("what was held is not released");
}

#[actix_web::test]
async fn evidence_is_released_when_retention_has_passed_and_not_before() {
    let scene = Scene::open().await;
    // Not those that mention her in a text, which stays.
    let without_texts = sent(&scene.registration).as_array().unwrap()[..10].into();
    scene.send(&without_texts).await;
    scene.office.after(6);
    while log_pages::seal(scene.app()).await.unwrap() {}
    let bound = packets::packet(scene.app(), &scene.credit).await.unwrap().holder.unwrap();
    assert_eq!(bound.holder.name, NAME);
    let salt = serde_json::to_value(bound.salt).unwrap();
    let (erasure, _) = scene.erase().await;
    // What the ledger signed of the name is verified as long as the evidence is retained.
    assert_eq!(packets::packet(scene.app(), &scene.credit).await.unwrap().holder, Some(bound));
    // So are the sealed pages of the log, whose statements were rewritten.
    assert!(erasure.counts.statements > 10, "{:?}", erasure.counts);
    assert_eq!(scene.office.all_differences().await, Vec::<String>::new());
    let last = until(scene.app(), &erasure.held[0]);
    // The offering of the fixture is open until 14 January 2028, later than the completion.
    assert_eq!((erasure.held[0].from.to_string(), last.to_string()), ("2028-01-14".into(), "2035-01-14".into()));
    scene.office.at(&format!("{last}T23:59:00[America/New_York]"));
    for _ in 0..3 {
        erasure::work(scene.app()).await.unwrap();
    }
    assert_eq!(erasure::get(scene.app(), erasure.id).await.unwrap().unwrap().held, erasure.held);
    assert!(verification::verify(scene.app()).await.unwrap().released.is_empty());
    scene.office.at("2035-01-15T00:01:00[America/New_York]");
    let erasure = released(&scene, &erasure).await;
    let report = verification::verify(scene.app()).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
    assert_eq!((report.entries, report.credits, report.released.len()), (2, 2, 1));
    // Without the salt, the signed hash says nothing about anybody.
    let record = scene.office.credits(&scene.registration).await.remove(0);
    assert_eq!(packets::packet(scene.app(), &record).await.unwrap().holder, None);
    assert_eq!(scene.office.all_differences().await, Vec::<String>::new());
    let told = &report.released[0];
    assert_eq!(told.credit, Some(scene.credit.id.0));
    assert!(told.message.contains(&format!("released by erasure {} on 2035-01-15", erasure.id)), "{}", told.message);
    let record = scene.office.credits(&scene.registration).await.remove(0);
    assert_eq!((record.name.as_str(), record.bundle), ("(erased)", scene.credit.bundle));
    assert_eq!(certificates::check(scene.app(), &scene.credit.code).await.unwrap(), None);
    let registration = registrations::get(scene.app(), scene.registration.id).await.unwrap();
    assert_eq!(registration.learner, erasure.pseudonym);
    scene.office.decide(scene.registration.id).await;
    assert_eq!(scene.office.credits(&scene.registration).await.len(), 1, "nobody is left to be credited");
    if let Some(files) = scene.files_with(NAME) {
        assert_eq!(files, [""; 0]);
    }
    if let Some(files) = scene.files_with(salt.as_str().unwrap()) {
        assert_eq!(files, [""; 0]);
    }
}
