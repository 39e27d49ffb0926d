//! Pages of the log, sealed one after the other: nobody changes, removes, inserts, or swaps a statement of one undetected, even
//! where no credit rests on it.
//!
//! A page has, for each of its statements, a salted hash of the stored bytes: its leaf. The hash of all leaves is signed together
//! with the hash of the page before. An erasure that rewrites a statement drops the salt of its leaf, which then says nothing
//! about the former bytes any more and still counts for the hash of the page, and signs a leaf of the new bytes.

use crate::canonical;
use crate::ledger::{EntryError, PublicKey, SealError, SigningKey, payload};
use base::hash::Sha256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What is signed of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogPage {
    /// The provider's short name.
    pub provider: String,
    /// 1, 2, 3 … without a gap.
    pub page: u64,
    /// The numbers of its first and last statements.
    pub first: u64,
    pub last: u64,
    pub at: Timestamp,
    /// The hash of the page before, or [`crate::ledger::BEGINNING`].
    pub previous: Sha256,
    /// Of the hashes in the leaves, one after the other.
    pub leaves: Sha256,
}

/// The salt of a statement and the first half of the SHA-256 of the salt and the statement's bytes: half of it is enough, since
/// nobody who makes a statement knows its salt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Leaf {
    salt: [u8; 16],
    hash: [u8; 16],
}

/// What is signed of a statement that was rewritten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rewriting {
    provider: String,
    seq: u64,
    /// The hash in the leaf of the page, in hexadecimal digits.
    was: String,
    /// The hash in the leaf of the new bytes.
    is: String,
}

/// A statement that an erasure has rewritten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RewrittenStatement {
    /// Of the new bytes.
    leaf: Leaf,
    /// A signed [`Rewriting`].
    jws: String,
}

/// A page as it is stored: signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedPage {
    pub page: u64,
    pub first: u64,
    pub last: u64,
    /// Of the canonical bytes; what the next page names.
    pub hash: Sha256,
    /// The canonical bytes and their signature.
    pub jws: String,
    /// Of each statement, in order.
    leaves: Vec<Leaf>,
    /// By number.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    rewritten: BTreeMap<u64, RewrittenStatement>,
}

/// Where the sealed log ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEnd {
    pub page: u64,
    /// The number of the last statement that is sealed.
    pub last: u64,
    pub hash: Sha256,
}

/// What is wrong with a page, as a sentence for an auditor.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    #[error(transparent)]
    Signature(#[from] EntryError),
    #[error("its content has the hash {found}; {kept} is stored")]
    OtherHash { found: Sha256, kept: Sha256 },
    #[error("it is page {found} where {expected} belongs")]
    OutOfOrder { found: u64, expected: u64 },
    #[error("it begins with statement number {found}; the page before ends with number {last}")]
    Gap { found: u64, last: u64 },
    #[error("it names {found} as the page before; that has the hash {expected}")]
    NotChained { found: Sha256, expected: Sha256 },
    #[error("it belongs to the provider {0}")]
    OtherProvider(String),
    #[error("its list of statements is not the one that was signed")]
    OtherLeaves,
}

/// What is wrong with a statement of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    #[error("it is not the statement that was sealed")]
    Other,
    #[error("an erasure rewrote it, and it is not what that erasure signed")]
    NotAsRewritten,
    #[error("it is said to be rewritten by an erasure, and no erasure signed that")]
    NotSigned,
}

impl Leaf {
    /// The leaf of a statement. The salt is random, and of this statement alone.
    pub fn of(salt: Uuid, bytes: &[u8]) -> Self {
        let salt = *salt.as_bytes();
        Self { salt, hash: hash(salt, bytes) }
    }

    fn is_of(&self, bytes: &[u8]) -> bool {
        self.hash == hash(self.salt, bytes)
    }
}

fn hash(salt: [u8; 16], bytes: &[u8]) -> [u8; 16] {
    let mut hasher = Sha256::hasher();
    hasher.update(&salt);
    hasher.update(bytes);
    hasher.finish().0.first_chunk().copied().unwrap_or_default()
}

fn hex(hash: [u8; 16]) -> String {
    Uuid::from_bytes(hash).simple().to_string()
}

impl From<Leaf> for String {
    fn from(Leaf { salt, hash }: Leaf) -> Self {
        BASE64URL.encode([salt, hash].concat())
    }
}

impl TryFrom<String> for Leaf {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = BASE64URL.decode(text).ok();
        let halves = bytes.as_deref().and_then(|bytes| match bytes.as_chunks::<16>() {
            ([salt, hash], []) => Some(Self { salt: *salt, hash: *hash }),
            _ => None,
        });
        halves.ok_or("a leaf is 32 bytes in base64url")
    }
}

