//! What was recorded: the entries of the ledger, and the credit records that they make and end. How a credit is decided
//! is not part of it.

pub mod credits;
pub mod entries;
pub mod log_pages;
