//! The simple types of the standard (Part 2 §4): what is valid, and how two of them compare.

pub mod duration;
pub mod fixed;
pub mod language;
pub mod timestamp;
