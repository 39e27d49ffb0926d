//! Playing packages: launches, sessions, and what the player commits.

pub mod closing;
pub mod commits;
pub mod content_key;
pub mod deliveries;
pub mod history;
pub mod launches;
pub mod loads;
pub mod opening;
pub mod sessions;
pub(in crate::service) mod units;
pub mod visits;
