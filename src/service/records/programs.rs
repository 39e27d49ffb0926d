//! Programs that call the APIs: what each may do, and who vouches for what it writes.
//!
//! However a program authenticates, everything else uses this type alone.

use crate::service::App;
use crate::service::people::credentials::{Credential, CredentialOrigin, Right};
use crate::service::people::issuers::Bearer;
use crate::service::records::access::Access;
use std::sync::Arc;
use xapi::Authority;

/// A program whose right to call was checked.
#[derive(Debug, Clone)]
pub enum Program {
    /// It knows the secret of a credential.
    Credential(Arc<Credential>),
    /// It bears a token of an issuer that this server trusts.
    Bearer(Bearer),
}

impl Program {
    /// Whether it has `right`.
    pub fn may(&self, right: Right) -> bool {
        match self {
            Self::Credential(credential) => credential.may(right),
            // A token lives for minutes; a credential made with it would outlive it, and whoever stole it.
            Self::Bearer(_) if right == Right::KeepCredentials => false,
            Self::Bearer(bearer) => bearer.may(right),
        }
    }

    /// The agent that vouches for statements that it sends.
    pub fn authority(&self, app: &App) -> Authority {
        match self {
            Self::Credential(credential) => credential.authority(app),
            Self::Bearer(bearer) => bearer.authority(),
        }
    }

    /// The name under which records say who did it.
    pub fn by(&self) -> String {
        match self {
            Self::Credential(credential) => format!("credential:{}", credential.key),
            Self::Bearer(bearer) => bearer.by(),
        }
    }

    /// What the credentials that it creates belong to.
    pub fn origin(&self) -> CredentialOrigin {
        match self {
            Self::Credential(credential) => credential.origin,
            Self::Bearer(_) => CredentialOrigin::Provider,
        }
    }

    /// Which statements it may read, if any (Part 3 §4.2: `statements/read` reads all, `statements/read/mine` its own).
    pub fn access(&self, app: &App) -> Option<Access> {
        if self.may(Right::ReadStatements) {
            Some(Access::All)
        } else if self.may(Right::ReadOwnStatements) {
            Some(Access::Own(self.authority(app)))
        } else {
            None
        }
    }
}
