//! The house itself: health, figures, refusals, logs, start and end; and the harness that all tests stand on.

mod about;
mod harness;
mod licenses;
mod openapi;
mod origins;
mod process;
