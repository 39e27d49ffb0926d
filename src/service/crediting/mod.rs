//! Credit: decisions and holds, claims, certificates, packets and transcripts.

pub mod certificates;
pub mod claims;
pub mod decisions;
pub mod holds;
pub mod packets;
pub mod transcript;
pub mod voiding;
