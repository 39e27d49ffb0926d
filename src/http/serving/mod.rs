//! What surrounds every handler: the two servers, the log line and metrics of each request, other origins, deadlines, and how
//! bodies are read and sent.

pub(super) mod address;
pub(super) mod audit;
pub(super) mod blobs;
pub(super) mod bodies;
pub(super) mod content_origin;
pub(super) mod cors;
pub(super) mod deadline;
mod encoding;
pub(super) mod hosts;
pub(super) mod observe;
pub(super) mod readers;
pub mod server;
pub(super) mod upload;
