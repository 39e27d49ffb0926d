//! What learners can take: packages, activities and their versions, and the samples.

pub mod activities;
pub mod packages;
pub mod samples;
pub(in crate::service) mod versions;
