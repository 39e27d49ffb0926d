//! Moving everything that a store keeps: into another store, into a file of JSON Lines, and back.
//!
//! [`walk`] reads a store in pages and hands them to a [`Sink`]: another store ([`Into`]) or a file ([`lines`]). Taking in
//! what is there already changes nothing, so whatever broke off is simply begun again.

mod lines;

pub use lines::{export, import};

use super::kinds;
use crate::hash::Sha256;
use crate::store::archive::{Archive, LogEntry, LooseDue, LooseRecord, Pieces};
use crate::store::{Draft, IndexKey, Provider, Seq, StoreError};
use async_trait::async_trait;
use std::collections::BTreeMap;
use tokio::io::{AsyncWrite, AsyncWriteExt as _, duplex};

/// Pieces that travel together.
const PAGE: usize = 200;
/// Bytes of a blob that are held at a time.
const BLOB_PIECE: u64 = 1 << 20;

/// How many of each there are: `statements`, `blobs`, `due`, and every kind of record by its name.
pub type Counts = BTreeMap<String, u64>;

/// Why it did not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("a record of kind {0} was written by a newer version; use that version, or a later one")]
    Newer(String),
    #[error("blob {0} is missing in the source, or its bytes are not what its name says; verify the source")]
    Blob(Sha256),
    #[error("source and target do not hold the same; stop whatever writes to them and begin again ({0})")]
    Unequal(String),
    #[error("line {line} of the export cannot be read: {why}")]
    Line { line: u64, why: String },
    #[error("the export ends early; make it again")]
    Cut,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the file failed: {0}")]
    File(#[from] std::io::Error),
}

/// Some pieces of one sort.
#[derive(Debug)]
pub enum Page {
    Records(Vec<LooseRecord>),
    Due(Vec<LooseDue>),
    Statements(Vec<LogEntry>),
}

/// What takes the pieces.
#[async_trait(?Send)]
pub trait Sink {
    /// A blob of `from`.
    async fn blob(&mut self, from: &dyn Archive, name: Sha256) -> Result<(), Error>;
    /// Pieces of one provider.
    async fn page(&mut self, provider: &Provider, page: Page) -> Result<(), Error>;
}

/// Copies everything from one store into another, and counts both at the end.
///
/// `progress` is told what was done after each page.
pub async fn copy(from: &dyn Archive, to: &dyn Archive, progress: &mut dyn FnMut(&Counts)) -> Result<Counts, Error> {
    let copied = walk(from, &mut Into(to), progress).await?;
    let there = walk(to, &mut Nothing, &mut |_| ()).await?;
    same(&copied, &there)?;
    Ok(copied)
}

/// Hands everything that `from` keeps to `sink`: first what others refer to, last the log.
async fn walk(from: &dyn Archive, sink: &mut dyn Sink, progress: &mut dyn FnMut(&Counts)) -> Result<Counts, Error> {
    let mut counts = Counts::new();
    let mut after = None;
    loop {
        let names = from.blobs_behind(after, PAGE).await?;
        let Some(last) = names.last().copied() else { break };
        after = Some(last);
        for name in names {
            sink.blob(from, name).await?;
            *counts.entry("blobs".to_owned()).or_default() += 1;
        }
        progress(&counts);
    }
    for provider in from.providers().await? {
        let mut at = Some(Cursor::Records(None));
        while let Some(cursor) = at {
            let (page, next) = cursor.read(from, &provider).await?;
            count(&page, &mut counts);
            sink.page(&provider, page).await?;
            progress(&counts);
            at = next;
        }
    }
    Ok(counts)
}

/// Where in a provider's pieces the walk is.
enum Cursor {
    Records(Option<(String, String)>),
    Due(Option<(String, String)>),
    Statements(Seq),
}

impl Cursor {
    /// The next page, and where to go on behind it.
    async fn read(self, from: &dyn Archive, provider: &Provider) -> Result<(Page, Option<Self>), Error> {
        Ok(match self {
            Self::Records(after) => {
                let page = from.records_behind(provider, after, PAGE).await?;
                let last = page.last().map(|record| (record.kind.clone(), record.key.clone()));
                (Page::Records(page), Some(last.map_or(Self::Due(None), |last| Self::Records(Some(last)))))
            }
            Self::Due(after) => {
                let page = from.due_behind(provider, after, PAGE).await?;
                let last = page.last().map(|item| (item.queue.clone(), item.key.clone()));
                (Page::Due(page), Some(last.map_or(Self::Statements(Seq(0)), |last| Self::Due(Some(last)))))
            }
            Self::Statements(after) => {
                let page = from.statements_behind(provider, after, PAGE).await?;
                let next = page.last().map(|entry| Self::Statements(entry.seq));
                (Page::Statements(page), next)
            }
        })
    }
}

