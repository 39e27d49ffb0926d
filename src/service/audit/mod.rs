//! The audit trail: who signed in, read what is about others, exported, or changed what others depend on. Entries are added and,
//! once their time has passed, removed; nothing changes one. They hold ids and no names, and are no part of the server's log.

mod entry;
mod list;

pub use entry::{Act, AuditEntry, record};
pub use list::{AuditFilter, AuditPage, page};

pub(in crate::service) use entry::sweep;
