//! The rights that requests need, and which scopes grant them.

use std::collections::BTreeSet;
use xapi::Scope;

/// What a request needs to be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    WriteStatements,
    /// Read statements, at least one's own.
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
    /// See, create, rotate and revoke credentials. Never granted to a token.
    KeepCredentials,
}

impl Right {
    /// The scopes that grant it, besides `all`; the narrowest first.
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
            Self::Everything | Self::KeepCredentials => &[],
        }
    }
}

/// What a scope allows a program to do, in words for people.
pub fn meaning(scope: Scope) -> &'static str {
    match scope {
        Scope::StatementsWrite => "send any statement",
        Scope::StatementsReadMine => "read the statements that it sent",
        Scope::StatementsRead => "read all statements",
        Scope::State => "store and read state documents",
        Scope::Define => "define activities",
        Scope::Profile => "store and read profile documents",
        Scope::AllRead => "read everything in the record store",
        Scope::All => "everything: the whole record store, the API, and other credentials",
    }
}

/// Whether `scopes` grant `right`.
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
            R::KeepCredentials,
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
}
