//! A copy of the store keeps what was erased, what is retained, and what is due.

use super::scene::{MAIL, Scene, sent};
use base::clock::SystemClock;
use enduring::service::verification;
use enduring::service::{App, erasure, store_location, transfer};
use std::sync::Arc;
use store::{StoreLocation, StoreRole};

#[actix_web::test]
async fn a_copy_verifies_and_releases_as_the_original_would() {
    let scene = Scene::open().await;
    scene.send(&sent(&scene.registration)).await;
    let (erased, _) = scene.erase().await;
    let log = scene.log().await;
    let config = (*scene.app().config).clone();
    let from = store_location(&config).unwrap();
    let office = scene.office;
    let _data = office.test.stop().await;
    let target = tempfile::tempdir().unwrap();
    let (from, to) = (from, StoreLocation::Directory(target.path().to_owned()));
    let from = from.open(StoreRole::Command, Arc::new(SystemClock)).await.unwrap();
    let to = to.open(StoreRole::Command, Arc::new(SystemClock)).await.unwrap();
    let counts = transfer::copy(&*from, &*to, transfer::Ending::Whole, &mut |_| ()).await.unwrap().counts;
    assert_eq!((counts["erasure"], counts["held-statement"]), (1, erased.counts.held));
    let mut export = Vec::new();
    transfer::export(&*to, &mut export, &mut |_| ()).await.unwrap();
    assert!(!String::from_utf8_lossy(&export).contains(&format!("mailto:{MAIL}")));
    from.close().await.unwrap();
    to.close().await.unwrap();
    let mut config = config;
    (config.data, config.store) = (target.path().to_owned(), String::new());
    let app = App::open_beside(config, Arc::new(SystemClock)).await.unwrap();
    let report = verification::verify(&app).await.unwrap();
    assert!(report.is_clean() && report.credits == 2, "{report:?}");
    assert_eq!(erasure::list(&app).await.unwrap(), [erased]);
    let scan = store::Scan::everything(Vec::new(), usize::from(u16::MAX));
    assert_eq!(app.store.scan(&app.provider, scan).await.unwrap().len(), log.len());
    app.store.close().await.unwrap();
}
