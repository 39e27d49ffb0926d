//! The store that tests run on: an embedded one of their own each, or a database of their own on the MongoDB replica set
//! that `ENDURING_TEST_STORE` names.

use enduring::clock::Clock;
use enduring::config::Config;
use enduring::service::App;
use std::sync::{Arc, LazyLock};
use tokio::runtime::Runtime;

/// The database driver's own runtime: it outlives the tests that share it.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// What `store` must say for a store that nobody else uses; empty for the embedded one.
pub(crate) fn fresh() -> String {
    std::env::var("ENDURING_TEST_STORE").map(|server| database_on(&server)).unwrap_or_default()
}

/// The URL of a database of its own on `server`.
pub(crate) fn database_on(server: &str) -> String {
    let (hosts, options) = server.split_once('?').unwrap_or((server, ""));
    format!("{}/test_{}?{options}", hosts.trim_end_matches('/'), enduring::ids::random().simple())
}

/// Opens the store that `config` names, whatever runtime the test is on.
pub(crate) fn open(config: Config, clock: Arc<dyn Clock>) -> App {
    std::thread::scope(|scope| {
        let opening = scope.spawn(|| RUNTIME.block_on(App::open(config, clock)).unwrap());
        opening.join().unwrap()
    })
}
