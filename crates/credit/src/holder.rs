//! Who a credit's certificate is made out to, bound to the ledger without being in it: an entry has a salted hash of the name,
//! the profession and the certificate's code. The salt is kept apart. As long as it is there, anyone who has it can compute the
//! hash again; once an erasure has dropped it, the hash says nothing about anybody.

use crate::{Profession, canonical};
use base::hash::Sha256;
use serde::{Deserialize, Serialize};

/// What a certificate says about a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    pub name: String,
    pub profession: Profession,
    pub code: String,
}

/// 32 random bytes, of one credit alone; written as hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Salt(Sha256);

impl Salt {
    /// The salt from a secret that is used for nothing else.
    pub fn of(secret: &str) -> Self {
        Self(Sha256::of(secret))
    }
}

impl Holder {
    /// What an entry of the ledger signs: the SHA-256 of the salt and the canonical JSON of the three.
    pub fn sealed(&self, salt: Salt) -> Result<Sha256, serde_json::Error> {
        let text = canonical::of(self)?;
        Ok(Sha256::of([&salt.0.0[..], &text].concat()))
    }
}

/// A holder with the salt: what a packet has while the salt exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaltedHolder {
    #[serde(flatten)]
    pub holder: Holder,
    pub salt: Salt,
}

impl SaltedHolder {
    /// Whether the ledger signed this holder.
    pub fn is_signed_as(&self, signed: Sha256) -> bool {
        self.holder.sealed(self.salt).is_ok_and(|sealed| sealed == signed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_name_profession_code_and_salt_is_bound() {
        let holder = Holder {
            name: "Ada".to_owned(),
            profession: Profession::Physician,
            code: "00000000000000000000".to_owned(),
        };
        let salt = Salt::of("secret");
        let sealed = holder.sealed(salt).unwrap();
        let others = [
            Holder { name: "Bo".to_owned(), ..holder.clone() },
            Holder { profession: Profession::Nurse, ..holder.clone() },
            Holder { code: "10000000000000000000".to_owned(), ..holder.clone() },
        ];
        assert!(others.iter().all(|other| other.sealed(salt).unwrap() != sealed));
        assert_ne!(holder.sealed(Salt::of("another")).unwrap(), sealed);
        assert!(SaltedHolder { holder, salt }.is_signed_as(sealed));
    }
}
