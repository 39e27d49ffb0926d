//! The source of a copy: a store, or a file that an export wrote. It is read several times, always in the same order.

use super::piece::{Piece, PieceReader};
use super::{BLOB_PIECE, Counts, Error, PAGE, Progress, Stage};
use crate::service::upkeep::copy_mark;
use crate::service::upkeep::installation::Installation;
use async_trait::async_trait;
use base::hash::Sha256;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use store::archive::Archive;
use store::{Document as _, Provider, Seq};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, duplex};

/// The name that blobs are counted under.
pub(super) const BLOBS: &str = "blobs";

/// A provider whose data a source has, and how far its log goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Origin {
    pub(super) provider: Provider,
    /// The record of the address under which it was first served, and when; `None` if it never was.
    pub(super) installation: Option<String>,
    /// The position of the last statement.
    pub(super) statements: Seq,
}

/// Where everything is copied from.
#[async_trait(?Send)]
pub(super) trait Source {
    /// The providers whose data it has; `None` if it does not say. Starts the observation for [`Source::unchanged`].
    async fn origins(&mut self) -> Result<Option<Vec<Origin>>, Error>;

    /// Gives everything to `sink`: the blobs by name, then each provider's pieces in their order.
    async fn feed(&mut self, sink: &mut dyn Sink, tally: &mut Tally<'_>) -> Result<(), Error>;

    /// Fails if somebody has written to it since [`Source::origins`].
    async fn unchanged(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// Where everything is copied to.
#[async_trait(?Send)]
pub(super) trait Sink {
    /// A blob. Its bytes may be left unread.
    async fn blob(&mut self, name: Sha256, bytes: &mut (dyn AsyncRead + Send + Unpin)) -> Result<(), Error>;

    /// There are no more blobs.
    async fn no_more_blobs(&mut self) -> Result<(), Error>;

    /// Pieces of this provider follow. Returns the position in its log after which statements are wanted.
    async fn begin(&mut self, provider: &Provider) -> Result<Seq, Error>;

    /// The next piece of the provider.
    async fn piece(&mut self, piece: Piece) -> Result<(), Error>;

    /// There are no more pieces of the provider.
    async fn end(&mut self) -> Result<(), Error>;
}

/// Counts what passes, and reports the progress from time to time.
pub(super) struct Tally<'p> {
    progress: Progress,
    counted: usize,
    report: &'p mut dyn FnMut(&Progress),
}

impl<'p> Tally<'p> {
    pub(super) fn new(stage: Stage, origins: Option<&[Origin]>, report: &'p mut dyn FnMut(&Progress)) -> Self {
        let of_all = origins.map(|origins| origins.iter().map(|origin| origin.statements.0).sum());
        let progress = Progress { stage, counts: Counts::new(), statements: of_all };
        report(&progress);
        Self { progress, counted: 0, report }
    }

    /// This many of a sort passed.
    pub(super) fn add(&mut self, sort: &str, number: u64) {
        if number > 0 {
            *self.progress.counts.entry(sort.to_owned()).or_default() += number;
        }
        self.counted += 1;
        // A blob may be large; a page of anything else passes quickly.
        if sort == BLOBS || self.counted.is_multiple_of(PAGE) {
            (self.report)(&self.progress);
        }
    }

    /// What passed so far.
    pub(super) fn counts(&self) -> &Counts {
        &self.progress.counts
    }
}

/// A store as a source.
pub(super) struct StoreSource<'s> {
    store: &'s dyn Archive,
    /// What [`Archive::changes`] returned at the beginning.
    changes: u64,
}

impl<'s> StoreSource<'s> {
    pub(super) fn of(store: &'s dyn Archive) -> Self {
        Self { store, changes: 0 }
    }
}

#[async_trait(?Send)]
impl Source for StoreSource<'_> {
    async fn origins(&mut self) -> Result<Option<Vec<Origin>>, Error> {
        self.changes = self.store.changes().await?;
        if copy_mark::is_unfinished(self.store).await? {
            return Err(Error::Unfinished);
        }
        let mut origins = Vec::new();
        for provider in providers(self.store).await? {
            let installation = installation(self.store, &provider).await?;
            let statements = self.store.log_end(&provider).await?;
            origins.push(Origin { provider, installation, statements });
        }
        if origins.is_empty() { Err(Error::Nothing) } else { Ok(Some(origins)) }
    }

