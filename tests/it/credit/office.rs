//! A CME office over the embedded store, at a time that the test sets; and a learner who does what a learner does.

use crate::harness::TestApp;
use crate::harness::player::Player;
use base::clock::FixedClock;
use credit::assessment::{Responses, grade};
use credit::{Credits, EvaluationAnswer, Event, FrontMatterPart, Profession};
use enduring::service::catalogue::activities;
use enduring::service::crediting::decisions;
use enduring::service::crediting::proposals::{self, HandAct, Proposal};
use enduring::service::learning::registrations::{self, OfferingStatus, RegistrationStatus};
use enduring::service::ledger::credits::{self, CreditRecord};
use enduring::service::people::accounts::{self, Person};
use enduring::service::playing::commits::Heartbeat;
use enduring::service::playing::{commits, launches};
use enduring::service::verification::everything::verify_everything;
use enduring::service::verification::{self, Anchors};
use enduring::service::{Account, AccountIssuer, ActivityVersion, App, Registration, RegistrationId, Role};
use jiff::ToSpan as _;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::Commit;

pub(crate) struct Office {
    pub(crate) test: TestApp,
    clock: FixedClock,
    pub(crate) version: ActivityVersion,
}

/// Where the tests begin: the first of March 2026, nine o'clock in New York.
const START: &str = "2026-03-01T14:00:00Z";

/// A day on which registrations begin under the rule set 2026.2: the first of December 2026, nine o'clock in New York.
const LATER: &str = "2026-12-01T14:00:00Z";

const MANIFEST: &str = r#"<?xml version="1.0"?>
<manifest identifier="m" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
  <metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
  <organizations default="o"><organization identifier="o"><title>Course</title>
    <item identifier="ITEM-1" identifierref="r"><title>Page</title></item>
  </organization></organizations>
  <resources><resource identifier="r" type="webcontent" adlcp:scormtype="sco" href="index.html"><file href="index.html"/></resource></resources>
</manifest>"#;

/// A package with one SCO.
pub(crate) fn package() -> Vec<u8> {
    use std::io::{Cursor, Write as _};
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let page = "<!doctype html><title>Page</title>";
    for (name, text) in [("imsmanifest.xml", MANIFEST), ("index.html", page), ("picture.gif", "GIF89a")] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The complete document of the fixtures, with its package beside it.
pub(crate) fn document() -> Value {
    let text = include_str!("../../../fixtures/activity/complete.json");
    let mut document: Value = serde_json::from_str(text).unwrap();
    document["package"] = json!({"file": "package.zip"});
    document
}

/// Publishes a document whose package is named by file.
pub(crate) async fn publish(app: &App, document: &Value) -> Result<ActivityVersion, activities::Error> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("package.zip"), package()).unwrap();
    activities::publish(app, document.to_string().as_bytes(), Some(folder.path()), "test").await
}

impl Office {
    pub(crate) async fn open() -> Self {
        Self::with(document()).await
    }

    /// With another document.
    pub(crate) async fn with(document: Value) -> Self {
        let clock = FixedClock::at(START.parse().unwrap());
        let test = TestApp::at(&clock);
        let version = publish(&test.app, &document).await.unwrap();
        Self { test, clock, version }
    }

    /// On a day of the rule set 2026.2, with another document.
    pub(crate) async fn later_with(document: Value) -> Self {
        let clock = FixedClock::at(LATER.parse().unwrap());
        let test = TestApp::at(&clock);
        let version = publish(&test.app, &document).await.unwrap();
        Self { test, clock, version }
    }

    /// With another version current.
    pub(crate) fn now_with(self, version: ActivityVersion) -> Self {
        Self { version, ..self }
    }

    pub(crate) fn app(&self) -> &App {
        &self.test.app
    }

    /// Lets time go by.
    pub(crate) fn after(&self, minutes: i64) {
        self.clock.set(self.app().clock.now() + minutes.minutes());
    }

    /// As [`Self::after`], in seconds.
    pub(crate) fn after_seconds(&self, seconds: i64) {
        self.clock.set(self.app().clock.now() + seconds.seconds());
    }

    /// Sets the time.
    pub(crate) fn at(&self, zoned: &str) {
        self.clock.set(zoned.parse::<jiff::Zoned>().unwrap().timestamp());
    }

    pub(crate) async fn account(&self, name: &str, profession: Profession) -> Account {
        let person = Person {
            issuer: AccountIssuer::Portal("https://portal.example.org".to_owned()),
            subject: name.to_owned(),
            name: name.to_owned(),
            family_name: String::new(),
            given_name: String::new(),
            profession,
            roles: BTreeSet::from([Role::Learner]),
        };
        accounts::find_or_create(self.app(), &person).await.unwrap()
    }

    pub(crate) async fn register(&self, name: &str) -> Registration {
        let account = self.account(name, Profession::Physician).await;
        registrations::register(self.app(), &self.version.activity, &account).await.unwrap()
    }

    pub(crate) async fn record(&self, registration: &Registration, events: Vec<Event>) {
        registrations::record(self.app(), registration, events, Commit::default()).await.unwrap();
    }