fn count(page: &Page, counts: &mut Counts) {
    let mut add = |name: &str, number: usize| {
        if number > 0 {
            *counts.entry(name.to_owned()).or_default() += u64::try_from(number).unwrap_or(u64::MAX);
        }
    };
    match page {
        Page::Records(records) => records.iter().for_each(|record| add(&record.kind, 1)),
        Page::Due(due) => add("due", due.len()),
        Page::Statements(statements) => add("statements", statements.len()),
    }
}

/// Refuses when two stores that should hold the same do not.
fn same(ours: &Counts, theirs: &Counts) -> Result<(), Error> {
    let names = ours.keys().chain(theirs.keys());
    let number = |counts: &Counts, name: &str| counts.get(name).copied().unwrap_or_default();
    match names.into_iter().find(|name| number(ours, name) != number(theirs, name)) {
        None => Ok(()),
        Some(name) => {
            let (here, there) = (number(ours, name), number(theirs, name));
            Err(Error::Unequal(format!("{name}: {here} in the source, {there} in the target")))
        }
    }
}

/// A sink that only lets the walk count.
struct Nothing;

#[async_trait(?Send)]
impl Sink for Nothing {
    async fn blob(&mut self, _: &dyn Archive, _: Sha256) -> Result<(), Error> {
        Ok(())
    }

    async fn page(&mut self, _: &Provider, _: Page) -> Result<(), Error> {
        Ok(())
    }
}

/// A store that takes in.
struct Into<'s>(&'s dyn Archive);

#[async_trait(?Send)]
impl Sink for Into<'_> {
    async fn blob(&mut self, from: &dyn Archive, name: Sha256) -> Result<(), Error> {
        if self.0.blob_len(name).await?.is_some() {
            return Ok(());
        }
        let (mut here, mut there) = duplex(usize::try_from(BLOB_PIECE).unwrap_or(usize::MAX));
        let give = async {
            pour(from, name, &mut here).await?;
            here.shutdown().await?;
            Ok::<(), Error>(())
        };
        let (given, kept) = tokio::join!(give, self.0.keep_from(&mut there));
        given?;
        if kept?.0 == name { Ok(()) } else { Err(Error::Blob(name)) }
    }

    async fn page(&mut self, provider: &Provider, page: Page) -> Result<(), Error> {
        let pieces = match page {
            Page::Records(records) => {
                let records = records.into_iter().map(draft).collect::<Result<_, _>>()?;
                Pieces { records, ..Pieces::default() }
            }
            Page::Due(due) => Pieces { due, ..Pieces::default() },
            Page::Statements(statements) => Pieces { statements, ..Pieces::default() },
        };
        Ok(self.0.take_in(provider, pieces).await?)
    }
}

/// Writes the bytes of a blob into `to`.
async fn pour(from: &dyn Archive, name: Sha256, to: &mut (dyn AsyncWrite + Unpin)) -> Result<(), Error> {
    let length = from.blob_len(name).await?.ok_or(Error::Blob(name))?;
    let mut at = 0;
    while at < length {
        let piece = from.blob(name, at..at + BLOB_PIECE).await?.ok_or(Error::Blob(name))?;
        at += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        if piece.is_empty() {
            return Err(Error::Blob(name));
        }
        // The other end went away: it will say why.
        if to.write_all(&piece).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// A record as this version would write it, at the version that it has.
fn draft(record: LooseRecord) -> Result<(Draft, u64), Error> {
    let kind = kinds::named(&record.kind).ok_or_else(|| Error::Newer(record.kind.clone()))?;
    let declared = |name: &str| kind.indexes.iter().find(|index| index.name == name).map(|index| index.name);
    let entries = record.index.iter().map(|(name, key)| {
        let index = declared(name).ok_or_else(|| Error::Newer(format!("{} (index {name})", record.kind)))?;
        Ok(IndexKey { index, key: key.clone() })
    });
    let index = entries.collect::<Result<_, Error>>()?;
    Ok((Draft { kind, key: record.key, body: record.body, index }, record.version))
}
