//! The store that tests run on: an embedded one of their own each; with `ENDURING_TEST_STORE=mongodb`, a database of their own
//! each on a real replica set.

use super::ReplicaSet;
use base::clock::Clock;
use enduring::config::Config;
use enduring::service::App;
use std::sync::{Arc, LazyLock};
use tokio::runtime::Runtime;

/// The database driver's own runtime: it outlives the tests that share it.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// Whether tests run on MongoDB.
pub fn on_mongodb() -> bool {
    std::env::var_os("ENDURING_TEST_STORE").is_some_and(|store| store == "mongodb")
}

/// What `store` must say for a store that nobody else uses; empty for the embedded one.
pub fn fresh() -> String {
    if on_mongodb() { ReplicaSet::database() } else { String::new() }
}

/// Opens the store that `config` names, whatever runtime the test is on.
pub fn open(config: Config, clock: Arc<dyn Clock>) -> App {
    std::thread::scope(|scope| {
        let opening = scope.spawn(|| RUNTIME.block_on(App::open(config, clock)).unwrap());
        opening.join().unwrap()
    })
}
