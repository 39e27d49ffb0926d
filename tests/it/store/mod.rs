//! The store's promises, on each engine.
//!
//! `contract` says which cases there are; `log`, `redactions`, `records`, `due`, `blobs` and `concurrency` tell them; an engine's own
//! file (`embedded`) runs them all on it and adds what only it promises.

mod blobs;
mod concurrency;
mod contract;
mod due;
mod embedded;
mod log;
mod model;
mod mongodb;
mod orphans;
mod records;
mod redactions;
mod scans;
