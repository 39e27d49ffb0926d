//! The server as a process: health, metrics, refusals, logs, start and stop; and the harness that all tests use.

mod about;
mod clock;
mod full_disk;
mod harness;
mod licenses;
mod openapi;
mod origins;
mod process;
mod refusals;
