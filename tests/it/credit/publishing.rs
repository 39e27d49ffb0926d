//! Publishing activities, and registering for them.

use super::office::{Office, document, publish};
use credit::Profession;
use enduring::service::catalogue::activities;
use enduring::service::learning::registrations;
use serde_json::json;

#[actix_web::test]
async fn the_same_document_is_published_once_and_another_is_the_next_version() {
    let office = Office::open().await;
    let again = publish(office.app(), &document()).await.unwrap();
    assert_eq!((again.version, again.sha256), (1, office.version.sha256));
    let mut changed = document();
    changed["title"] = json!("Another title");
    assert_eq!(publish(office.app(), &changed).await.unwrap().version, 2);
    let first = activities::version(office.app(), "af-stroke-prevention", 1).await.unwrap();
    assert_eq!(first, office.version, "a published version never changes");
    assert_eq!(activities::list(office.app()).await.unwrap().len(), 1);
}

#[actix_web::test]
async fn what_is_missing_is_named_and_nothing_is_published() {
    let office = Office::open().await;
    for (pointer, value, code) in [
        ("/title", json!(""), "empty"),
        ("/required_items", json!(["ITEM-1", "ITEM-9"]), "item-not-in-package"),
        ("/package", json!({"file": "nowhere.zip"}), "package-not-found"),
        ("/package", json!({"sha256": "0".repeat(64)}), "package-not-found"),
    ] {
        let mut broken = document();
        *broken.pointer_mut(pointer).unwrap() = value;
        match publish(office.app(), &broken).await {
            Err(activities::Error::Incomplete { gaps }) => {
                assert!(gaps.iter().all(|gap| gap.code == code && gap.pointer.starts_with(pointer)), "{gaps:?}");
            }
            other => panic!("{pointer}: {other:?}"),
        }
    }
    assert_eq!(activities::current(office.app(), "af-stroke-prevention").await.unwrap().version, 1);
}

#[actix_web::test]
async fn a_learner_is_registered_once_and_stays_with_the_version_that_they_began() {
    let office = Office::open().await;
    let first = office.register("Ada").await;
    assert_eq!(office.register("Ada").await, first);
    let mut changed = document();
    changed["title"] = json!("Another title");
    publish(office.app(), &changed).await.unwrap();
    assert_eq!(office.register("Ada").await, first);
    assert_eq!(office.register("Bo").await.version, 2);
}

#[actix_web::test]
async fn many_requests_at_once_make_one_registration() {
    let office = Office::open().await;
    let account = office.account("Ada", Profession::Physician).await;
    let requests = (0..8).map(|_| registrations::register(office.app(), "af-stroke-prevention", &account));
    let made = futures_util::future::join_all(requests).await;
    let ids: std::collections::BTreeSet<_> = made.into_iter().map(|made| made.unwrap().id).collect();
    assert_eq!(ids.len(), 1);
}

#[actix_web::test]
async fn a_name_that_was_missing_can_be_given_later() {
    let office = Office::open().await;
    let nameless = office.account("", Profession::Physician).await;
    let registration = registrations::register(office.app(), "af-stroke-prevention", &nameless).await.unwrap();
    let standing = office.standing(&registration).await;
    assert!(!standing.evidence.registered.unwrap().said.named);
    let named = enduring::service::Account { name: "Ada Example".to_owned(), ..nameless };
    assert_eq!(registrations::register(office.app(), "af-stroke-prevention", &named).await.unwrap(), registration);
    assert!(office.standing(&registration).await.evidence.registered.unwrap().said.named);
}

#[actix_web::test]
async fn an_activity_takes_learners_from_its_release_to_its_last_day() {
    let office = Office::open().await;
    let day = 24 * 60;
    let account = office.account("Ada", Profession::Physician).await;
    office.after(-46 * day);
    let early = registrations::register(office.app(), "af-stroke-prevention", &account).await;
    assert!(matches!(early, Err(registrations::Error::NotReleased(_))), "{early:?}");
    office.after(730 * day);
    let last_day = registrations::register(office.app(), "af-stroke-prevention", &account).await;
    assert!(last_day.is_ok(), "{last_day:?}");
    office.after(day);
    let other = office.account("Bo", Profession::Physician).await;
    let late = registrations::register(office.app(), "af-stroke-prevention", &other).await;
    assert!(matches!(late, Err(registrations::Error::Expired(_))), "{late:?}");
    assert_eq!(
        late.unwrap_err().to_string(),
        "the activity expired on 2028-01-14 and takes no new learners; credit that was earned stays"
    );
    let again = registrations::register(office.app(), "af-stroke-prevention", &account).await;
    assert_eq!(again.unwrap().id, last_day.unwrap().id, "who has begun still finds their place");
}
