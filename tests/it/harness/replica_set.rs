//! A real MongoDB replica set on this machine, for as long as a test needs it.

use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

/// The one that most tests share, each with a database of its own. It ends with this process.
static SHARED: LazyLock<ReplicaSet> = LazyLock::new(|| ReplicaSet::of(1));

/// Servers that `scripts/replica-set` started. They end when this is dropped, or with this process.
pub struct ReplicaSet {
    /// Names every member.
    pub url: String,
    script: Child,
}

impl ReplicaSet {
    /// A new one with this many members.
    pub fn of(members: usize) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/replica-set");
        let mut command = Command::new(script);
        command.arg(members.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut script = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(script.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).expect("scripts/replica-set says why it failed");
        Self { url: said["url"].as_str().unwrap().to_owned(), script }
    }

    /// The URL of a database that nobody else uses, on the set that tests share.
    pub fn database() -> String {
        SHARED.new_database()
    }

    /// The URL of a database that nobody else uses, on this set.
    pub fn new_database(&self) -> String {
        self.url.replace("/?", &format!("/test_{}?", enduring::ids::random().simple()))
    }
}

impl Drop for ReplicaSet {
    fn drop(&mut self) {
        // The end of its input ends the script and every server of it.
        drop(self.script.stdin.take());
        self.script.wait().unwrap();
    }
}
