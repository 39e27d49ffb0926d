//! Packages, pure over bytes: what an upload is, what it holds, what is wrong with it.
//!
//! Uploads are untrusted. Names inside a zip never reach the file system; sizes are counted while inflating; DTDs are
//! refused. Every upload, accepted or refused, yields an [`ImportReport`].
//!
//! What the standards share is here: the archive, XML, references to files, findings, the report. What a manifest says is
//! an [`Outline`] in the terms of its own standard, one module each in [`standards`].

pub mod archive;
mod examine;
pub mod findings;
mod href;
mod instead;
mod limits;
mod outline;
mod package;
mod recognize;
mod report;
mod scan;
pub mod standards;
mod tool;
pub mod xml;

pub use examine::{Examination, examine};
pub use limits::Limits;
pub use outline::{Outline, OutlineEntry};
pub use package::{File, Launch, Package, Role};
pub use report::{Finding, ImportReport, Instance, Item, Severity};
pub use standards::Standard;
