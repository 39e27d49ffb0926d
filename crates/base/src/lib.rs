//! What every crate uses: hashes, ids, the clock, and the statements of the log.
//!
//! The time of day and randomness enter the program here, in [`clock`] and [`ids`], and nowhere else.

pub mod clock;
pub mod hash;
pub mod ids;
pub mod log;