fn together(leaves: &[Leaf]) -> Sha256 {
    let mut hasher = Sha256::hasher();
    for leaf in leaves {
        hasher.update(&leaf.hash);
    }
    hasher.finish()
}

impl SealedPage {
    /// Seals the statements after `before`, whose leaves these are.
    pub fn seal(
        key: &SigningKey,
        provider: &str,
        before: LogEnd,
        leaves: Vec<Leaf>,
        at: Timestamp,
    ) -> Result<Self, SealError> {
        let (page, first) = (before.page + 1, before.last + 1);
        let last = before.last + u64::try_from(leaves.len()).unwrap_or_default();
        let provider = provider.to_owned();
        let leaves_hash = together(&leaves);
        let signed = LogPage { provider, page, first, last, at, previous: before.hash, leaves: leaves_hash };
        let payload = canonical::of(&signed)?;
        let (hash, jws) = (Sha256::of(&payload), key.sign(&payload)?);
        Ok(Self { page, first, last, hash, jws, leaves, rewritten: BTreeMap::new() })
    }

    /// Where the log ends with this page.
    pub fn end(&self) -> LogEnd {
        LogEnd { page: self.page, last: self.last, hash: self.hash }
    }

    /// Checks the page itself: its signature, its hash, and that it follows on `before`.
    pub fn check(&self, keys: &[PublicKey], provider: &str, before: LogEnd) -> Result<(), PageError> {
        let (key, payload) = payload(&self.jws, keys)?;
        let found = Sha256::of(&payload);
        if found != self.hash {
            return Err(PageError::OtherHash { found, kept: self.hash });
        }
        let signed: LogPage = serde_json::from_slice(&payload).map_err(EntryError::Unreadable)?;
        if !key.signed_at(signed.at) {
            return Err(EntryError::Retired { key: key.id.clone(), at: signed.at }.into());
        }
        if signed.provider != provider {
            return Err(PageError::OtherProvider(signed.provider));
        }
        if signed.page != before.page + 1 || self.page != signed.page {
            return Err(PageError::OutOfOrder { found: signed.page, expected: before.page + 1 });
        }
        if signed.first != before.last + 1 {
            return Err(PageError::Gap { found: signed.first, last: before.last });
        }
        if signed.previous != before.hash {
            return Err(PageError::NotChained { found: signed.previous, expected: before.hash });
        }
        let count = u64::try_from(self.leaves.len()).ok();
        let is_signed = (signed.first, signed.last) == (self.first, self.last)
            && count == (signed.last + 1).checked_sub(signed.first)
            && signed.leaves == together(&self.leaves);
        if is_signed { Ok(()) } else { Err(PageError::OtherLeaves) }
    }

    fn leaf(&self, seq: u64) -> Option<&Leaf> {
        self.leaves.get(usize::try_from(seq.checked_sub(self.first)?).ok()?)
    }

    /// Checks a statement of the page, which was checked before.
    pub fn check_statement(
        &self,
        keys: &[PublicKey],
        provider: &str,
        seq: u64,
        bytes: &[u8],
    ) -> Result<(), StatementError> {
        let Some(leaf) = self.leaf(seq) else { return Err(StatementError::Other) };
        let Some(rewritten) = self.rewritten.get(&seq) else {
            return if leaf.is_of(bytes) { Ok(()) } else { Err(StatementError::Other) };
        };
        let expected =
            Rewriting { provider: provider.to_owned(), seq, was: hex(leaf.hash), is: hex(rewritten.leaf.hash) };
        let signed = payload(&rewritten.jws, keys).ok();
        let signed = signed.and_then(|(_, payload)| serde_json::from_slice::<Rewriting>(&payload).ok());
        if signed != Some(expected) {
            return Err(StatementError::NotSigned);
        }
        if rewritten.leaf.is_of(bytes) { Ok(()) } else { Err(StatementError::NotAsRewritten) }
    }

