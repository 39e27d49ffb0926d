//! Playing packages, pure: the CMI data model, what a commit may say, how it is evaluated, and the statements it yields.
//!
//! The browser is a claimant, not a witness. What content says arrives as a [`Commit`]; [`model`] checks each value
//! against the data model, [`evaluate`] turns what remains into a new [`ScoState`] and into [`Happening`]s, and
//! [`statements`] writes those as statements of the xAPI SCORM Profile. A value that is refused is kept as an
//! [`Objection`]: evidence, never a reason to lose the rest of the commit.
//!
//! Absent on purpose: prerequisites (SCORM 1.2 CAM §2.3.2.5.1) are shown, never enforced; no status that a learner has
//! reached is ever taken away by what content says later.

mod answer;
mod commit;
mod evaluate;
pub mod model;
mod number;
mod prefill;
mod rollup;
mod state;
mod statements;
mod status;
pub mod time;

#[cfg(test)]
mod tests;

pub use answer::Answer;
pub use commit::{Commit, NotACommit};
pub use evaluate::{Evaluated, Happening, Rules, evaluate, time_out};
pub use model::{Objection, Reason};
pub use number::Decimal;
pub use prefill::{Given, prefill};
pub use rollup::{Course, Part, roll_up};
pub use state::{Entry, Mode, Phase, ScoState, Score, Visit};
pub use statements::{About, write, write_course};
pub use status::{Completion, Status, Success};
