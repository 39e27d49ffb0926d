//! Enduring: the learning record store that can prove a credit.
//!
//! # The map
//!
//! | folder | what it knows | what it never does |
//! |---|---|---|
//! | [`xapi`] | the standard: statements, actors, queries, versions | I/O, clock, configuration |
//! | [`content`] | packages: safe zip reading, manifests, the import report | I/O, clock, configuration |
//! | [`runtime`] | playing them: CMI data model, evaluation, the statements they emit | I/O, clock, configuration |
//! | [`credit`] | CME: activities, rules, evidence, decisions, the ledger, certificates | I/O, clock, configuration |
//! | [`store`] | the log, records, blobs and due work, in one `commit` | rules of any kind |
//! | [`service`] | the use cases that join the above | HTTP |
//! | [`http`] | actix-web: one module per audience | rules |
//! | [`cli`] | the commands: one file each | rules |
//!
//! Imports run one way: `{http, cli} -> service -> {credit, runtime, content, store, xapi}`; `credit` and `runtime` may use
//! `xapi`. `tests/architecture.rs` reads the `use` lines and fails on any other edge.
//!
//! # Invariants
//!
//! * The pure folders do no I/O, read no clock, and never log; time and randomness come in as arguments.
//! * A statement's stored bytes are never re-serialized; only an erasure redacts them.
//! * Ledger entries are append-only.
//! * The content origin never reads a cookie and never sets one.
//! * Every route that writes names its authorization in its handler's signature.

pub mod cli;
pub mod config;
pub mod http;
pub mod logging;
pub mod service;
