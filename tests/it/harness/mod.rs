//! What whole-program tests stand on: the server in this process, the real binary, and a real browser.
//!
//! | | what it is | for |
//! |---|---|---|
//! | [`TestApp`] | both origins on free ports, in this process | most tests; the clock can be set |
//! | [`BinApp`] | the program as users start it | crashes, restarts, commands, logs |
//! | [`CountingStore`] | a store that counts its calls | how much one use case reads and writes |
//! | [`ReplicaSet`] | real MongoDB servers | the MongoDB store, and several processes on it |
//! | [`Tamperer`] | direct access to the store's own data | tampering |
//! | [`Player`] | a player page, without a browser | commits and files |
//! | [`Browser`] | headless Chromium under chromedriver | pages and players |
//!
//! A test owns what it starts, and everything ends with it. Tests run side by side.

mod bin_app;
mod browser;
mod counting_store;
pub mod player;
pub mod store;
mod tamperer;
mod test_app;

pub use bin_app::{BinApp, program};
pub use browser::Browser;
pub use counting_store::CountingStore;
pub use player::Player;
pub use tamperer::Tamperer;
pub use test_app::TestApp;
pub use test_support::{ReplicaSet, skipped};

use serde_json::Value;

/// A client that keeps cookies, as one person's browser does, and does not follow redirects.
pub fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .cookie_store(true)
        .redirect(reqwest::redirect::Policy::none())
        .timeout(std::time::Duration::from_secs(30))
        .build()
        .unwrap()
}

/// The status and the JSON body of a response; null when the body is not JSON.
pub async fn status_and_json(answer: reqwest::Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
}

/// The folder of packages by others, beside the project, if it exists. A test that needs it says that it skips.
pub fn shared_packages() -> Option<std::path::PathBuf> {
    let beside = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/packages");
    let found = std::env::var_os("SHARED_PACKAGES").map_or(beside, Into::into);
    if let Ok(found) = found.canonicalize() {
        return Some(found);
    }
    skipped(&format!("{} is not there", found.display()));
    None
}

/// The largest resident set of a process so far, in KiB; `None` once it has ended.
pub fn peak_of(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
