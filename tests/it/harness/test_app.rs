//! The server in this process.

use base::clock::{Clock, FixedClock, SystemClock};
use enduring::config::Config;
use enduring::http::serving::server;
use enduring::service::{App, Stopper, stopper};
use std::sync::Arc;
use tempfile::TempDir;

/// Both origins on free ports over an empty store in a temporary directory. Needs `#[actix_web::test]`.
pub struct TestApp {
    /// What the use cases work with; tests may look into the store through it.
    pub app: App,
    /// The app's origin, without a slash at the end.
    pub url: String,
    /// The content origin, without a slash at the end.
    pub content_url: String,
    /// Without cookies at the start; one more person is [`super::client`].
    pub client: reqwest::Client,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
    stopper: Stopper,
    data: TempDir,
}

impl TestApp {
    /// With the default configuration, but for ports and data, and the machine's clock.
    pub fn start() -> Self {
        Self::with(SystemClock, |_| {})
    }

    /// As [`Self::start`], at a time that the test sets.
    pub fn at(clock: &FixedClock) -> Self {
        Self::with(clock.clone(), |_| {})
    }

    /// With a clock and with changes to the configuration.
    pub fn with(clock: impl Clock, change: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut config = Config::load(None, [], &[]).unwrap();
        config.data = data.path().join("data");
        config.listen.set_port(0);
        config.content_listen.set_port(0);
        config.workers = 1;
        change(&mut config);
        let (mut config, listeners) = server::bind(config).unwrap();
        if config.store.is_empty() {
            config.store = super::store::fresh();
        }
        let app = super::store::open(config, Arc::new(clock));
        let (stopper, stop) = stopper();
        let serving = app.clone();
        let server = actix_web::rt::spawn(async move { server::run(&serving, listeners, stop).await });
        let (url, content_url) = (app.config.url.clone(), app.config.content_url.clone());
        Self { app, url, content_url, client: super::client(), server, stopper, data }
    }

    /// GET of a path of the app.
    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(format!("{}{path}", self.url)).send().await.unwrap()
    }

    /// GET of a path of the app, as a browser asks for a page.
    pub async fn page(&self, path: &str) -> (u16, String) {
        let asked = self.client.get(format!("{}{path}", self.url)).header("accept", "text/html,*/*;q=0.8");
        let answer = asked.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Lets requests in progress end, stops the server and closes the store; the data stay while the return value lives.
    pub async fn stop(self) -> TempDir {
        self.stopper.stop();
        self.server.await.unwrap().unwrap();
        self.app.store.close().await.unwrap();
        self.data
    }
}
