//! Headless Chromium under a separate chromedriver.

use fantoccini::elements::Element;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// How long a page may take to show what the test waits for.
const PATIENCE: Duration = Duration::from_secs(20);
/// The widths at which pages are looked at: a desk and a phone.
const WIDTHS: [u32; 2] = [1280, 390];

/// One person's browser, with an empty profile.
///
/// Wants `let browser = Browser::start().await;` … `browser.close().await;` at the end, which asserts that no page
/// complained in the console. A test that panics still ends the processes.
pub struct Browser {
    /// Everything that WebDriver can do.
    pub client: Client,
    driver: Driver,
    http: reqwest::Client,
    tolerated: Vec<String>,
    _profile: TempDir,
}

/// The chromedriver process; it ends its Chromium when it ends.
struct Driver {
    child: Child,
    url: String,
}

impl Browser {
    /// Starts one at 1280 by 900.
    pub async fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let driver = Driver::start();
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities(profile.path())).connect(&driver.url).await.unwrap();
        let browser = Self { client, driver, http: super::client(), tolerated: Vec::new(), _profile: profile };
        browser.resize(WIDTHS[0]).await;
        browser
    }

    /// Console messages that contain `text` are part of what this test does, such as a refused request.
    pub fn tolerate(&mut self, text: &str) {
        self.tolerated.push(text.to_owned());
    }

    /// Opens an address.
    pub async fn goto(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// The element that `css` finds, waiting for it.
    pub async fn see(&self, css: &str) -> Element {
        self.seek(Locator::Css(css)).await
    }

    /// The innermost element that shows `text`, waiting for it.
    pub async fn read(&self, text: &str) -> Element {
        assert!(!text.contains('"'), "XPath has no escapes; look for {text:?} by CSS");
        let path = format!(
            "//body//*[contains(normalize-space(.), \"{text}\")][not(*[contains(normalize-space(.), \"{text}\")])]"
        );
        self.seek(Locator::XPath(&path)).await
    }

    /// Clicks the link or button whose text has `text`.
    pub async fn press(&self, text: &str) {
        assert!(!text.contains('"'), "XPath has no escapes; look for {text:?} by CSS");
        let path = format!("//*[self::a or self::button or self::summary][contains(normalize-space(.), \"{text}\")]");
        self.seek(Locator::XPath(&path)).await.click().await.unwrap();
    }

    /// Clicks what `css` finds, waiting for it.
    pub async fn click(&self, css: &str) {
        self.see(css).await.click().await.unwrap();
    }

    /// Types into the field that `css` finds, in place of what was there.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.see(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// What the whole page shows.
    pub async fn text(&self) -> String {
        self.see("body").await.text().await.unwrap()
    }

    /// The result of a script.
    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Waits until a script returns true.
    pub async fn until(&self, script: &str) {
        let until = tokio::time::Instant::now() + PATIENCE;
        while self.run(script).await != json!(true) {
            assert!(tokio::time::Instant::now() < until, "never true: {script}\n{}", self.situation().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Makes the page `width` CSS pixels wide.
    pub async fn resize(&self, width: u32) {
        let metrics = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Keeps pictures of the page at both widths under `target/screenshots`, and asserts that it fits each of them.
    pub async fn picture(&self, name: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        for width in WIDTHS.into_iter().rev() {
            self.resize(width).await;
            // A frame of another origin lays itself out by itself, and nothing reports when it is done.
            tokio::time::sleep(Duration::from_millis(300)).await;
            let png = self.client.screenshot().await.unwrap();
            std::fs::write(folder.join(format!("{name}-{width}.png")), png).unwrap();
            let wide = self.run("return document.documentElement.scrollWidth").await;
            assert!(wide.as_u64().is_some_and(|wide| wide <= width.into()), "{name} is {wide} wide at {width}");
        }
    }

    /// Errors that pages wrote to the console since the last call, but for the tolerated.
    pub async fn complaints(&self) -> Vec<String> {
        let entries = self.command("se/log", json!({"type": "browser"})).await;
        let severe = entries.as_array().cloned().unwrap_or_default().into_iter().filter(|e| e["level"] == "SEVERE");
        let messages = severe.filter_map(|entry| entry["message"].as_str().map(str::to_owned));
        messages.filter(|message| !self.tolerated.iter().any(|known| message.contains(known))).collect()
    }

    /// Ends the browser, and asserts that no page complained.
    pub async fn close(self) {
        let complaints = self.complaints().await;
        self.client.clone().close().await.unwrap();
        assert!(complaints.is_empty(), "the console holds errors:\n{}", complaints.join("\n"));
    }

    async fn seek(&self, locator: Locator<'_>) -> Element {
        match self.client.wait().at_most(PATIENCE).for_element(locator).await {
            Ok(element) => element,
            Err(error) => panic!("{locator:?} is not on the page ({error})\n{}", self.situation().await),
        }
    }

    /// Where the browser is and what it shows, for a failing test.
    async fn situation(&self) -> String {
        let address = self.client.current_url().await.map(|url| url.to_string()).unwrap_or_default();
        let shown = self.client.execute("return document.body.innerText", Vec::new()).await.unwrap_or_default();
        format!("{address}\n{}\nconsole: {:?}", shown.as_str().unwrap_or_default(), self.complaints().await)
    }

    /// A command of the Chrome DevTools protocol.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.command("goog/cdp/execute", json!({"cmd": command, "params": parameters})).await
    }

    async fn command(&self, command: &str, body: Value) -> Value {
        let session = self.client.session_id().await.unwrap().unwrap();
        let url = format!("{}/session/{session}/{command}", self.driver.url);
        let answer: Value = self.http.post(url).json(&body).send().await.unwrap().json().await.unwrap();
        answer["value"].clone()
    }
}

impl Driver {
    /// A driver takes any free port of IPv4 and wants the same one of IPv6, where another may have it: then it ends, and
    /// the next one finds better luck.
    fn start() -> Self {
        (0..5).find_map(|_| Self::try_start()).expect("chromedriver says its port")
    }

    fn try_start() -> Option<Self> {
        let mut command = Command::new("chromedriver");
        let mut child = command
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is needed: scripts/test installs it");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let port = lines.find_map(|line| {
            let port = line.strip_prefix("ChromeDriver was started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        std::thread::spawn(move || lines.for_each(drop));
        let Some(port) = port else {
            child.wait().unwrap();
            return None;
        };
        Some(Self { child, url: format!("http://127.0.0.1:{port}") })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Only SIGTERM lets it end its Chromium too.
        let asked = Command::new("kill").arg(self.child.id().to_string()).status().is_ok_and(|status| status.success());
        if !asked || self.child.wait().is_err() {
            self.child.kill().ok();
        }
    }
}

fn capabilities(profile: &Path) -> Capabilities {
    let profile = format!("--user-data-dir={}", profile.display());
    let arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        &profile,
    ];
    let wanted = json!({
        "browserName": "chrome",
        "goog:chromeOptions": {"binary": "/usr/bin/chromium", "args": arguments},
        "goog:loggingPrefs": {"browser": "ALL"},
    });
    serde_json::from_value(wanted).unwrap()
}
