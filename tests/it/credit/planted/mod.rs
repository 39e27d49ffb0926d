//! Someone with the files of a store changes one thing in them: `enduring verify --everything` names it, whatever it is.
//!
//! The changes are data ([`table`], and [`mongodb`] for that engine). Each is made in a copy of one small store, which is
//! prepared once and is clean. These tests choose their engine themselves.

mod mongodb;
mod table;

use super::office::Office;
use crate::harness::ReplicaSet;
use base::clock::SystemClock;
use credit::FrontMatterPart;
use enduring::config::Config;
use enduring::service::crediting::decisions;
use enduring::service::crediting::proposals::HandAct;
use enduring::service::learning::registrations;
use enduring::service::ledger::log_pages;
use enduring::service::people::credentials::{self, Scope};
use enduring::service::verification::everything::verify_everything;
use enduring::service::verification::{Anchors, Report};
use enduring::service::{App, Registration};
use rusqlite::Connection;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;

/// A store with a little of everything, and what the changes name in it.
struct Prepared {
    data: TempDir,
    url: String,
    /// What stands for `$name` in a change and in the words that must be found.
    names: BTreeMap<&'static str, String>,
}

/// How something is changed.
enum Plant {
    /// SQL on the database, with `$names`.
    Sql(&'static str),
    /// Anything else.
    Files(fn(&Path, &Prepared)),
}

/// One kind of change.
struct Change {
    what: &'static str,
    plant: Plant,
    /// Words of the finding that must be reported, with `$names`.
    found: &'static str,
}

impl Prepared {
    async fn new() -> Self {
        Box::pin(Self::prepare()).await
    }

    async fn prepare() -> Self {
        let office = Office::open().await;
        let (_, ada) = office.credited("Ada").await;
        seal(&office).await;
        let (_, bo) = office.credited("Bo").await;
        let (cys, cy) = office.credited("Cy").await;
        revoke(&office, &cys).await;
        let open = office.register("Di").await;
        let shown = FrontMatterPart::ALL.into();
        office.record(&open, vec![credit::Event::Informed { shown, document: office.version.sha256 }]).await;
        send(&office).await;
        seal(&office).await;
        let names = names(&office, [&ada, &bo, &cy], open.id.to_string()).await;
        let url = office.test.url.clone();
        let data = office.test.stop().await;
        Self { data, url, names }
    }

    fn named(&self, text: &str) -> String {
        // The longest names first, since one may begin with another.
        let mut names: Vec<_> = self.names.iter().collect();
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        names.into_iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("${name}"), value))
    }

    fn copy(&self) -> (TempDir, PathBuf) {
        let copy = tempfile::tempdir().unwrap();
        let to = copy.path().join("data");
        copy_folder(&self.data.path().join("data"), &to);
        (copy, to)
    }

    /// What is found in a data directory, or in a MongoDB database.
    async fn verify(&self, data: &Path, store: &str) -> Report {
        let mut config = Config::load(None, [], &[]).unwrap();
        config.data = data.to_owned();
        store.clone_into(&mut config.store);
        config.url.clone_from(&self.url);
        let (app, archive) = App::open_to_read(config, Arc::new(SystemClock)).await.unwrap();
        let report = verify_everything(&app, &*archive, &Anchors::default(), &|_| {}).await.unwrap();
        app.close().await.unwrap();
        report
    }

    async fn differences(&self, data: &Path) -> Vec<String> {
        messages(self.verify(data, "").await)
    }

    async fn differences_in(&self, database: &str) -> Vec<String> {
        messages(self.verify(Path::new("nowhere"), database).await)
    }

    fn plant(&self, change: &Change, data: &Path) {
        match change.plant {
            Plant::Sql(sql) => {
                let database = Connection::open(data.join("enduring.db")).unwrap();
                let sql = self.named(sql);
                let before = changed(&database);
                database.execute_batch(&sql).unwrap_or_else(|error| panic!("{}: {error}\n{sql}", change.what));
                assert_ne!(before, changed(&database), "{} changes nothing: {sql}", change.what);
            }
            Plant::Files(plant) => plant(data, self),
        }
    }
}

fn messages(report: Report) -> Vec<String> {
    report.differences.into_iter().map(|difference| difference.message).collect()
}

/// What differs after any change to the schema or the header, and how many rows were changed: a change that changes nothing is
/// no test.
fn changed(database: &Connection) -> [i64; 4] {
    let number =
        |pragma: &str| database.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0)).unwrap();
    let rows = i64::try_from(database.total_changes()).unwrap();
    [number("user_version"), number("application_id"), number("schema_version"), rows]
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).map(drop).unwrap();
        }
    }
}

/// Seals the log as it is, some minutes later.
async fn seal(office: &Office) {
    office.after(6);
    while log_pages::seal(office.app()).await.unwrap() {}
}