    async fn feed(&mut self, sink: &mut dyn Sink, tally: &mut Tally<'_>) -> Result<(), Error> {
        let mut names = BlobNames::of(self.store);
        while let Some(name) = names.next().await? {
            blob(self.store, name, sink).await?;
            tally.add(BLOBS, 1);
        }
        sink.no_more_blobs().await?;
        for provider in providers(self.store).await? {
            let after = sink.begin(&provider).await?.min(self.store.log_end(&provider).await?);
            tally.add("statements", after.0);
            let mut reader = PieceReader::of(self.store, &provider, after);
            while let Some(piece) = reader.next().await? {
                tally.add(piece.sort(), 1);
                sink.piece(piece).await?;
            }
            sink.end().await?;
        }
        Ok(())
    }

    async fn unchanged(&mut self) -> Result<(), Error> {
        if self.store.changes().await? == self.changes { Ok(()) } else { Err(Error::Changed) }
    }
}

/// The providers for which `store` contains anything.
pub(super) async fn providers(store: &dyn Archive) -> Result<Vec<Provider>, Error> {
    let mut found = Vec::new();
    for provider in store.providers().await? {
        if !copy_mark::is_place(&provider) && PieceReader::of(store, &provider, Seq(0)).peek().await?.is_some() {
            found.push(provider);
        }
    }
    Ok(found)
}

/// What `store` records about the server of `provider`.
pub(super) async fn installation(store: &dyn Archive, provider: &Provider) -> Result<Option<String>, Error> {
    let found = store.record(provider, Installation::KIND, Installation::KEY).await?;
    Ok(found.map(|record| String::from_utf8_lossy(&record.body).into_owned()))
}

/// The names of a store's blobs, in order.
pub(super) struct BlobNames<'s> {
    store: &'s dyn Archive,
    after: Option<Sha256>,
    page: VecDeque<Sha256>,
    ended: bool,
}

impl<'s> BlobNames<'s> {
    pub(super) fn of(store: &'s dyn Archive) -> Self {
        Self { store, after: None, page: VecDeque::new(), ended: false }
    }

    /// The next name, without advancing.
    pub(super) async fn peek(&mut self) -> Result<Option<Sha256>, Error> {
        if self.page.is_empty() && !self.ended {
            self.page.extend(self.store.blobs_after(self.after, PAGE).await?);
            self.after = self.page.back().copied();
            self.ended = self.page.is_empty();
        }
        Ok(self.page.front().copied())
    }

    /// The next name.
    pub(super) async fn next(&mut self) -> Result<Option<Sha256>, Error> {
        self.peek().await?;
        Ok(self.page.pop_front())
    }
}

/// Gives a blob of `from` to `sink`.
async fn blob(from: &dyn Archive, name: Sha256, sink: &mut dyn Sink) -> Result<(), Error> {
    let (here, mut there) = duplex(usize::try_from(BLOB_PIECE).unwrap_or(usize::MAX));
    // Each end is dropped when its side is done, so that the other notices.
    let taking = async move { sink.blob(name, &mut there).await };
    let (given, taken) = tokio::join!(write_blob(from, name, here), taking);
    given?;
    taken
}

/// Writes the bytes of a blob to `to`, as long as somebody reads there.
async fn write_blob(from: &dyn Archive, name: Sha256, mut to: impl AsyncWrite + Unpin) -> Result<(), Error> {
    let length = from.blob_len(name).await?.ok_or(Error::Blob(name))?;
    let mut at = 0;
    while at < length {
        let piece = from.blob(name, at..at + BLOB_PIECE).await?.ok_or(Error::Blob(name))?;
        at += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        if piece.is_empty() {
            return Err(Error::Blob(name));
        }
        if to.write_all(&piece).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}
