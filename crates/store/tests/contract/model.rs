//! Small inputs for the contract: statements without any xAPI, and one kind of record.

use base::hash::Sha256;
use base::log::{NewStatement, StatementId, StatementTemplate, Token};
use jiff::Timestamp;
use store::{Commit, Draft, DueItem, Index, IndexKey, Kind, Provider, Scan, Store, StoredStatement, Write};
use uuid::Uuid;

/// The provider of most cases.
pub(crate) fn provider() -> Provider {
    Provider::new("mercy")
}

/// The instant at which every case begins.
pub(crate) fn start() -> Timestamp {
    "2026-01-15T08:00:00Z".parse().unwrap()
}

/// The token of the fact called `name`.
pub(crate) fn token(name: &str) -> Token {
    let Sha256(digest) = Sha256::of(name);
    Token(digest[..16].try_into().unwrap())
}

/// The id of the statement called `name`.
pub(crate) fn id(name: &str) -> StatementId {
    StatementId(Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()))
}

/// A statement called `name` that is found by `facts`.
pub(crate) fn statement(name: &str, facts: &[&str]) -> NewStatement {
    let mut tokens: Vec<Token> = facts.iter().map(|fact| token(fact)).collect();
    tokens.sort_unstable();
    tokens.dedup();
    let head = format!(r#"{{"name":"{name}","precise":1.0e1,"stored":"#).into_bytes();
    NewStatement {
        id: id(name),
        bytes: StatementTemplate { pieces: vec![head, b"}".to_vec()] },
        digest: Sha256::of(name),
        tokens,
        refers_to: None,
        voiding: false,
        voidable_by: None,
        registration: None,
        defined: Vec::new(),
    }
}

/// A statement called `name` about the statement called `target`.
pub(crate) fn referring(name: &str, facts: &[&str], target: &str) -> NewStatement {
    NewStatement { refers_to: Some(id(target)), ..statement(name, facts) }
}

/// A statement called `name` that voids the statement called `target`.
pub(crate) fn voiding(name: &str, target: &str) -> NewStatement {
    NewStatement { voiding: true, ..referring(name, &["voided"], target) }
}

/// A commit of statements alone.
pub(crate) fn log(statements: impl IntoIterator<Item = NewStatement>) -> Commit {
    Commit { statements: statements.into_iter().collect(), ..Commit::default() }
}

/// A commit of record writes alone.
pub(crate) fn writes(writes: impl IntoIterator<Item = Write>) -> Commit {
    Commit { writes: writes.into_iter().collect(), ..Commit::default() }
}

/// A commit of one due item alone.
pub(crate) fn due(key: &str, at: Timestamp) -> Commit {
    Commit { due: vec![DueItem { queue: "decide", key: key.to_owned(), at }], ..Commit::default() }
}

/// A scan for all of `facts`, oldest first, including voided statements.
pub(crate) fn by(facts: &[&str]) -> Scan {
    Scan::everything(facts.iter().map(|fact| token(fact)).collect(), usize::MAX)
}

/// The names that [`statement`] gave these statements, in their order.
pub(crate) fn names(found: &[StoredStatement]) -> Vec<String> {
    let name = |stored: &StoredStatement| {
        let value: serde_json::Value = serde_json::from_slice(&stored.bytes).unwrap();
        value["name"].as_str().unwrap().to_owned()
    };
    found.iter().map(name).collect()
}

/// The names of the statements that match `scan`.
pub(crate) async fn scan(store: &dyn Store, scan: Scan) -> Vec<String> {
    names(&store.scan(&provider(), scan).await.unwrap())
}

/// A kind with one index of each sort.
pub(crate) static BOOK: Kind =
    Kind { name: "book", indexes: &[Index { name: "shelf", unique: false }, Index { name: "isbn", unique: true }] };

/// A book under `key`, on `shelf`, with `isbn` if it has one.
pub(crate) fn book(key: &str, shelf: &str, isbn: Option<&str>) -> Draft {
    let shelf = IndexKey { index: "shelf", key: shelf.to_owned() };
    let isbn = isbn.map(|key| IndexKey { index: "isbn", key: key.to_owned() });
    Draft {
        kind: &BOOK,
        key: key.to_owned(),
        body: key.as_bytes().to_vec(),
        index: [Some(shelf), isbn].into_iter().flatten().collect(),
    }
}
