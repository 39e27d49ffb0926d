//! Credit: decisions, the ledger, credit records, certificates, holds, and the verification of all of it.

pub mod certificates;
pub mod credits;
pub mod decisions;
pub mod holds;
pub mod ledger;
pub mod packets;
pub mod verify;
pub mod voiding;
