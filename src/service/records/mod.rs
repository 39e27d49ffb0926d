//! The record store of the standard: statements, documents, definitions, and the programs that send them.

pub mod access;
pub mod blobs;
pub mod definitions;
pub mod document_resources;
pub(in crate::service) mod originals;
pub mod programs;
pub mod spool;
pub mod statements;
pub(in crate::service) mod trust;
