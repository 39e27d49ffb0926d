//! Commits: how those that wait share a transaction, and how processes take turns at a provider's log.

pub(in crate::mongodb) mod abandoned;
pub(in crate::mongodb) mod head;
pub(in crate::mongodb) mod line;
pub(in crate::mongodb) mod stage;
pub(in crate::mongodb) mod transaction;
pub(in crate::mongodb) mod updates;
pub(in crate::mongodb) mod view;
pub(in crate::mongodb) mod writer;
