//! CME, pure: the activity, its credit offerings, the evidence, the rules, the decision, the ledger, the certificate.

mod activity;
mod amount;
pub mod canonical;
pub mod certificate;
pub mod completeness;
pub mod mark;
pub mod schema;
mod template;

pub use activity::*;
pub use amount::{Credits, Fraction, NotAFraction, NotCredits};
pub use schema::Gap;
