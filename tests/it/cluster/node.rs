//! One process of several that serve the same database.

use super::portal;
use crate::harness;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How all of them are reached, as a balancer in front of them would say.
pub(super) const URL: &str = "http://cluster.example";
pub(super) const CONTENT_URL: &str = "http://content.example";

/// How often a process is started before its supervisor gives up.
const STARTS: usize = 10;

pub struct Node {
    /// Where this one listens.
    pub address: String,
    /// Where its content origin does.
    pub(super) content: String,
    flags: Vec<String>,
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
    directory: TempDir,
}

impl Node {
    /// Serves `database`, on other ports when somebody was quicker to take one that was free.
    pub fn start(database: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        portal::configure(&directory.path().join("enduring.toml"), &portal::known());
        let log = Arc::default();
        for _ in 0..STARTS {
            let [listen, content] = [free_port(), free_port()].map(|port| format!("127.0.0.1:{port}"));
            let flags = [
                ("--store", database),
                ("--listen", &listen),
                ("--content-listen", &content),
                ("--url", URL),
                ("--content-url", CONTENT_URL),
            ];
            let flags: Vec<String> =
                flags.into_iter().flat_map(|(name, value)| [name.to_owned(), value.to_owned()]).collect();
            match serve(directory.path(), &flags, &log) {
                Ok(child) => {
                    let [address, content] = [listen, content].map(|at| format!("http://{at}"));
                    return Self { address, content, flags, child, log, directory };
                }
                Err(last) => assert!(last.contains("Address already in use"), "the program did not start: {last}"),
            }
        }
        panic!("no port stays free");
    }

    /// The fields of each line of its log so far that has this message.
    pub(super) fn logged(&self, message: &str) -> Vec<Value> {
        let lines = self.log.lock().unwrap();
        let lines = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|line| line["message"].as_str().is_some_and(|said| said.contains(message))).collect()
    }

    /// Each line of its log so far that has these words anywhere.
    pub(super) fn log_lines(&self, words: &str) -> Vec<String> {
        self.log.lock().unwrap().iter().filter(|line| line.contains(words)).cloned().collect()
    }

    /// The same, once there is one: a response can arrive before the line about it.
    pub(super) async fn wait_for_log_line(&self, words: &str) -> Vec<String> {
        let began = Instant::now();
        while self.log_lines(words).is_empty() {
            assert!(began.elapsed() < Duration::from_mins(1), "the log does not say {words}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.log_lines(words)
    }

    /// SIGKILL, and immediately another process in its place; and again, as a supervisor does, when there was no primary for it.
    pub(super) fn replace(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let passing = ["try again in a few seconds", "no primary", "Address already in use"];
        let again = |last: &str| passing.iter().any(|words| last.contains(words));
        self.child = (0..STARTS)
            .find_map(|_| match serve(self.directory.path(), &self.flags, &self.log) {
                Ok(child) => Some(child),
                Err(last) if again(&last) => None,
                Err(last) => panic!("the program did not start: {last}"),
            })
            .expect("it does not start, however often it is tried");
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill().is_ok() && self.child.wait().is_ok();
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if std::thread::panicking() {
            let errors = log.iter().filter(|line| line.contains("\"ERROR\""));
            errors.take(10).for_each(|line| println!("{}: {line}", self.address));
        } else {
            let strange: Vec<_> = log.iter().filter(|line| serde_json::from_str::<Value>(line).is_err()).collect();
            assert!(strange.is_empty(), "a panic, or a line that is no log line: {strange:?}");
        }
    }
}

/// Starts the program, and waits until it listens; or returns its last words, which are not a line of its log.
fn serve(directory: &std::path::Path, flags: &[String], log: &Arc<Mutex<Vec<String>>>) -> Result<Child, String> {
    let mut command = harness::program(directory);
    command.arg("serve").args(["--data", "data", "--demo"]).args(flags);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    let (told, heard) = channel();
    let log = Arc::clone(log);
    std::thread::spawn(move || {
        let mut last_words = "it said nothing".to_owned();
        for line in stderr.lines().map_while(Result::ok) {
            if line.contains("\"listening\"") {
                // Whoever waited may have given up.
                let _heard = told.send(Ok(()));
            }
            if line.starts_with("enduring: ") {
                last_words = line;
            } else {
                log.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        }
        let _heard = told.send(Err(last_words));
    });
    let started = heard.recv_timeout(Duration::from_mins(1)).unwrap_or_else(|_| Err("it does not listen".to_owned()));
    if started.is_err() {
        // It may have ended already.
        let _ended = child.kill().is_ok() && child.wait().is_ok();
    }
    started.map(|()| child)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
