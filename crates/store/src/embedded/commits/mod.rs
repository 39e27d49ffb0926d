//! Commits: the one writer, what it does for each request, and what readers may be promised meanwhile.

pub(in crate::embedded) mod alive;
pub(in crate::embedded) mod apply;
pub(in crate::embedded) mod checkpoint;
pub(in crate::embedded) mod lock;
pub(in crate::embedded) mod redact;
pub(in crate::embedded) mod references;
pub(in crate::embedded) mod request;
pub(in crate::embedded) mod watermark;
pub(in crate::embedded) mod writer;
