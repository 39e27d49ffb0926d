//! The promises of the store, on each engine.
//!
//! `cases` lists what every engine promises, and `log`, `redactions`, `scans`, `records`, `due`, `blobs` and `concurrency` hold
//! these tests. `embedded` and `mongodb` run all of them on one engine each and add what only that engine promises; `orphans`
//! adds what MongoDB does with uploads that were interrupted.
#![cfg(test)]

mod blobs;
mod cases;
mod concurrency;
mod due;
mod embedded;
mod log;
mod model;
mod mongodb;
mod orphans;
mod records;
mod redactions;
mod scans;
