//! Who vouches for a person who can sign in.

use crate::config::{API_ISSUER, DEMO_ISSUER};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Who vouches for a person. Stored as one name; the configuration rejects a portal that has one of the server's own names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum AccountIssuer {
    /// Nobody: the person belongs to the demonstration.
    Demo,
    /// A program that registers learners through the API.
    Api,
    /// The portal whose tokens have this `iss`.
    Portal(String),
}

impl AccountIssuer {
    /// Its name, as it is stored.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Demo => DEMO_ISSUER,
            Self::Api => API_ISSUER,
            Self::Portal(name) => name,
        }
    }
}

impl From<String> for AccountIssuer {
    fn from(name: String) -> Self {
        match name.as_str() {
            DEMO_ISSUER => Self::Demo,
            API_ISSUER => Self::Api,
            _ => Self::Portal(name),
        }
    }
}

impl From<AccountIssuer> for String {
    fn from(issuer: AccountIssuer) -> Self {
        match issuer {
            AccountIssuer::Portal(name) => name,
            other => other.as_str().to_owned(),
        }
    }
}

impl fmt::Display for AccountIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_stored_as_its_name() {
        for (issuer, stored) in [
            (AccountIssuer::Demo, r#""demo""#),
            (AccountIssuer::Api, r#""api""#),
            (AccountIssuer::Portal("https://portal.example.org".to_owned()), r#""https://portal.example.org""#),
        ] {
            assert_eq!(serde_json::to_string(&issuer).unwrap(), stored);
            assert_eq!(serde_json::from_str::<AccountIssuer>(stored).unwrap(), issuer);
        }
    }
}