/// A claim is voided by two people, and the credit revoked.
async fn revoke(office: &Office, registration: &Registration) {
    let status = registrations::status(office.app(), registration.id).await.unwrap();
    let statement = status.evidence.statements.last().unwrap().id;
    office.by_two(registration, HandAct::Void { statement }).await.unwrap();
    decisions::decide(office.app(), registration.id).await.unwrap();
}

/// What programs send: statements of which one refers to another, one is voided, and a document.
async fn send(office: &Office) {
    let (credential, secret) = credentials::create(office.app(), "tool", [Scope::All].into()).await.unwrap();
    let agent = json!({"mbox": "mailto:eve@example.org"});
    let id = |n: u8| format!("00000000-0000-4000-8000-0000000000{n:02}");
    let plain = |n: u8| {
        json!({"id": id(n), "actor": agent, "verb": {"id": format!("https://example.org/verb/{n}")},
               "object": {"id": "https://example.org/activity"}, "result": {"response": format!("answer {n}")}})
    };
    let mut second = plain(2);
    second["object"] = json!({"objectType": "StatementRef", "id": id(1)});
    let mut voiding = plain(4);
    voiding["verb"]["id"] = json!("http://adlnet.gov/expapi/verbs/voided");
    voiding["object"] = json!({"objectType": "StatementRef", "id": id(3)});
    let statements = json!([plain(1), second, plain(3), voiding, plain(5), plain(6)]);
    let url = format!("{}/xapi", office.test.url);
    let authorized = |request: reqwest::RequestBuilder| {
        request.basic_auth(&credential.key, Some(&secret)).header("x-experience-api-version", "1.0.3")
    };
    let sent = authorized(office.test.client.post(format!("{url}/statements"))).json(&statements).send().await.unwrap();
    assert_eq!(sent.status(), 200, "{}", sent.text().await.unwrap());
    let profile = format!("{url}/activities/profile?activityId=https%3A%2F%2Fexample.org%2Factivity&profileId=p");
    let request = authorized(office.test.client.put(profile)).header("if-none-match", "*").body("plain text");
    let sent = request.header("content-type", "text/plain").send().await.unwrap();
    assert_eq!(sent.status(), 204, "{}", sent.text().await.unwrap());
}

/// The names of what is there.
async fn names(
    office: &Office,
    [ada, bo, cy]: [&enduring::service::ledger::credits::CreditRecord; 3],
    open: String,
) -> BTreeMap<&'static str, String> {
    let app = office.app();
    let bundle = decisions::bundle(app, ada).await.unwrap();
    let package = enduring::service::catalogue::packages::get(app, office.version.package).await.unwrap();
    let hex = |id: &str| id.replace('-', "");
    let claimed = bundle.statements.last().unwrap().id.to_string();
    let session = enduring::service::playing::history::list(app, ada.registration).await.unwrap()[0].id.to_string();
    let entry = |n: u64| format!("{n:020}");
    BTreeMap::from([
        ("ada", ada.id.to_string()),
        ("bo", bo.id.to_string()),
        ("cy", cy.id.to_string()),
        ("adareg", ada.registration.to_string()),
        ("adaacc", ada.learner.to_string()),
        ("boacc", bo.learner.to_string()),
        ("openreg", open),
        ("bundle", ada.bundle.to_string()),
        ("file", package.package.files["index.html"].sha256.to_string()),
        ("package", office.version.package.to_string()),
        ("claimed", claimed.clone()),
        ("claimedhex", hex(&claimed)),
        ("session", session),
        ("entry1", entry(1)),
        ("entry2", entry(2)),
        ("entry4", entry(4)),
        ("one", "00000000-0000-4000-8000-000000000001".to_owned()),
        ("onehex", "00000000000040008000000000000001".to_owned()),
        ("twohex", "00000000000040008000000000000002".to_owned()),
        ("threehex", "00000000000040008000000000000003".to_owned()),
        ("fourhex", "00000000000040008000000000000004".to_owned()),
        ("fivehex", "00000000000040008000000000000005".to_owned()),
        ("sixhex", "00000000000040008000000000000006".to_owned()),
        ("five", "00000000-0000-4000-8000-000000000005".to_owned()),
        ("six", "00000000-0000-4000-8000-000000000006".to_owned()),
        ("three", "00000000-0000-4000-8000-000000000003".to_owned()),
        ("two", "00000000-0000-4000-8000-000000000002".to_owned()),
    ])
}

#[actix_web::test]
async fn every_planted_change_is_named() {
    let prepared = Prepared::new().await;
    let (_copy, unchanged) = prepared.copy();
    assert_eq!(prepared.differences(&unchanged).await, Vec::<String>::new());
    let changes = table::changes();
    assert!(changes.len() >= 80, "{}", changes.len());
    let (mut unseen, mut shown) = (Vec::new(), String::new());
    for change in &changes {
        let (_copy, data) = prepared.copy();
        prepared.plant(change, &data);
        let found = prepared.differences(&data).await;
        let words = prepared.named(change.found);
        match found.iter().find(|message| message.contains(&words)) {
            Some(message) => writeln!(shown, "| {} | {message} |", change.what).unwrap(),
            None => unseen.push(format!("{} ({words}): {found:#?}", change.what)),
        }
    }
    if let Some(file) = std::env::var_os("ENDURING_PLANTED_TABLE") {
        std::fs::write(file, &shown).unwrap();
    }
    assert!(unseen.is_empty(), "{} of {} were not named:\n{}", unseen.len(), changes.len(), unseen.join("\n"));
}

