//! Typed documents on top of untyped records: the only way in which the server reads and writes them.

use super::{Draft, IndexKey, Kind, Provider, Record, Result, Span, Store, StoreError, Write};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How many records are read at once.
const PAGE: usize = 1000;

/// A type that is stored as records of one kind.
pub trait Document: Serialize + DeserializeOwned + Send + Sync {
    /// Its name and indexes.
    const KIND: &'static Kind;

    /// Its key, unique within provider and kind.
    fn key(&self) -> String;

    /// Its entries in the indexes of [`Self::KIND`].
    fn index(&self) -> Vec<IndexKey>;

    /// The write that stores it under a new key.
    fn insert(&self) -> Result<Write> {
        Ok(Write::Insert(draft(self)?))
    }
}

/// A document as read, with the version that a later replacement must still find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument<D> {
    pub version: u64,
    pub document: D,
}

impl<D: Document> StoredDocument<D> {
    /// The write that replaces the record by the document as it is now, if nobody else has changed it.
    pub fn replace(&self) -> Result<Write> {
        Ok(Write::Replace { version: self.version, draft: draft(&self.document)? })
    }

    /// The write that removes the record, if nobody has changed it.
    pub fn delete(&self) -> Write {
        Write::Delete { kind: D::KIND, key: self.document.key(), version: self.version }
    }
}

/// Typed reads, for every store.
#[expect(async_fn_in_trait, reason = "implemented here once, for every store; its futures need no other bound")]
pub trait Records {
    /// The document of this key.
    async fn get<D: Document>(&self, provider: &Provider, key: &str) -> Result<Option<StoredDocument<D>>>;

    /// The documents in a range of an index, at most as many as its limit says. More than a page are read page by page, so that
    /// what others change meanwhile may be in one page and not in the next.
    async fn list<D: Document>(&self, provider: &Provider, span: Span) -> Result<Vec<StoredDocument<D>>>;

    /// The first document whose key in `index` is `key`.
    async fn find<D: Document>(
        &self,
        provider: &Provider,
        index: &'static str,
        key: &str,
    ) -> Result<Option<StoredDocument<D>>> {
        Ok(self.list(provider, Span::of(index, key, 1)).await?.pop())
    }
}

impl<S: Store + ?Sized> Records for S {
    async fn get<D: Document>(&self, provider: &Provider, key: &str) -> Result<Option<StoredDocument<D>>> {
        self.record(provider, D::KIND, key).await?.as_ref().map(read).transpose()
    }

    async fn list<D: Document>(&self, provider: &Provider, span: Span) -> Result<Vec<StoredDocument<D>>> {
        let mut found = Vec::new();
        let mut wanted = span.limit;
        let mut span = span;
        loop {
            span.limit = wanted.min(PAGE);
            let page = self.range(provider, D::KIND, span.clone()).await?;
            for (_, record) in &page {
                found.push(read(record)?);
            }
            wanted = wanted.saturating_sub(page.len());
            let is_last = page.len() < span.limit || wanted == 0;
            match page.into_iter().next_back() {
                Some((key, record)) if !is_last => span.after = Some((key, record.key)),
                _ => return Ok(found),
            }
        }
    }
}

fn draft<D: Document>(document: &D) -> Result<Draft> {
    let body = serde_json::to_vec(document).map_err(|e| unreadable(D::KIND, &e))?;
    Ok(Draft { kind: D::KIND, key: document.key(), body, index: document.index() })
}

fn read<D: Document>(record: &Record) -> Result<StoredDocument<D>> {
    let document = serde_json::from_slice(&record.body).map_err(|e| unreadable(D::KIND, &e))?;
    Ok(StoredDocument { version: record.version, document })
}

fn unreadable(kind: &Kind, error: &serde_json::Error) -> StoreError {
    StoreError::Failed(format!("a record of kind {} does not fit its type: {error}", kind.name))
}
