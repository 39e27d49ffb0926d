//! The program as users start it.

use enduring::config::Config;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

/// How long the program may take until it listens.
const START: Duration = Duration::from_mins(1);

/// The built program, serving on free ports from its own temporary directory; on the store that this run of the tests is for.
///
/// At the end of the test its log must contain no error and no panic.
pub struct BinApp {
    /// The app's origin, without a slash at the end.
    pub url: String,
    /// The content origin, without a slash at the end.
    pub content_url: String,
    /// What it wrote to the standard output up to its readiness.
    pub banner: String,
    flags: Vec<String>,
    /// As `ENDURING_STORE` says it; empty for the embedded one.
    store: String,
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
    directory: TempDir,
}

impl BinApp {
    /// `enduring serve --no-demo`.
    pub fn start() -> Self {
        Self::with(&["--no-demo"])
    }

    /// `enduring serve` with these flags; where it listens and where its data are is set already.
    pub fn with(flags: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let flags: Vec<_> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        let log = Arc::default();
        let store = super::store::fresh();
        let child = serve(directory.path(), &store, &flags, ["127.0.0.1:0", "127.0.0.1:0"]);
        let (child, listening) = listening(child, &log);
        let [url, content_url] = ["app", "content"].map(|origin| listening.line[origin].as_str().unwrap().to_owned());
        Self { url, content_url, banner: listening.banner, flags, store, child, log, directory }
    }

    /// The directory in which it runs; its data are in `data` there.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// SIGKILL: the process ends at whatever instruction it is.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and the status with which it ends.
    pub fn terminate(&mut self) -> ExitStatus {
        let sent = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap()
    }

    /// Starts it again after [`Self::kill`] or [`Self::terminate`], on the same data and the same ports.
    pub fn restart(&mut self) {
        let listen = [&self.url, &self.content_url].map(|url| format!("127.0.0.1:{}", port(url)));
        let child = serve(self.directory.path(), &self.store, &self.flags, [&listen[0], &listen[1]]);
        let (child, listening) = listening(child, &self.log);
        assert_eq!(listening.line["app"], self.url);
        self.child = child;
    }

    /// Runs another command of the program on the same data, and waits for its end.
    pub fn command(&self, arguments: &[&str]) -> Output {
        let mut command = program(self.directory.path());
        command.env("ENDURING_STORE", &self.store);
        command.args(arguments).args(["--data", "data"]).output().unwrap()
    }

    /// The largest part of memory that it has had for itself so far, in KiB.
    pub fn peak_kib(&self) -> u64 {
        super::peak_of(self.child.id()).unwrap()
    }

    /// The configuration for another process on the same data.
    pub fn config(&self) -> Config {
        let said = [
            ("data", self.directory().join("data").display().to_string()),
            ("store", self.store.clone()),
            ("url", self.url.clone()),
            ("content_url", self.content_url.clone()),
        ];
        Config::load(None, [], &said).unwrap()
    }

    /// Takes the lines of the log so far that contain `part` for granted: the test has caused them.
    pub fn expect_in_log(&self, part: &str) {
        let mut log = self.log.lock().unwrap();
        assert!(log.iter().any(|line| line.contains(part)), "{part:?} is not in the log");
        log.retain(|line| !line.contains(part));
    }

    /// The lines of the log so far.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for BinApp {
    fn drop(&mut self) {
        // The test may have ended it already.
        let _ended = self.child.kill().is_ok() && self.child.wait().is_ok();
        if !std::thread::panicking() {
            let bad: Vec<_> = self.log().into_iter().filter(|line| is_bad(line)).collect();
            assert!(bad.is_empty(), "the log holds errors:\n{}", bad.join("\n"));
        }
    }
}

/// An error, or a line that is no log line at all, such as a panic's.
fn is_bad(line: &str) -> bool {
    serde_json::from_str::<Value>(line).map_or(true, |line| line["level"] == "ERROR")
}

struct Listening {
    line: Value,
    banner: String,
}

/// The program, in `directory`, independent of the settings of the person who runs the tests.
pub fn program(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_enduring"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ENDURING_")) {
        command.env_remove(name);
    }
    command.current_dir(directory).env("ENDURING_LOG_FORMAT", "json").env("ENDURING_WORKERS", "2");
    command
}

fn serve(directory: &Path, store: &str, flags: &[String], listen: [&str; 2]) -> Child {
    let mut command = program(directory);
    command.env("ENDURING_STORE", store);
    command.arg("serve").args(["--data", "data", "--listen", listen[0], "--content-listen", listen[1]]).args(flags);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits until the program has said that it listens.
fn listening(mut child: Child, log: &Arc<Mutex<Vec<String>>>) -> (Child, Listening) {
    let (to_line, line) = channel();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    let log = Arc::clone(log);
    std::thread::spawn(move || {
        for text in stderr.lines().map_while(Result::ok) {
            if let Some(line) = serde_json::from_str::<Value>(&text).ok().filter(|line| line["message"] == "listening")
            {
                to_line.send(line).unwrap();
            }
            log.lock().unwrap().push(text);
        }
    });
    let banner = read_banner(&mut child);
    let line = line.recv_timeout(START).unwrap_or_else(|_| panic!("the program did not start"));
    let banner = banner.recv_timeout(START).unwrap_or_default();
    (child, Listening { line, banner })
}

/// The standard output up to the empty line that ends the banner; what follows is read and dropped.
fn read_banner(child: &mut Child) -> Receiver<String> {
    let (to_banner, banner) = channel();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || {
        let mut text = String::new();
        while stdout.read_line(&mut text).is_ok_and(|read| read > 1) {}
        to_banner.send(text).ok();
        std::io::copy(&mut stdout, &mut std::io::sink()).ok();
    });
    banner
}

fn port(url: &str) -> u16 {
    let authority = url.rsplit_once("//").unwrap().1.replace("localhost", "127.0.0.1");
    authority.parse::<SocketAddr>().unwrap().port()
}
