//! A disk without space: whatever writes says so, what reads goes on, and so does everything once there is space.

use crate::harness::store::on_mongodb;
use crate::harness::{BinApp, Player, skipped, status_and_json};
use crate::learner::{ACTIVITY, Person};
use base::hash::Sha256;
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A small file system of its own, which ends with this value.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` where the tests may not mount one.
    fn at(path: &Path) -> Option<Self> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"]).arg(path).output();
        mounted.is_ok_and(|done| done.status.success()).then(|| Self(path.to_owned()))
    }

    /// Takes what space is left, to the last byte.
    fn fill(&self) {
        let mut file = std::fs::File::options().create(true).append(true).open(self.filler()).unwrap();
        for size in [65_536, 4096, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn free(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the program may still have its files open.
        let _unmounted = Command::new("umount").arg("-l").arg(&self.0).status().is_ok();
    }
}

struct Caller {
    url: String,
    key: String,
    secret: String,
    http: reqwest::Client,
}

impl Caller {
    fn of(app: &BinApp) -> Self {
        let made = app.command(&["credential", "create", "--name", "full", "--scope", "all", "--json"]);
        let made: Value = serde_json::from_slice(&made.stdout).unwrap();
        let text = |member: &str| made[member].as_str().unwrap().to_owned();
        Self { url: app.url.clone(), key: text("key"), secret: text("secret"), http: crate::harness::client() }
    }

    async fn send(&self, method: reqwest::Method, path: &str, kind: &str, body: Vec<u8>) -> (u16, Value) {
        let request =
            self.http.request(method, format!("{}{path}", self.url)).basic_auth(&self.key, Some(&self.secret));
        let request = request.header("X-Experience-API-Version", "2.0.0").header("If-None-Match", "*");
        status_and_json(request.header("Content-Type", kind).body(body).send().await.unwrap()).await
    }

    /// One of each request that stores something large, by its name.
    async fn each(&self, run: u8) -> Vec<(&'static str, (u16, Value))> {
        use reqwest::Method;
        let large = "x".repeat(300_000);
        let statement = |attachments: Value| {
            json!({
                "actor": {"mbox": "mailto:a@b.example"}, "verb": {"id": "v:1"}, "object": {"id": format!("a:{run}")},
                "result": {"response": large}, "attachments": attachments,
            })
        };
        let file = format!("{run}{}", "y".repeat(2_000_000));
        let attachment = json!([{
            "usageType": "https://example.com/usage", "display": {"en": "A file"}, "contentType": "text/plain",
            "length": file.len(), "sha2": Sha256::of(&file).to_string(),
        }]);
        let parts = format!(
            "--edge\r\nContent-Type: application/json\r\n\r\n{}\r\n--edge\r\nContent-Type: text/plain\r\n\
             Content-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {}\r\n\r\n{file}\r\n--edge--",
            statement(attachment),
            Sha256::of(&file)
        );
        let state = format!(
            "/xapi/activities/state?activityId=a%3A1&stateId=s{run}&agent=%7B%22mbox%22%3A%22mailto%3Aa%40b.example%22%7D"
        );
        let package = [b"PK\x03\x04".to_vec(), file.clone().into_bytes()].concat();
        let json = "application/json";
        vec![
            (
                "statement",
                self.send(Method::POST, "/xapi/statements", json, statement(json!([])).to_string().into()).await,
            ),
            (
                "attachment",
                self.send(Method::POST, "/xapi/statements", "multipart/mixed; boundary=edge", parts.into()).await,
            ),
            ("document", self.send(Method::PUT, &state, "text/plain", file.into_bytes()).await),
            ("package", self.send(Method::POST, "/api/v1/packages", "application/zip", package).await),
        ]
    }
}

#[actix_web::test]
async fn whatever_stores_something_says_507_and_goes_on_when_there_is_space() {
    if on_mongodb() {
        return skipped("the disk that is full here is that of a directory");
    }
    let mut app = BinApp::with(&["--demo"]);
    app.terminate();
    let Some(disk) = SmallDisk::at(&app.directory().join("data")) else {
        return skipped("a small file system cannot be mounted here");
    };
    app.restart();
    let caller = Caller::of(&app);
    let person = Person::demo_at(&app.url, "learner").await;
    let registration = person.begin(ACTIVITY).await;
    let player = Player::open(&person.get(&format!("{registration}/play")).await.location).await;
    player.see_content().await;
    let mut sequence = 0;
    let mut commit = async || {
        sequence += 1;
        let cmi =
            json!({"cmi.core.lesson_status": "incomplete", "cmi.suspend_data": format!("{sequence}").repeat(3000)});
        player.post("commit", &json!({"sequence": sequence, "initialized": true, "cmi": cmi})).await
    };
    assert_eq!(commit().await.0, 200);

    disk.fill();
    for (what, (status, problem)) in caller.each(1).await {
        assert_eq!((status, &problem["code"]), (507, &json!("no-room")), "{what}: {problem}");
        assert!(problem["detail"].as_str().unwrap().contains("no disk space"), "{what}: {problem}");
    }
    // What is small may find room in what the log has been given already, until that is used up.
    let mut refused = (200, Value::Null);
    for _ in 0..2000 {
        disk.fill();
        refused = commit().await;
        if refused.0 != 200 {
            break;
        }
    }
    assert_eq!((refused.0, &refused.1["code"]), (507, &json!("no-room")), "{}", refused.1);
    let begun = Person::visitor(&app.url).post("/demo/nurse", &[]).await;
    assert_eq!(begun.status, 507, "{}", begun.html);
    begun.shows("no disk space left");
    let get = async |path: &str| caller.http.get(format!("{}{path}", app.url)).send().await.unwrap().status().as_u16();
    assert_eq!((get("/healthz").await, get("/readyz").await), (200, 503));
    // Nothing is lost, and what is there can be read.
    person.get(&registration).await.shows("Steps to earn credit");
    let (status, _) = caller.send(reqwest::Method::GET, "/xapi/statements", "application/json", Vec::new()).await;
    assert_eq!(status, 200);

    disk.free();
    assert_eq!(commit().await.0, 200);
    for (what, (status, answer)) in caller.each(2).await {
        let expected = if what == "document" {
            204
        } else if what == "package" {
            422
        } else {
            200
        };
        assert_eq!(status, expected, "{what}: {answer}");
    }
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    assert_eq!(get("/readyz").await, 200);
    let verified = app.command(&["verify", "--everything"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    assert_eq!(app.terminate().code(), Some(0));
    app.expect_in_log("no disk space left");
}
