//! The standard, pure: from bytes that someone sent to statements that can be stored, and back.
//!
//! References are to xAPI 1.0.3 (adlnet/xAPI-Spec) unless they say 2.0 (IEEE 9274.1.1).

mod documents;
pub mod fault;
pub mod intake;
pub mod pseudonym;
mod reading;
mod scope;
mod statement;
mod text;
mod values;
pub mod version;
pub mod vocabulary;

pub use base::iri;
pub use documents::{document, precondition};
pub use intake::{examine, signature, trust};
pub use reading::{format, hand_down, parameters, query, stored, token};
pub use statement::{actor, attachment, check, equivalence};
pub use text::{json, merge};
pub use values::{duration, fixed, language, timestamp};

pub(crate) use text::{shape, splice};

pub use actor::Ifi;
pub use base::log::{ActivityDefinition, NewStatement, StatementId, StatementTemplate, Token, instant};
pub use fault::Fault;
pub use intake::{Authority, Intake};
pub use query::Query;
pub use scope::Scope;
pub use version::Version;
