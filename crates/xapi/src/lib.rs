//! The standard, pure: from bytes that someone sent to statements that can be stored, and back.
//!
//! References are to xAPI 1.0.3 (adlnet/xAPI-Spec) unless they say 2.0 (IEEE 9274.1.1).

mod activity;
pub mod actor;
pub mod attachment;
mod bounds;
pub mod check;
mod context;
pub mod document;
pub mod duration;
pub mod equivalence;
pub mod examine;
pub mod fault;
pub mod fixed;
pub mod format;
pub mod hand_down;
pub mod intake;
pub mod iri;
pub mod json;
pub mod language;
pub mod merge;
pub mod parameters;
pub mod precondition;
pub mod pseudonym;
pub mod query;
mod result;
mod scope;
mod shape;
pub mod signature;
mod splice;
mod statement;
pub mod timestamp;
pub mod token;
pub mod trust;
pub mod version;
pub mod vocabulary;

pub use actor::Ifi;
pub use base::log::{ActivityDefinition, NewStatement, StatementId, StatementTemplate, Token, instant};
pub use fault::Fault;
pub use intake::{Authority, Intake};
pub use query::Query;
pub use scope::Scope;
pub use version::Version;
