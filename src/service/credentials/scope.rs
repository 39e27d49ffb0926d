//! What a program may be given, and what a request asks for.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a program was given: the scopes of Part 3 §4.2, word for word.
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

/// What a request asks to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    WriteStatements,
    /// Read statements, be it only one's own.
    ReadOwnStatements,
    ReadStatements,
    ReadState,
    WriteState,
    ReadProfiles,
    WriteProfiles,
    /// Read what is known about agents and activities.
    ReadDefinitions,
    /// Change what is known about activities.
    Define,
    /// Everything, the API of this server included.
    Everything,
}

impl Right {
    /// The scopes that give it, beside `all`; the narrowest first.
    pub fn scopes(self) -> &'static [Scope] {
        match self {
            Self::WriteStatements => &[Scope::StatementsWrite],
            Self::ReadOwnStatements => &[Scope::StatementsReadMine, Scope::StatementsRead, Scope::AllRead],
            Self::ReadStatements => &[Scope::StatementsRead, Scope::AllRead],
            Self::ReadState => &[Scope::State, Scope::AllRead],
            Self::WriteState => &[Scope::State],
            Self::ReadProfiles => &[Scope::Profile, Scope::AllRead],
            Self::WriteProfiles => &[Scope::Profile],
            Self::ReadDefinitions => {
                &[Scope::StatementsRead, Scope::State, Scope::Profile, Scope::Define, Scope::AllRead]
            }
            Self::Define => &[Scope::Define],
            Self::Everything => &[],
        }
    }
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

/// Whether `scopes` give `right`.
pub(in crate::service) fn give(scopes: &BTreeSet<Scope>, right: Right) -> bool {
    scopes.contains(&Scope::All) || right.scopes().iter().any(|scope| scopes.contains(scope))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_gives_what_the_standard_says_and_no_more() {
        use Right as R;
        let rights = [
            R::WriteStatements,
            R::ReadOwnStatements,
            R::ReadStatements,
            R::ReadState,
            R::WriteState,
            R::ReadProfiles,
            R::WriteProfiles,
            R::ReadDefinitions,
            R::Define,
            R::Everything,
        ];
        let cases: [(Scope, &[R]); 8] = [
            (Scope::StatementsWrite, &[R::WriteStatements]),
            (Scope::StatementsReadMine, &[R::ReadOwnStatements]),
            (Scope::StatementsRead, &[R::ReadOwnStatements, R::ReadStatements, R::ReadDefinitions]),
            (Scope::State, &[R::ReadState, R::WriteState, R::ReadDefinitions]),
            (Scope::Define, &[R::ReadDefinitions, R::Define]),
            (Scope::Profile, &[R::ReadProfiles, R::WriteProfiles, R::ReadDefinitions]),
            (
                Scope::AllRead,
                &[R::ReadOwnStatements, R::ReadStatements, R::ReadState, R::ReadProfiles, R::ReadDefinitions],
            ),
            (Scope::All, &rights),
        ];
        for (scope, given) in cases {
            for right in rights {
                assert_eq!(give(&BTreeSet::from([scope]), right), given.contains(&right), "{scope:?} {right:?}");
            }
        }
    }

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
