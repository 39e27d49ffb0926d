//! CME, pure: from the activity that a provider describes to a credit that an auditor can recompute.
//!
//! * [`Activity`] is what a provider publishes; [`completeness`] says what an incomplete one lacks.
//! * An [`Event`] is something that happened to a learner; it is written as an xAPI statement and read back in one place.
//! * [`evidence::fold`] reads the log of one registration; [`decide`] puts every rule of [`rules`] to it.
//! * The [`ledger`] keeps what was decided: append-only, hash-chained, signed.
//!
//! Nothing here does I/O or reads a clock: the same log and the same version give the same decision, today and in an audit.

mod activity;
mod amount;
pub mod assessment;
pub mod bundle;
pub mod canonical;
pub mod certificate;
pub mod completeness;
mod decision;
mod event;
pub mod evidence;
mod integrity;
pub mod ledger;
pub mod mark;
mod offering;
mod rules;
pub mod schema;
mod template;

pub use activity::*;
pub use amount::{Credits, Fraction, NotAFraction, NotCredits};
pub use decision::{Active, Decision, Outcome, RULES, decide};
pub use event::{Assessed, Assurance, EvaluationAnswer, Event, Identity, Shown, Subject, Tier, Verdict, authority};
pub use integrity::{Signal, SignalKind};
pub use offering::*;
pub use rules::{Finding, Force, Pass, RuleId, Status, Step};
pub use schema::Gap;

#[cfg(test)]
mod tests;
