//! What readers of statements may request, what a statement is found by, and the form in which it is returned (Part 3 §2.1.3).

pub mod format;
pub mod hand_down;
pub mod parameters;
pub mod query;
pub mod stored;
pub mod token;
