//! Whole-program tests: one binary, a folder per audience, each test on its own data directory and ports.
#![cfg(test)]
#![expect(unreachable_pub, reason = "this crate has no outside; `pub` marks what a folder offers to the others")]

mod access;
mod cluster;
mod content;
mod crash;
mod credit;
mod fuzz;
mod harness;
mod journey;
mod keys;
mod learner;
mod player;
mod privacy;
mod reports;
mod reports_page;
mod sample;
mod server;
mod transfer;
mod xapi;
