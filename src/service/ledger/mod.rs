//! What was recorded: the entries of the ledger with the keys that sign them, and the credit records that they make and end.
//! How a credit is decided is not part of it.

pub mod credits;
pub mod entries;
pub mod keys;
pub mod log_pages;
pub mod rotation;
