//! The connection to the servers: what they must be, where they are, what their errors mean, and the collections and indexes.

pub(in crate::mongodb) mod fault;
pub(in crate::mongodb) mod format;
pub(in crate::mongodb) mod indexes;
pub(in crate::mongodb) mod meeting;
pub(in crate::mongodb) mod patience;
pub(in crate::mongodb) mod reach;
pub(in crate::mongodb) mod schema;
pub(in crate::mongodb) mod seen;
pub(in crate::mongodb) mod url;