    /// Reads the front matter and plays the content to its end, by the run-time, in half an hour.
    pub(crate) async fn play(&self, registration: &Registration) {
        let shown = FrontMatterPart::ALL.into();
        self.record(registration, vec![Event::Informed { shown, document: self.version.sha256 }]).await;
        self.after(1);
        let mode = runtime::Mode::Normal;
        let launched = launches::launch(self.app(), registration.id, None, mode, None).await.unwrap();
        let player = Player::open(&launched.url).await;
        player.see_content().await;
        let key = player.key;
        let begun = json!({"sequence": 1, "initialized": true, "cmi": {"core": {"lesson_status": "incomplete"}}});
        let ended = json!({"sequence": 2, "initialized": true, "terminated": true, "left": true,
                           "cmi": {"core": {"lesson_status": "completed"}}});
        commits::commit(self.app(), &key, begun.to_string().as_bytes()).await.unwrap();
        for _ in 0..30 {
            self.after(1);
            commits::heartbeat(self.app(), &key, Heartbeat { attended: 60, parting: false }).await.unwrap();
        }
        commits::commit(self.app(), &key, ended.to_string().as_bytes()).await.unwrap();
    }

    /// Answers the assessment, with this many of the four items right; takes ten minutes.
    pub(crate) async fn answer(&self, registration: &Registration, attempt: u32, right: usize) {
        let assessment = self.version.document.assessment.as_ref().unwrap();
        let items = assessment.items.iter().enumerate();
        let responses: Responses = items
            .map(|(n, item)| {
                let wrong = item.choices.iter().find(|choice| !item.correct.contains(&choice.id)).unwrap();
                let chosen = if n < right { item.correct.iter().cloned().collect() } else { [wrong.id.clone()].into() };
                (item.id.clone(), chosen)
            })
            .collect();
        self.after(10);
        let graded = grade(assessment, &responses).unwrap();
        self.record(registration, graded.events(attempt, 600)).await;
    }

    /// Reads the feedback and fills in the evaluation.
    pub(crate) async fn finish(&self, registration: &Registration, attempt: u32) {
        self.after(1);
        let answers = vec![EvaluationAnswer { item: "e1".into(), response: "5".to_owned() }];
        self.record(registration, vec![Event::FeedbackShown { attempt }, Event::Evaluated { answers }]).await;
    }

    pub(crate) async fn claim(&self, registration: &Registration, amount: Credits) {
        self.after(1);
        self.record(registration, vec![Event::Claimed { offering: "ama".into(), amount, attested: true }]).await;
    }

    /// All that a learner does for credit.
    pub(crate) async fn complete(&self, registration: &Registration) {
        self.play(registration).await;
        self.answer(registration, 1, 3).await;
        self.finish(registration, 1).await;
        self.claim(registration, Credits(75)).await;
    }

    pub(crate) async fn decide(&self, id: RegistrationId) {
        decisions::decide(self.app(), id).await.unwrap();
    }

    /// A physician who has earned credit.
    pub(crate) async fn credited(&self, name: &str) -> (Registration, CreditRecord) {
        let registration = self.register(name).await;
        self.complete(&registration).await;
        self.decide(registration.id).await;
        let mut records = self.credits(&registration).await;
        assert_eq!(records.len(), 1, "{:#?}", self.standing(&registration).await.offerings[0].decision);
        (registration, records.remove(0))
    }

    /// What one person proposes and another approves.
    pub(crate) async fn by_two(&self, registration: &Registration, act: HandAct) -> Result<Proposal, proposals::Error> {
        let (one, other) = self.coordinators().await;
        let proposed = proposals::propose(self.app(), registration.id, act, &one, "It was somebody else's.").await?;
        proposals::approve(self.app(), proposed.id, &other, "Seen on the sign-in sheet.").await
    }

    /// Two people of the office.
    pub(crate) async fn coordinators(&self) -> (Account, Account) {
        (self.account("Robin", Profession::Other).await, self.account("Casey", Profession::Other).await)
    }

    pub(crate) async fn credits(&self, registration: &Registration) -> Vec<CreditRecord> {
        credits::of_registration(self.app(), registration.id).await.unwrap()
    }

    pub(crate) async fn standing(&self, registration: &Registration) -> RegistrationStatus {
        registrations::status(self.app(), registration.id).await.unwrap()
    }

    pub(crate) async fn ama(&self, registration: &Registration) -> OfferingStatus {
        self.standing(registration).await.offerings.remove(0)
    }

    /// What `enduring verify` says differs.
    pub(crate) async fn differences(&self) -> Vec<String> {
        let report = verification::verify(self.app()).await.unwrap();
        report.differences.into_iter().map(|difference| difference.message).collect()
    }

    /// What `enduring verify --everything` says differs, while the server runs.
    pub(crate) async fn all_differences(&self) -> Vec<String> {
        let config = (*self.app().config).clone();
        let (app, archive) = App::open_to_read(config, self.app().clock.clone()).await.unwrap();
        let report = verify_everything(&app, &*archive, &Anchors::default(), &|_| {}).await.unwrap();
        app.close().await.unwrap();
        report.differences.into_iter().map(|difference| difference.message).collect()
    }
}
