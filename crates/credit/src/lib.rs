//! CME, pure: from the activity that a provider describes to a credit that an auditor can recompute.
//!
//! * [`Activity`] is what a provider publishes; [`completeness`] says what an incomplete one lacks.
//! * An [`Event`] is something that happened to a learner; it is written as an xAPI statement and read back in one place.
//! * A [`RuleSet`] folds the log of one registration into [`evidence`] and decides over it; each is frozen ([`rule_sets`]).
//! * The [`ledger`] keeps what was decided: append-only, hash-chained, signed. [`recompute()`] computes a credit again.
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
mod finding;
pub mod holder;
pub mod ledger;
pub mod log_page;
pub mod mark;
mod offering;
pub mod packet;
mod recompute;
pub mod rule_sets;
pub mod schema;
mod signal;
mod systems;
mod template;

pub use activity::*;
pub use amount::{Credits, CreditsError, Fraction, FractionError};
pub use base::observation::Observation;
pub use decision::{ActiveCredit, Decision, Outcome};
pub use event::{
    AUTHORITY, Assurance, AttemptResult, EvaluationAnswer, Event, FrontMatterPart, Identity, JointDecision, Subject,
    Tier, Verdict,
};
pub use finding::{Finding, Force, RuleId, Status, Step};
pub use offering::*;
pub use recompute::{identify, recompute};
pub use rule_sets::{RuleSet, RuleSetName, RuleSets};
pub use schema::Gap;
pub use signal::{Signal, SignalKind};
pub use systems::System;
