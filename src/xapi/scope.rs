//! The scopes of Part 3 §4.2.

use serde::{Deserialize, Serialize};

/// What a program was given, word for word as the standard says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, clap::ValueEnum)]
pub enum Scope {
    /// Write any statement.
    #[serde(rename = "statements/write")]
    #[value(name = "statements/write")]
    StatementsWrite,
    /// Read the statements that this program wrote.
    #[serde(rename = "statements/read/mine")]
    #[value(name = "statements/read/mine")]
    StatementsReadMine,
    /// Read any statement.
    #[serde(rename = "statements/read")]
    #[value(name = "statements/read")]
    StatementsRead,
    /// Read and write state.
    #[serde(rename = "state")]
    #[value(name = "state")]
    State,
    /// Define activities and actors: without it, a definition in a statement is kept but not believed.
    #[serde(rename = "define")]
    #[value(name = "define")]
    Define,
    /// Read and write profiles.
    #[serde(rename = "profile")]
    #[value(name = "profile")]
    Profile,
    /// Read everything.
    #[serde(rename = "all/read")]
    #[value(name = "all/read")]
    AllRead,
    /// Read and write everything.
    #[serde(rename = "all")]
    #[value(name = "all")]
    All,
}

impl Scope {
    /// All of them.
    pub const EVERY: [Self; 8] = [
        Self::StatementsWrite,
        Self::StatementsReadMine,
        Self::StatementsRead,
        Self::State,
        Self::Define,
        Self::Profile,
        Self::AllRead,
        Self::All,
    ];

    /// The scope that the standard calls so.
    pub fn named(name: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|scope| scope.as_str() == name)
    }

    /// As the standard writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StatementsWrite => "statements/write",
            Self::StatementsReadMine => "statements/read/mine",
            Self::StatementsRead => "statements/read",
            Self::State => "state",
            Self::Define => "define",
            Self::Profile => "profile",
            Self::AllRead => "all/read",
            Self::All => "all",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_kept_under_the_name_that_the_standard_gives_it() {
        use clap::ValueEnum as _;
        for scope in Scope::value_variants() {
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.as_str());
            assert_eq!(Scope::from_str(scope.as_str(), false), Ok(*scope));
            assert_eq!(Scope::named(scope.as_str()), Some(*scope));
        }
        assert_eq!(Scope::named("everything"), None);
    }
}
