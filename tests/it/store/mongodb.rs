//! The contract on the MongoDB store, against a real replica set: the one that `ENDURING_TEST_MONGODB` names, as
//! `scripts/test` starts it. Each test has a database of its own.

use super::contract::{self, Engine};
use enduring::clock::Clock;
use enduring::store::{Store, mongodb};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

struct Mongo(String);

impl Engine for Mongo {
    fn fresh() -> Self {
        let server =
            std::env::var("ENDURING_TEST_MONGODB").expect("ENDURING_TEST_MONGODB names a replica set to test on");
        let name = format!("test_{}", enduring::ids::random().simple());
        let (hosts, options) =
            server.split_once('?').map_or((server.as_str(), String::new()), |(h, o)| (h, format!("?{o}")));
        Self(format!("{}/{name}{options}", hosts.trim_end_matches('/')))
    }

    fn open(&self, clock: Arc<dyn Clock>) -> Arc<dyn Store> {
        block_in_place(|| Handle::current().block_on(mongodb::connect(&self.0, clock))).map(Arc::new).unwrap()
    }
}

contract::cases!(Mongo);
