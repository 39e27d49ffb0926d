//! What keeps the installation going: workers, limits, readiness, expiry, and the kinds of records.

pub(in crate::service) mod documents;
pub(in crate::service) mod expiry;
pub mod figures;
pub(in crate::service) mod housekeeping;
pub mod installation;
pub(in crate::service) mod kinds;
pub mod limits;
pub(in crate::service) mod memory;
pub mod readiness;
pub(in crate::service) mod stop;
pub mod workers;
