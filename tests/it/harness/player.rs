//! A player page as a browser opens it, without the browser: ticket, cookie, load, key.

use super::status_and_json;
use enduring::service::App;
use enduring::service::playing::opening;
use serde_json::Value;

/// One load of a player page.
#[derive(Debug, Clone)]
pub struct Player {
    /// The content origin, without a slash at the end.
    pub origin: String,
    /// Where the files of the package are, with a slash at the end.
    pub files: String,
    /// The key of the load.
    pub key: String,
    /// What the server sent.
    pub html: String,
    /// Has the cookie.
    pub http: reqwest::Client,
}

impl Player {
    /// Opens the launch with this address.
    pub async fn open(url: &str) -> Self {
        let http = super::client();
        let (origin, ticket) = url.split_once("/player/open?ticket=").unwrap_or_else(|| panic!("{url} is no launch"));
        let opened = http.get(url).send().await.unwrap();
        assert_eq!(opened.status(), 200, "{}", opened.text().await.unwrap());
        let entered = http.get(format!("{origin}/player/enter?ticket={ticket}")).send().await.unwrap();
        assert_eq!(entered.status(), 303);
        Self::load(http, origin).await
    }

    /// Loads the page once more, as a reload does.
    pub async fn again(&self) -> Self {
        Self::load(self.http.clone(), &self.origin).await
    }

    async fn load(http: reqwest::Client, origin: &str) -> Self {
        let page = http.get(format!("{origin}/player")).send().await.unwrap();
        assert_eq!(page.status(), 200);
        let html = page.text().await.unwrap();
        let launch = launch_in(&html);
        let href = launch["href"].as_str().unwrap();
        let (files, _) = href.split_once("/p/").unwrap();
        let key = launch["key"].as_str().unwrap().to_owned();
        Self { origin: origin.to_owned(), files: format!("{origin}{files}/p/"), key, html, http }
    }

    /// What the page says about its launch.
    pub fn launch(&self) -> Value {
        launch_in(&self.html)
    }

    /// Fetches the page that the player shows, as its browser does.
    pub async fn see_content(&self) {
        let address = format!("{}{}", self.origin, self.launch()["href"].as_str().unwrap());
        assert_eq!(self.http.get(&address).send().await.unwrap().status(), 200, "{address}");
    }

    /// Status and body of the response to a message.
    pub async fn post(&self, address: &str, body: &Value) -> (u16, Value) {
        let asked = self.http.post(format!("{}/player/{address}", self.origin)).header("x-player-key", &self.key);
        status_and_json(asked.json(body).send().await.unwrap()).await
    }

    /// Opens another item, and returns its page.
    pub async fn turn(&self, item: &str) -> Self {
        let (status, turned) = self.post("item", &serde_json::json!({ "item": item })).await;
        assert_eq!(status, 201, "{turned}");
        self.again().await
    }
}

/// The block of JSON in a player page.
pub fn launch_in(html: &str) -> Value {
    let (_, after) = html.split_once(r#"id="launch">"#).unwrap_or_else(|| panic!("no player in\n{html}"));
    let (json, _) = after.split_once("</script>").unwrap();
    serde_json::from_str(json).unwrap()
}

/// The key of a load of the launch with this address, by the use cases alone.
pub async fn load_key(app: &App, url: &str) -> String {
    let entry = opening::entry(app, ticket_in(url), None).await.unwrap();
    opening::show(app, &entry.cookie).await.unwrap().key
}

/// The ticket in the address of a launch.
pub fn ticket_in(url: &str) -> &str {
    url.split_once("ticket=").unwrap_or_else(|| panic!("{url} is no launch")).1
}
