//! From a published activity to a credit that can be computed again.

mod api;
mod awards;
pub(crate) mod office;
mod offline;
mod planted;
mod publishing;
mod reading;
mod rule_sets;
mod tampering;
mod two_people;
mod voiding;
mod ways_on;
