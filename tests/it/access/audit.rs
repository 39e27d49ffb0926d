//! The audit trail: who did what, for the hospital's security office.

use super::Pair;
use crate::harness::{TestApp, status_and_json};
use crate::learner::{Person, load_sample};
use crate::xapi::statement;
use base::clock::FixedClock;
use enduring::service::audit::{self, Act, AuditEntry, AuditFilter};
use enduring::service::people::credentials::Scope;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::json;

fn noon() -> Timestamp {
    "2026-11-02T12:00:00Z".parse().unwrap()
}

async fn all(app: &TestApp) -> Vec<AuditEntry> {
    let mut entries = audit::page(&app.app, &AuditFilter::default(), None, 1000).await.unwrap().entries;
    entries.reverse();
    entries
}

/// Who did what, in the order in which it was done.
async fn acts(app: &TestApp, by: &str) -> Vec<(Act, String)> {
    all(app).await.into_iter().filter(|entry| entry.by == by).map(|entry| (entry.act, entry.route)).collect()
}

#[actix_web::test]
async fn what_people_do_with_what_is_about_others_is_recorded_before_they_see_it() {
    let app = TestApp::start();
    load_sample(&app.app).await;
    let learner = Person::demo(&app, "learner").await;
    let begun = learner.begin(crate::learner::ACTIVITY).await;
    let registration = begun.rsplit('/').next().unwrap().to_owned();
    let coordinator = Person::demo(&app, "coordinator").await;
    let seen = all(&app).await;
    assert_eq!(seen.iter().map(|entry| entry.act).collect::<Vec<_>>(), [Act::SignedIn, Act::SignedIn]);
    let (ann, robin) = (seen[0].by.clone(), seen[1].by.clone());
    coordinator.get("/desk").await;
    coordinator.get(&format!("/desk/registrations/{registration}")).await;
    coordinator.post("/desk/credentials", &[("name", "a tool"), ("scope", "statements/read")]).await;
    coordinator.get("/reports/statements").await;
    coordinator.get("/api/v1/statements/export.csv").await;
    coordinator.get("/desk/registrations/6690e6c9-3ef0-4ed3-8b37-7f3964730bee").await;
    learner.get(&format!("/registrations/{registration}")).await;
    learner.get("/desk").await;
    coordinator.post("/sign-out", &[]).await;
    let expected = [
        (Act::SignedIn, "/demo/{person}"),
        (Act::ReadRecords, "/desk"),
        (Act::ReadRecords, "/desk/registrations/{id}"),
        (Act::CredentialCreated, "/desk/credentials"),
        (Act::ReadStatements, "/reports/statements"),
        (Act::Exported, "/api/v1/statements/export.csv"),
        (Act::SignedOut, "/sign-out"),
    ];
    assert_eq!(acts(&app, &robin).await, expected.map(|(act, route)| (act, route.to_owned())));
    assert_eq!(acts(&app, &ann).await.len(), 1, "what is about the learner alone, or was refused, is no entry");
    let entries = all(&app).await;
    assert!(entries.iter().any(|entry| entry.about == registration));
    let text = serde_json::to_string(&entries).unwrap();
    assert!(!text.contains("Morgan") && !text.contains("Lindqvist"), "{text}");
    app.stop().await;
}

