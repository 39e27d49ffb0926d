//! The document resources (Part 3 §2.2 to §2.7): which document a request names, and the conditions it sets.

pub mod document;
pub mod precondition;
