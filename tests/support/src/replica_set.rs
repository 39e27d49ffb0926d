//! A real MongoDB replica set on this machine, for as long as a test needs it.

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::LazyLock;

/// The one that most tests share, each with a database of its own. It ends with this process.
static SHARED: LazyLock<ReplicaSet> = LazyLock::new(|| ReplicaSet::of(1));

/// Servers that `scripts/replica-set` started. They end when this is dropped, or with this process.
pub struct ReplicaSet {
    /// Names every member.
    pub url: String,
    /// The port of each member.
    pub members: Vec<u16>,
    /// The file of the authority that has signed the servers' certificate, where they take TLS alone.
    pub authority: Option<String>,
    script: Child,
    answers: BufReader<ChildStdout>,
}

impl ReplicaSet {
    /// A new one with this many members.
    pub fn of(members: usize) -> Self {
        Self::with(&[&members.to_string()])
    }

    /// A new one as the arguments of `scripts/replica-set` say.
    pub fn with(arguments: &[&str]) -> Self {
        Self::start_script(arguments).unwrap()
    }

    /// A new one whose server is too old for the product. Where no such server can run, this says that the test skips.
    pub fn too_old() -> Option<Self> {
        Self::start_script(&["--old"]).inspect_err(|reason| crate::skipped(reason)).ok()
    }

    /// A new one, or why this machine cannot have it.
    fn start_script(arguments: &[&str]) -> Result<Self, String> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/replica-set");
        let mut script =
            Command::new(script).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut answers = BufReader::new(script.stdout.take().unwrap());
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).expect("scripts/replica-set says why it failed");
        if let Some(reason) = said["unavailable"].as_str() {
            script.wait().unwrap();
            return Err(reason.to_owned());
        }
        Ok(Self {
            url: said["url"].as_str().unwrap().to_owned(),
            members: serde_json::from_value(said["members"].clone()).unwrap(),
            authority: said["ca"].as_str().map(str::to_owned),
            script,
            answers,
        })
    }

    /// The URL of a database that nobody else uses, on the set that tests share.
    pub fn database() -> String {
        SHARED.new_database()
    }

    /// The URL of a database that nobody else uses, on this set.
    pub fn new_database(&self) -> String {
        self.url.replace("/?", &format!("/test_{}?", base::ids::random().simple()))
    }

    /// Ends a member, and returns when it has ended.
    pub fn stop(&mut self, member: u16) {
        self.order("stop", member);
    }

    /// Starts a member again, on its data.
    pub fn start(&mut self, member: u16) {
        self.order("start", member);
    }

    /// Has a member hang: its connections stay open, and nothing is answered on them.
    pub fn pause(&mut self, member: u16) {
        self.order("pause", member);
    }

    /// Has a member go on that hangs.
    pub fn resume(&mut self, member: u16) {
        self.order("resume", member);
    }

    fn order(&mut self, what: &str, member: u16) {
        writeln!(self.script.stdin.as_mut().unwrap(), "{what} {member}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        assert_eq!(answer.trim(), format!("{what} {member}"));
    }
}

impl Drop for ReplicaSet {
    fn drop(&mut self) {
        // The end of its input ends the script and every server of it.
        drop(self.script.stdin.take());
        self.script.wait().unwrap();
    }
}
