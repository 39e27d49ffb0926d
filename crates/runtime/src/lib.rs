//! Playing packages, pure: what a commit may say, how it is evaluated, and the statements that follow.
//!
//! The browser is a claimant, not a witness. What content says arrives as a [`Commit`]; the standard of the package, one
//! module each, checks each value against its data model and turns what remains into a new state and into [`Happening`]s;
//! and those become statements of the xAPI SCORM Profile. A value that is refused is kept as an [`Objection`]: evidence,
//! never a reason to lose the rest of the commit.
//!
//! [`Unit`] is where a standard is chosen: each of its methods is something that a standard must provide. What the
//! standards share is beside their modules: [`Commit`], seat time, [`Status`], [`Happening`], the profile's statements.
//!
//! Absent on purpose: prerequisites (SCORM 1.2 CAM §2.3.2.5.1) are shown, never enforced; no status that a learner has
//! reached is ever revoked by what content says later.

mod commit;
mod course;
mod happening;
mod objection;
pub mod scorm12;
mod seat_time;
mod session;
mod statements;
mod status;
pub mod time;
mod unit;

pub use commit::{Commit, CommitError};
pub use course::{Course, ItemProgress};
pub use happening::{Happening, Interaction};
pub use objection::{Objection, Reason};
pub use scorm12::{Evaluation, ScoState, Visit};
pub use session::{EntryMode, Mode, Opening, Phase};
pub use statements::{StatementContext, write_course};
pub use status::{Completion, Status, Success};
pub use unit::Unit;
