//! The scopes of Part 3 §4.2.

use serde::{Deserialize, Serialize};

/// What a program is allowed to do, in the words of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// Write any statement.
    #[serde(rename = "statements/write")]
    StatementsWrite,
    /// Read the statements that this program wrote.
    #[serde(rename = "statements/read/mine")]
    StatementsReadMine,
    /// Read any statement.
    #[serde(rename = "statements/read")]
    StatementsRead,
    /// Read and write state.
    #[serde(rename = "state")]
    State,
    /// Define activities and actors: without it, definitions in statements are stored but not applied.
    #[serde(rename = "define")]
    Define,
    /// Read and write profiles.
    #[serde(rename = "profile")]
    Profile,
    /// Read everything.
    #[serde(rename = "all/read")]
    AllRead,
    /// Read and write everything.
    #[serde(rename = "all")]
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
        for scope in Scope::EVERY {
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.as_str());
            assert_eq!(Scope::named(scope.as_str()), Some(scope));
        }
        assert_eq!(Scope::named("everything"), None);
    }
}
