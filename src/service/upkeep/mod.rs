//! What keeps the installation running: workers, limits, readiness, private files, and tables about every kind of record.

pub(in crate::service) mod bodies;
pub(in crate::service) mod copy_mark;
pub mod fates;
pub mod figures;
pub(in crate::service) mod housekeeping;
pub mod installation;
pub(in crate::service) mod kinds;
pub mod limits;
pub(in crate::service) mod memory;
pub mod private_files;
pub mod readiness;
pub mod workers;
