//! What every crate uses: hashes, ids, the clock, decimals, the statements of the log, what the run-time notices, IRIs, text with
//! lone surrogates, and the names of the SCORM profile.
//!
//! The time of day and randomness enter the program here, in [`clock`] and [`ids`], and nowhere else.

pub mod clock;
pub mod decimal;
pub mod hash;
pub mod ids;
pub mod iri;
pub mod log;
pub mod observation;
pub mod scorm_profile;
pub mod surrogates;