    /// Notes that a statement of the page has other bytes now, of which `leaf` is, and drops the salt of the former ones.
    pub fn rewrite(&mut self, key: &SigningKey, provider: &str, seq: u64, leaf: Leaf) -> Result<(), SealError> {
        let first = self.first;
        let place = seq.checked_sub(first).and_then(|place| usize::try_from(place).ok());
        let Some(sealed) = place.and_then(|place| self.leaves.get_mut(place)) else { return Ok(()) };
        sealed.salt = [0; 16];
        let signed = Rewriting { provider: provider.to_owned(), seq, was: hex(sealed.hash), is: hex(leaf.hash) };
        let jws = key.sign(&canonical::of(&signed)?)?;
        self.rewritten.insert(seq, RewrittenStatement { leaf, jws });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{BEGINNING, tests::keys, tests::retired};

    const NOWHERE: LogEnd = LogEnd { page: 0, last: 0, hash: BEGINNING };

    fn leaf(n: u128, bytes: &str) -> Leaf {
        Leaf::of(Uuid::from_u128(n), bytes.as_bytes())
    }

    fn pages() -> (SigningKey, [PublicKey; 1], [SealedPage; 2]) {
        let (key, public) = keys();
        let at = "2026-03-02T14:00:00Z".parse().unwrap();
        let first = SealedPage::seal(&key, "p", NOWHERE, vec![leaf(1, "a"), leaf(2, "b")], at).unwrap();
        let second = SealedPage::seal(&key, "p", first.end(), vec![leaf(3, "c")], at).unwrap();
        (key, [public], [first, second])
    }

    #[test]
    fn pages_follow_each_other_and_each_statement_is_bound_to_its_place() {
        let (_, keys, [first, second]) = pages();
        assert!(first.check(&keys, "p", NOWHERE).is_ok() && second.check(&keys, "p", first.end()).is_ok());
        assert!(matches!(second.check(&keys, "p", NOWHERE), Err(PageError::OutOfOrder { found: 2, expected: 1 })));
        assert!(matches!(first.check(&keys, "other", NOWHERE), Err(PageError::OtherProvider(_))));
        assert!(matches!(first.check(&[], "p", NOWHERE), Err(PageError::Signature(_))));
        assert_eq!(first.check_statement(&keys, "p", 1, b"a"), Ok(()));
        assert_eq!(first.check_statement(&keys, "p", 2, b"a"), Err(StatementError::Other));
        assert_eq!(first.check_statement(&keys, "p", 3, b"c"), Err(StatementError::Other));
        assert_eq!(second.check_statement(&keys, "p", 3, b"c"), Ok(()));
    }

    #[test]
    fn a_key_that_was_replaced_signs_no_later_page() {
        let (_, [public], [first, _]) = pages();
        let checked = |until| first.check(&[retired(public.clone(), until)], "p", NOWHERE);
        assert!(checked("2026-03-02T13:50:00Z").is_ok(), "the clocks of several servers differ");
        assert!(matches!(checked("2026-03-02T13:49:59Z"), Err(PageError::Signature(EntryError::Retired { .. }))));
    }

    #[test]
    fn a_leaf_that_is_changed_removed_or_swapped_is_found() {
        let (_, keys, [first, _]) = pages();
        let changes: [fn(&mut Vec<Leaf>); 4] =
            [|all| all.swap(0, 1), |all| all.truncate(1), |all| all[0] = leaf(1, "x"), |all| all.push(leaf(9, "y"))];
        for change in changes {
            let mut page = first.clone();
            change(&mut page.leaves);
            assert!(matches!(page.check(&keys, "p", NOWHERE), Err(PageError::OtherLeaves)));
        }
    }

    #[test]
    fn only_an_erasure_rewrites_and_nothing_of_the_former_bytes_stays() {
        let (key, keys, [mut page, _]) = pages();
        page.rewrite(&key, "p", 2, leaf(7, "erased")).unwrap();
        assert!(page.check(&keys, "p", NOWHERE).is_ok());
        assert_eq!(page.check_statement(&keys, "p", 2, b"erased"), Ok(()));
        assert_eq!(page.check_statement(&keys, "p", 2, b"b"), Err(StatementError::NotAsRewritten));
        assert_eq!(page.leaves[1].salt, [0; 16], "the salt is gone");
        // Again, by the erasure of another person.
        page.rewrite(&key, "p", 2, leaf(8, "erased twice")).unwrap();
        assert_eq!(page.check_statement(&keys, "p", 2, b"erased twice"), Ok(()));
        let text = serde_json::to_string(&page).unwrap();
        assert_eq!(serde_json::from_str::<SealedPage>(&text).unwrap(), page);
        let elsewhere = page.rewritten.get(&2).unwrap().clone();
        page.rewritten.insert(1, elsewhere);
        assert_eq!(page.check_statement(&keys, "p", 1, b"erased twice"), Err(StatementError::NotSigned));
        let (forger, _) = crate::ledger::tests::keys();
        page.rewrite(&forger, "p", 1, leaf(9, "forged")).unwrap();
        assert_eq!(page.check_statement(&keys, "p", 1, b"forged"), Err(StatementError::NotSigned));
    }
}
