//! Credit: decisions and holds, claims, certificates, transcripts, and the verification of all of it.

pub mod certificates;
pub mod claims;
pub mod decisions;
pub mod holds;
pub mod packets;
pub mod transcript;
pub mod verify;
pub mod voiding;
