//! Credentials: what a program shows, by HTTP Basic authentication, to speak with the record store (Part 3 §4.0).
//!
//! A secret has 256 random bits, so its SHA-256 can be kept in place of a slow hash: nobody guesses it, and a copy of the
//! store opens nothing. A credential that was seen is remembered for a while, so that a request costs no read; it works
//! at most a minute longer than it should after another process revoked it.

use super::App;
use crate::hash::Sha256;
use crate::ids;
use crate::store::{Commit, Document, Index, IndexKey, Kind, Order, Records as _, Span, StoreError};
use crate::xapi::Authority;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// The longest name of a credential, in bytes.
const LONGEST_NAME: usize = 200;

/// What a credential was given: the scopes of Part 3 §4.2, word for word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, clap::ValueEnum)]
pub enum Scope {
    /// Write any statement.
    #[serde(rename = "statements/write")]
    #[value(name = "statements/write")]
    StatementsWrite,
    /// Read the statements that this credential wrote.
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

/// One credential, as kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Its public half: the user name of Basic authentication.
    pub key: String,
    pub secret_sha256: Sha256,
    /// What people call it.
    pub name: String,
    pub scopes: BTreeSet<Scope>,
    pub created: Timestamp,
    pub revoked: Option<Timestamp>,
}

impl Credential {
    /// Whether it may do what `right` asks.
    pub fn may(&self, right: Right) -> bool {
        self.scopes.contains(&Scope::All) || right.scopes().iter().any(|scope| self.scopes.contains(scope))
    }

    /// The agent that vouches for statements sent with it.
    pub fn authority(&self, app: &App) -> Authority {
        Authority::account(&app.config.url, &format!("credential:{}", self.key))
    }
}

impl Document for Credential {
    const KIND: &'static Kind = &Kind { name: "credential", indexes: &[Index { name: "created", unique: false }] };

    fn key(&self) -> String {
        self.key.clone()
    }

    fn index(&self) -> Vec<IndexKey> {
        vec![IndexKey { index: "created", key: crate::xapi::instant(self.created) }]
    }
}

/// Why a credential was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("give the credential a name of 1 to {LONGEST_NAME} bytes without control characters")]
    Name,
    #[error("give the credential at least one scope, such as `all` or `statements/write`")]
    NoScope,
    #[error("there is no credential with the key {0}")]
    Unknown(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a credential, and answers it with its secret, which nobody can read again.
pub async fn create(app: &App, name: &str, scopes: BTreeSet<Scope>) -> Result<(Credential, String), Error> {
    let name = name.trim();
    if name.is_empty() || name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(Error::Name);
    }
    if scopes.is_empty() {
        return Err(Error::NoScope);
    }
    let secret = ids::secret();
    let credential = Credential {
        key: ids::random().simple().to_string(),
        secret_sha256: Sha256::of(&secret),
        name: name.to_owned(),
        scopes,
        created: app.clock.now(),
        revoked: None,
    };
    app.store.commit(&app.provider, Commit { writes: vec![credential.insert()?], ..Commit::default() }).await?;
    Ok((credential, secret))
}

/// All credentials, the oldest first, at most 1000.
pub async fn list(app: &App) -> Result<Vec<Credential>, Error> {
    let all = Span { order: Order::Oldest, ..Span::beginning("created", "", 1000) };
    Ok(app.store.list::<Credential>(&app.provider, all).await?.into_iter().map(|kept| kept.document).collect())
}

/// Revokes the credential `key` for good. Doing so again changes nothing.
pub async fn revoke(app: &App, key: &str) -> Result<(), Error> {
    let kept = app.store.get::<Credential>(&app.provider, key).await?;
    let mut kept = kept.ok_or_else(|| Error::Unknown(key.to_owned()))?;
    if kept.document.revoked.is_none() {
        kept.document.revoked = Some(app.clock.now());
        app.store.commit(&app.provider, Commit { writes: vec![kept.replace()?], ..Commit::default() }).await?;
    }
    app.memory.credentials.invalidate(&place(app, key));
    Ok(())
}

/// The credential of this key, if `secret` is its secret and it was not revoked.
pub async fn authenticate(app: &App, key: &str, secret: &str) -> Result<Option<Arc<Credential>>, StoreError> {
    let Some(credential) = find(app, key).await? else { return Ok(None) };
    let shown = Sha256::of(secret);
    let right = bool::from(shown.0.ct_eq(&credential.secret_sha256.0));
    Ok((right && credential.revoked.is_none()).then_some(credential))
}

async fn find(app: &App, key: &str) -> Result<Option<Arc<Credential>>, StoreError> {
    let place = place(app, key);
    if let Some(seen) = app.memory.credentials.get(&place) {
        return Ok(Some(seen));
    }
    let Some(kept) = app.store.get::<Credential>(&app.provider, key).await? else { return Ok(None) };
    let credential = Arc::new(kept.document);
    app.memory.credentials.insert(place, Arc::clone(&credential));
    Ok(Some(credential))
}

fn place(app: &App, key: &str) -> String {
    format!("{}\u{1f}{key}", app.provider.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credential(scopes: &[Scope]) -> Credential {
        Credential {
            key: "k".into(),
            secret_sha256: Sha256::of(""),
            name: "n".into(),
            scopes: scopes.iter().copied().collect(),
            created: Timestamp::UNIX_EPOCH,
            revoked: None,
        }
    }

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
            let credential = credential(&[scope]);
            for right in rights {
                assert_eq!(credential.may(right), given.contains(&right), "{scope:?} {right:?}");
            }
        }
    }

    #[test]
    fn a_scope_is_kept_under_the_name_that_the_standard_gives_it() {
        use clap::ValueEnum as _;
        for scope in Scope::value_variants() {
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.as_str());
            assert_eq!(Scope::from_str(scope.as_str(), false), Ok(*scope));
        }
    }
}
