//! The ids that several use cases share.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// A person who can sign in. A learner's is the account name in every statement about them.
    AccountId
}
id! {
    /// One learner's instance of an activity: the xAPI registration.
    RegistrationId
}
id! {
    /// An immutable version of a package.
    PackageVersionId
}
id! {
    /// A play session, as statements name it.
    SessionId
}
id! {
    /// An erasure.
    ErasureId
}
