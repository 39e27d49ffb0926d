//! Whole-program tests: one binary, a folder per audience, each test on its own data directory and ports.
#![cfg(test)]

mod sample;
mod store;