/// The program itself, on a copy that nobody may write to.
fn run(data: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_enduring"));
    command.env_clear().current_dir(folder.path()).arg("verify").args(arguments).arg("--data").arg(data);
    let done = command.output().unwrap();
    (done.status.code(), String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned())
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

#[actix_web::test]
async fn the_command_names_them_too_and_leaves_the_data_alone() {
    let prepared = Prepared::new().await;
    let url = ["--url", prepared.url.as_str()];
    let (_copy, data) = prepared.copy();
    let before = files_in(&data);
    let (status, said) = run(&data, &[&url[..], &["--everything"]].concat());
    assert_eq!(status, Some(0), "{said}");
    assert_eq!(files_in(&data), before, "nothing was created or removed");
    assert!(said.contains("Examined: ") && said.contains("(0 not sealed yet)"), "{said}");
    let head = said.split("Ledger head: entry 4, ").nth(1).unwrap().lines().next().unwrap().to_owned();
    let page = said.split("Log head: page 2 (to statement ").nth(1).unwrap().split(", ").nth(1).unwrap();
    let page = page.lines().next().unwrap().to_owned();
    let key = said.split("Key: ").nth(1).unwrap().lines().next().unwrap().to_owned();
    let known = [&url[..], &["--head", &head, "--head", &page, "--key", &key]].concat();
    assert_eq!(run(&data, &known).0, Some(0));
    // The log and the ledger are rolled back to a state that they really had: only someone who knows the heads can see it.
    let rolled = "DELETE FROM record_index WHERE kind = 'log-page' AND record_key LIKE '%2';
        DELETE FROM record WHERE kind = 'log-page' AND key LIKE '%2';
        UPDATE record SET body = (SELECT CAST(json_object('page', 1, 'last', json_extract(body, '$.last'), 'hash', json_extract(body, '$.hash')) AS BLOB)
            FROM record WHERE kind = 'log-page') WHERE kind = 'log-end';
        DELETE FROM record WHERE kind = 'ledger-entry' AND key = '$entry4';
        DELETE FROM record_index WHERE kind = 'ledger-entry' AND record_key = '$entry4';
        UPDATE record SET body = (SELECT CAST(json_object('number', 3, 'hash', json_extract(body, '$.hash')) AS BLOB)
            FROM record WHERE kind = 'ledger-entry' AND key LIKE '%3') WHERE kind = 'ledger-end'";
    let database = Connection::open(data.join("enduring.db")).unwrap();
    database.execute_batch(&prepared.named(rolled)).unwrap();
    drop(database);
    let (status, said) = run(&data, &known);
    assert_eq!(status, Some(1), "{said}");
    let (_, everything) = run(&data, &[&url[..], &["--everything"]].concat());
    assert!(!everything.contains("(0 not sealed yet)"), "{everything}");
    for noted in [&head, &page] {
        let sentence = format!("No entry of the ledger and no page of the sealed log has the hash {noted}");
        assert!(said.contains(&sentence), "{said}");
    }
    let (status, said) = run(&data, &[&url[..], &["--key", "0123456789abcdef"]].concat());
    assert!(status == Some(1) && said.contains("is not one of those that you named"), "{said}");
}

#[actix_web::test]
async fn verifying_nothing_fails_and_creates_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let (status, said) = run(&missing, &[]);
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("there is no store in the directory"), "{said}");
    assert_eq!(files_in(folder.path()), Vec::<PathBuf>::new());
    std::fs::create_dir(&missing).unwrap();
    assert_eq!(run(&missing, &["--everything"]).0, Some(2));
    assert_eq!(files_in(&missing), Vec::<PathBuf>::new());
    let database = ReplicaSet::database();
    let (status, said) = run(&missing, &["--everything", "--store", &database]);
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("there is no store in the MongoDB database"), "{said}");
    let client = ::mongodb::Client::with_uri_str(&database).await.unwrap();
    let made = client.default_database().unwrap().list_collection_names().await.unwrap();
    assert_eq!(made, Vec::<String>::new());
    let office = Office::open().await;
    office.credited("Ada").await;
    let data = office.app().config.data.clone();
    let url = office.test.url.clone();
    let (status, said) = run(&data, &["--url", &url, "--provider", "another"]);
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("it has only main"), "{said}");
    // The server runs, and has the database open.
    let (status, said) = run(&data, &["--url", &url, "--everything"]);
    assert_eq!(status, Some(0), "{said}");
    let (status, said) = run(&data, &["--url", &url, "--head", "12"]);
    assert!(status == Some(2) && said.contains("64 hexadecimal digits"), "{said}");
}
