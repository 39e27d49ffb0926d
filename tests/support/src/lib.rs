//! What the tests of several crates need: real MongoDB servers, and a note of each test that is skipped.
//!
//! Only tests and benchmarks depend on this crate.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "only tests call it, and a failure here fails the test"
)]

mod replica_set;

pub use replica_set::ReplicaSet;

use std::io::Write as _;

/// Reports that the current test is skipped, and why, even where the test runner hides what passing tests print.
#[expect(clippy::explicit_write, reason = "the test runner captures what `eprintln!` prints")]
pub fn skipped(reason: &str) {
    let name = std::thread::current().name().unwrap_or("a test").to_owned();
    writeln!(std::io::stderr(), "skipped: {name}: {reason}").unwrap();
}
