//! JSON text: read with the position of every value, so that one can be replaced and every other byte stays as it was sent.

pub mod json;
pub mod merge;
pub(crate) mod shape;
pub(crate) mod splice;
