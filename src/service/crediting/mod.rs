//! Credit: decisions and holds, claims, acts by hand, certificates, packets and transcripts.

pub mod certificates;
pub mod claims;
pub mod decisions;
pub mod holds;
pub mod packets;
pub mod proposals;
pub mod transcript;
mod voiding;
