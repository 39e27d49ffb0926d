//! Enduring: the learning record store that can prove a credit. This package is the server and its commands.
//!
//! # The map
//!
//! | crate or folder | what it knows | what it never does |
//! |---|---|---|
//! | [`base`] | hashes, ids, the clock, decimals, the statements of the log | rules of any kind |
//! | [`xapi`] | the standard: statements, actors, queries, versions | I/O, clock, configuration |
//! | [`content`] | packages: safe zip reading, manifests, the import report | I/O, clock, configuration |
//! | [`runtime`] | playing them: data models, evaluation, the statements they emit | I/O, clock, configuration |
//! | [`credit`] | CME: activities, evidence, rule sets, decisions, the ledger | I/O, clock, configuration |
//! | [`store`] | the log, records, blobs and due work, in one `commit` | rules of any kind |
//! | [`service`] | the use cases that join the above | HTTP |
//! | [`http`] | actix-web: one folder per audience | rules; the store |
//! | [`cli`] | the commands: one file each | rules |
//!
//! Cargo enforces the directions between the crates: `base <- xapi <- {runtime, credit}`, `base <- content`, `base <- store`. In this
//! package, `http` and `cli` call `service`, and `service` uses the crates. `tests/architecture.rs` guards what Cargo cannot see.
//!
//! # Invariants
//!
//! * The pure crates do no I/O, read no clock, and never log; time and randomness are arguments.
//! * A statement's stored bytes are never serialized again; only an erasure redacts them.
//! * A released rule set never changes.
//! * Ledger entries are append-only.
//! * The content origin never reads a cookie and never sets one.
//! * Every route that writes names its authorization in its handler's signature.

pub mod cli;
pub mod config;
pub mod http;
pub mod logging;
pub mod service;
