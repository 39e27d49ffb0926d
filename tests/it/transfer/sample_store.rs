//! A store with every kind of data, from which several tests copy.

use crate::harness::status_and_json;
use crate::privacy::scene::{Scene, sent};
use base::hash::Sha256;
use enduring::service::playing::launches;
use enduring::service::upkeep::installation;
use reqwest::Method;
use runtime::Mode;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tempfile::TempDir;

/// Statements beside those of learners: enough for many pages.
const MANY: usize = 2000;

/// A directory in which `data` is a store that nobody has open.
pub(super) struct SampleStore {
    directory: TempDir,
    /// What it is a copy of, so that all who have one have copies of the same.
    _original: Option<Arc<SampleStore>>,
}

impl SampleStore {
    /// The one of which all are copies.
    fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<SampleStore>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let made = std::thread::spawn(|| actix_web::rt::System::new().block_on(fill())).join().unwrap();
            let made = Arc::new(Self { directory: made, _original: None });
            *shared = Arc::downgrade(&made);
            made
        })
    }

    /// A separate copy for one test. All are of the same installation, since they are copied file by file.
    pub(super) fn own() -> Self {
        let (shared, own) = (Self::shared(), tempfile::tempdir().unwrap());
        copy_files(&shared.data(), &own.path().join("data"));
        Self { directory: own, _original: Some(shared) }
    }

    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(super) fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }
}

/// The name of a directory or file, as an argument.
pub(super) fn name(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn copy_files(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if path.is_dir() { copy_files(&path, &to) } else { std::fs::copy(&path, &to).map(drop).unwrap() }
    }
}

/// Two learners with credits, one of them erased; voided statements, references, attachments, documents; a session whose
/// silence is due to be noticed; and many statements.
async fn fill() -> TempDir {
    let scene = Scene::open().await;
    installation::confirm_address(scene.app()).await.unwrap();
    scene.send(&sent(&scene.registration)).await;
    scene.erase().await;
    let launched = scene.office.register("Cy Curious").await;
    scene.office.play(&launched).await;
    // Finer than MongoDB keeps a time.
    scene.office.at("2026-03-02T09:00:00.123456[America/New_York]");
    let begun = launches::launch(scene.app(), launched.id, None, Mode::Normal, None).await.unwrap();
    let token = crate::harness::player::load_key(scene.app(), &begun.url).await;
    let said = json!({"sequence": 1, "initialized": true, "cmi": {"core": {"lesson_status": "incomplete"}}});
    enduring::service::playing::commits::commit(scene.app(), &token, said.to_string().as_bytes()).await.unwrap();
    refer_and_void(&scene).await;
    attach(&scene).await;
    keep_documents(&scene).await;
    for from in (0..MANY).step_by(500) {
        scene.send(&(from..from + 500).map(statement).collect()).await;
    }
    let config = (*scene.app().config).clone();
    let data = scene.office.test.stop().await;
    if !config.store.is_empty() {
        // These tests name their engines, whichever the others run on.
        super::done(data.path(), &["copy", "--from", &config.store, "--to", "data"]);
    }
    data
}

fn statement(n: usize) -> Value {
    json!({
        "actor": {"account": {"homePage": "https://campus.example", "name": format!("learner-{}", n % 50)}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"},
        "object": {"id": format!("https://campus.example/units/{}", n % 40)},
        "result": {"extensions": {"https://campus.example/n": n, "https://campus.example/exact": "a\u{1f}b \u{1F600}"}},
    })
}

/// Of all pairs the later one first, too.
async fn refer_and_void(scene: &Scene) {
    let ids: Vec<String> = (0..3).map(|_| base::ids::random().to_string()).collect();
    let about = |id: &str, verb: &str| {
        let target = json!({"objectType": "StatementRef", "id": id});
        json!({"actor": {"mbox": "mailto:bo@hospital.example"}, "verb": {"id": verb}, "object": target})
    };
    let voids = "http://adlnet.gov/expapi/verbs/voided";
    let with_id = |n: usize| {
        let mut statement = statement(n);
        statement["id"] = json!(ids[n]);
        statement
    };
    scene.send(&json!([about(&ids[1], voids), about(&ids[2], "https://elsewhere.example/commented")])).await;
    scene.send(&json!([with_id(0), with_id(1), with_id(2)])).await;
    scene.send(&json!([about(&ids[0], voids)])).await;
}

async fn attach(scene: &Scene) {
    let file: String = "a file of more than a mebibyte\n".repeat(50_000);
    let mut statement = statement(7);
    statement["attachments"] = json!([{
        "usageType": "https://example.com/usage", "display": {"en": "A file"}, "contentType": "text/plain",
        "length": file.len(), "sha2": Sha256::of(&file).to_string(),
    }]);
    let body = format!(
        "--edge\r\nContent-Type: application/json\r\n\r\n{statement}\r\n--edge\r\nContent-Type: text/plain\r\n\
         Content-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {}\r\n\r\n{file}\r\n--edge--",
        Sha256::of(&file)
    );
    let request = scene.ask(Method::POST, "/statements").header("Content-Type", "multipart/mixed; boundary=edge");
    let (status, answer) = status_and_json(request.body(body).send().await.unwrap()).await;
    assert_eq!(status, 200, "{answer}");
}

async fn keep_documents(scene: &Scene) {
    let agent = json!({"mbox": "mailto:bo@hospital.example"}).to_string();
    for n in 0..300 {
        let (id, text) = (format!("state-{n}"), format!("where {n} was"));
        let query = [("activityId", "https://elsewhere.example/course"), ("agent", &agent), ("stateId", &id)];
        let request = scene.ask(Method::PUT, "/activities/state").query(&query).header("Content-Type", "text/plain");
        assert_eq!(request.body(text).send().await.unwrap().status(), 204);
    }
    let query = [("agent", agent.as_str()), ("profileId", "p")];
    let request = scene.ask(Method::PUT, "/agents/profile").query(&query).header("If-None-Match", "*");
    let request = request.header("Content-Type", "application/json").body("{\"a\": 1}");
    assert_eq!(request.send().await.unwrap().status(), 204);
}
