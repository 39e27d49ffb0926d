//! Playing: the content origin, the commit contract, and real packages in a real browser.

mod cases;
mod commits;
mod definitions;
mod files;
mod golf;
mod isolation;
mod loads;
mod packages;
mod round_trips;
mod values;
mod visits;
mod windows;

use crate::harness::{Player, TestApp};
use credit::Event;
use enduring::service::RegistrationId;
use enduring::service::catalogue::{activities, packages as imports};
use enduring::service::learning::registrations;
use enduring::service::people::accounts::{self, Person};
use enduring::service::playing::launches;
use enduring::service::{Account, AccountIssuer, ActivityVersion, PackageVersionId, Profession, Registration, Role};
use runtime::Mode;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;
use store::{Commit, Scan};
use xapi::token;

/// A SCORM 1.2 manifest with these items: `(identifier, scormtype, href, more XML in the item)`.
fn manifest(items: &[(&str, &str, &str, &str)]) -> String {
    let tree: Vec<String> = items
        .iter()
        .map(|(id, _, _, more)| {
            format!(r#"<item identifier="{id}" identifierref="R-{id}"><title>{id}</title>{more}</item>"#)
        })
        .collect();
    let resources: Vec<String> = items
        .iter()
        .map(|(id, kind, href, _)| {
            format!(r#"<resource identifier="R-{id}" type="webcontent" adlcp:scormtype="{kind}" href="{href}"/>"#)
        })
        .collect();
    let (tree, resources) = (tree.concat(), resources.concat());
    format!(
        r#"<?xml version="1.0"?><manifest identifier="M" version="1" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
        xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"><metadata><schema>ADL SCORM</schema>
        <schemaversion>1.2</schemaversion></metadata><organizations default="O"><organization identifier="O">
        <title>Test</title>{tree}</organization></organizations><resources>{resources}</resources></manifest>"#
    )
}

/// A zip of these files.
fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// One SCO with a mastery score of 80, with files beside it.
fn one_sco(more: &[(&str, &[u8])]) -> Vec<u8> {
    let mastery = "<adlcp:masteryscore>80</adlcp:masteryscore>";
    let manifest = manifest(&[("ITEM-1", "sco", "index.html", mastery)]);
    let page: &[u8] = b"<!doctype html><title>SCO</title><p>A page.</p>";
    let mut files: Vec<(&str, &[u8])> = vec![("imsmanifest.xml", manifest.as_bytes()), ("index.html", page)];
    files.extend(more);
    zipped(&files)
}

async fn import(app: &TestApp, zip: &[u8]) -> PackageVersionId {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(zip).unwrap();
    import_file(app, file.path()).await
}

async fn import_file(app: &TestApp, path: &Path) -> PackageVersionId {
    imports::import(&app.app, path, None, "test").await.unwrap().version.id
}

/// A learner, registered for an activity that is nothing but this package, who has read its front matter.
async fn enrol(app: &TestApp, package: PackageVersionId) -> Registration {
    enrol_as(app, package, "learner").await
}

/// The same, with this subject of the learner.
async fn enrol_as(app: &TestApp, package: PackageVersionId, subject: &str) -> Registration {
    let person = Person {
        issuer: AccountIssuer::Portal("test".to_owned()),
        subject: subject.to_owned(),
        name: "Avery Learner".to_owned(),
        family_name: String::new(),
        given_name: String::new(),
        profession: Profession::Physician,
        roles: BTreeSet::from([Role::Learner]),
    };
    let account = accounts::find_or_create(&app.app, &person).await.unwrap();
    enrol_account(app, package, &account).await
}

async fn enrol_account(app: &TestApp, package: PackageVersionId, account: &Account) -> Registration {
    let version = publish(app, package).await;
    let registration = registrations::register(&app.app, &version.activity, account).await.unwrap();
    let shown = Event::Informed { shown: BTreeSet::new(), document: version.sha256 };
    registrations::record(&app.app, &registration, vec![shown], Commit::default()).await.unwrap();
    registration
}

/// An activity that is nothing but this package.
async fn publish(app: &TestApp, package: PackageVersionId) -> ActivityVersion {
    let version = imports::get(&app.app, package).await.unwrap();
    let items: Vec<&str> = version.package.launchable().map(|item| item.id).collect();
    let mut document: Value = serde_json::from_str(include_str!("../../../fixtures/activity/complete.json")).unwrap();
    document["id"] = json!(format!("activity-{package}"));
    document["package"] = json!({"id": package});
    document["required_items"] = json!(items);
    activities::publish(&app.app, document.to_string().as_bytes(), None, "test").await.unwrap()
}

/// The address of a launch.
async fn launch(app: &TestApp, registration: RegistrationId, item: Option<&str>) -> String {
    launches::launch(&app.app, registration, item, Mode::Normal, None).await.unwrap().url
}

/// The page of a launch, opened when it is first needed, as one browser has it.
async fn page(here: &str) -> Player {
    static OPENED: Mutex<BTreeMap<String, Player>> = Mutex::new(BTreeMap::new());
    let known = OPENED.lock().unwrap().get(here).cloned();
    if let Some(player) = known {
        return player;
    }
    let player = Player::open(here).await;
    OPENED.lock().unwrap().insert(here.to_owned(), player.clone());
    player
}

/// Status and body of the response to a commit.
async fn commit(_: &TestApp, here: &str, body: Value) -> (u16, Value) {
    page(here).await.post("commit", &body).await
}

async fn post(_: &TestApp, here: &str, address: &str, body: Value) -> (u16, Value) {
    page(here).await.post(address, &body).await
}

/// The verbs of the statements that the run-time wrote about this registration, oldest first, with what they are about:
/// `completed ITEM-1`, or `completed` alone for the whole.
async fn recorded(app: &TestApp, registration: RegistrationId) -> Vec<String> {
    statements(app, registration).await.iter().map(said).collect()
}

fn said(statement: &Value) -> String {
    let verb = statement["verb"]["display"]["en"].as_str().unwrap();
    match statement["context"]["extensions"]["https://w3id.org/enduring/extensions/item"].as_str() {
        Some(item) => format!("{verb} {item}"),
        None => verb.to_owned(),
    }
}

/// The run-time's statements about this registration, oldest first.
async fn statements(app: &TestApp, registration: RegistrationId) -> Vec<Value> {
    let scan = Scan::everything(vec![token::registration(registration.0)], 1000);
    let stored = app.app.store.scan(&app.app.provider, scan).await.unwrap();
    let all = stored.iter().map(|stored| serde_json::from_slice::<Value>(&stored.bytes).unwrap());
    let ours = |statement: &Value| {
        statement["context"]["contextActivities"]["category"]
            .as_array()
            .is_some_and(|categories| categories.iter().any(|category| category["id"] == "https://w3id.org/xapi/scorm"))
    };
    all.filter(ours).collect()
}
