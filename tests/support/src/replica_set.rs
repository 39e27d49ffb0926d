//! A real MongoDB replica set on this machine, for as long as a test needs it.

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::LazyLock;

/// The set that most tests share, each with a separate database. It ends with this process.
static SHARED: LazyLock<ReplicaSet> = LazyLock::new(|| ReplicaSet::of(1));

/// Servers that `scripts/replica-set` started. They end when this is dropped, or with this process.
pub struct ReplicaSet {
    /// The URL, which names every member.
    pub url: String,
    /// The port of each member.
    pub members: Vec<u16>,
    /// The file of the authority that signed the servers' certificate, if they accept only TLS.
    pub authority: Option<String>,
    script: Child,
    output: BufReader<ChildStdout>,
}

impl ReplicaSet {
    /// Starts a new set with this many members.
    pub fn of(members: usize) -> Self {
        Self::with(&[&members.to_string()])
    }

    /// Starts a new set with these arguments of `scripts/replica-set`.
    pub fn with(arguments: &[&str]) -> Self {
        Self::start_script(arguments).unwrap()
    }

    /// Starts a new set whose server is too old for the product. If no such server can run here, reports that the test is
    /// skipped.
    pub fn too_old() -> Option<Self> {
        Self::start_script(&["--old"]).inspect_err(|reason| crate::skipped(reason)).ok()
    }

    /// Starts a new set, or returns why it cannot run on this machine.
    fn start_script(arguments: &[&str]) -> Result<Self, String> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/replica-set");
        let mut script =
            Command::new(script).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(script.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
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
            output,
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

    /// Stops a member, and returns when it has ended.
    pub fn stop(&mut self, member: u16) {
        self.order("stop", member);
    }

    /// Starts a member again, on its data.
    pub fn start(&mut self, member: u16) {
        self.order("start", member);
    }

    /// Makes a member hang: its connections stay open, but it does not respond.
    pub fn pause(&mut self, member: u16) {
        self.order("pause", member);
    }

    /// Lets a member continue that hangs.
    pub fn resume(&mut self, member: u16) {
        self.order("resume", member);
    }

    fn order(&mut self, what: &str, member: u16) {
        writeln!(self.script.stdin.as_mut().unwrap(), "{what} {member}").unwrap();
        let mut reply = String::new();
        self.output.read_line(&mut reply).unwrap();
        assert_eq!(reply.trim(), format!("{what} {member}"));
    }
}

impl Drop for ReplicaSet {
    fn drop(&mut self) {
        // When its input ends, the script stops its servers and ends.
        drop(self.script.stdin.take());
        self.script.wait().unwrap();
    }
}