/// However often a program reads, the trail grows by one entry for each hour and kind of request.
#[actix_web::test]
async fn what_programs_do_in_bulk_is_one_entry_an_hour() {
    let app = TestApp::start();
    let pair = Pair::new(&app, &[Scope::All]).await;
    for n in 0..20 {
        assert_eq!(pair.send(&app, Method::POST, "/xapi/statements", &statement(n)).await.0, 200);
        assert_eq!(pair.knock(&app).await, 200);
        pair.call(&app, Method::GET, "/api/v1/credits").await;
    }
    for _ in 0..2 {
        pair.call(&app, Method::GET, "/api/v1/statements/export.jsonl").await;
        let (status, made) =
            pair.send(&app, Method::POST, "/api/v1/credentials", &json!({"name": "n", "scopes": ["state"]})).await;
        assert_eq!(status, 201);
        let entry = all(&app).await.pop().unwrap();
        assert_eq!((entry.act, entry.about.as_str()), (Act::CredentialCreated, made["key"].as_str().unwrap()));
        pair.call(&app, Method::DELETE, &format!("/api/v1/credentials/{}", entry.about)).await;
    }
    let expected = [
        Act::ReadStatements,
        Act::ReadRecords,
        Act::Exported,
        Act::CredentialCreated,
        Act::CredentialRevoked,
        Act::Exported,
        Act::CredentialCreated,
        Act::CredentialRevoked,
    ];
    let by = format!("credential:{}", pair.key);
    assert_eq!(acts(&app, &by).await.into_iter().map(|(act, _)| act).collect::<Vec<_>>(), expected);
    let wrong = Pair { secret: "wrong".to_owned(), ..pair };
    for _ in 0..3 {
        assert_eq!(wrong.knock(&app).await, 401);
    }
    assert_eq!(acts(&app, "nobody").await, [(Act::SignInFailed, "/xapi/statements".to_owned())]);
    let stranger = Person::stranger(&app).get("/launch?token=nonsense").await;
    assert_eq!((stranger.status, acts(&app, "nobody").await.len()), (401, 2));
    app.stop().await;
}

#[actix_web::test]
async fn the_desk_shows_the_trail_filtered_paged_and_as_a_table() {
    let app = TestApp::start();
    let coordinator = Person::demo(&app, "coordinator").await;
    for _ in 0..120 {
        coordinator.get("/reports/statements").await;
    }
    let page = coordinator.get("/desk/audit?act=read-statements").await;
    page.shows("Robin Lindqvist").shows("Read statements").shows("Older entries");
    let next = page
        .html
        .split("/desk/audit?act=read-statements&amp;after=")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let older = coordinator.get(&format!("/desk/audit?act=read-statements&after={next}")).await;
    assert_eq!(older.html.matches("<th scope=\"row\">").count(), 20);
    let table = coordinator.get("/desk/audit.csv?act=read-statements").await.html;
    assert_eq!(table.lines().count(), 121);
    assert!(
        table.starts_with("time,by,act,route,about\r\n") && table.contains(",read-statements,\"/reports/statements\",")
    );
    coordinator.get("/desk/audit?act=read-audit").await.shows("Read the audit trail");
    coordinator.get("/desk/audit?from=2020-01-01&to=2020-01-02").await.shows("No entry matches");
    coordinator.get("/desk/audit?by=nobody").await.shows("No entry matches");
    coordinator.get("/desk/audit?from=yesterday").await.shows("Write a date such as 2026-11-30");
    let learner = Person::demo(&app, "learner").await;
    for path in ["/desk/audit", "/desk/audit.csv"] {
        assert_eq!(learner.get(path).await.status, 403);
    }
    let (status, _) = status_and_json(app.get("/desk/audit.csv").await).await;
    assert_eq!(status, 401);
    app.stop().await;
}

#[actix_web::test]
async fn entries_are_kept_for_as_long_as_configured() {
    if crate::harness::store::on_mongodb() {
        return;
    }
    let app = TestApp::at(&FixedClock::at(noon()));
    Person::demo(&app, "learner").await;
    assert_eq!(all(&app).await.len(), 1);
    let days = app.app.config.retention.audit_days;
    let data = app.stop().await;
    for (later, kept) in [(i64::from(days) - 1, 1), (i64::from(days) + 1, 0)] {
        let clock = FixedClock::at(noon().checked_add(SignedDuration::from_hours(24 * later)).unwrap());
        let app = TestApp::with(clock, |config| config.data = data.path().join("data"));
        let began = std::time::Instant::now();
        while all(&app).await.len() != kept {
            assert!(began.elapsed() < std::time::Duration::from_secs(20), "{later} days later");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        app.stop().await;
    }
}
