//! SCORM 1.2: its data model, how a commit is evaluated, what content finds when it starts, and what follows for the
//! whole package.
//!
//! [`model`] checks each value against the data model, [`evaluate`] turns what remains into a new [`ScoState`].

mod evaluate;
mod interaction;
mod lesson_status;
pub mod model;
mod oddity;
mod prefill;
mod rollup;
mod state;
mod statements;
mod timespan;

#[cfg(test)]
mod tests;

pub use evaluate::{Evaluation, Rules};
pub(crate) use evaluate::{evaluate, suspend};
pub use interaction::InteractionRecord;
pub use prefill::Unit;
pub(crate) use prefill::prefill;
pub(crate) use rollup::roll_up;
pub use state::{ScoState, Score, Visit};
pub(crate) use statements::write;
