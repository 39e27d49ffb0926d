//! What pages say about decisions, credits and findings: one enum for each, with its words for each reader and its style.
//!
//! A page never invents a word or a color for a state: the learner, the coordinator and anyone who checks a
//! certificate see the same facts. Templates match on these enums or call their methods, and compare no strings.

mod act;
mod badge;
mod finding;
mod offering;
mod rule;
mod status;
mod step;

pub use act::{ActRow, acts};
pub use badge::{Badge, Tone};
pub use finding::FindingKind;
pub use offering::{audience, openness};
pub use rule::{RuleRow, RuleState};
pub use status::{CertificateStatus, CreditStatus, Reader};
pub use step::{Link, StepState};
