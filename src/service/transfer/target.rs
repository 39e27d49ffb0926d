//! A store that takes everything in, or is held against the source: its own pieces are read along with those that come.

use super::mark::CopyMark;
use super::piece::{Piece, PiecePosition, PieceReader};
use super::source::{BlobNames, Sink, providers};
use super::{BLOB_PIECE, Difference, Error, PAGE, kinds};
use async_trait::async_trait;
use base::hash::Sha256;
use std::collections::{BTreeSet, VecDeque};
use store::archive::{Archive, LooseRecord, PAGE_BYTES, Pieces};
use store::{Commit, Draft, IndexKey, Provider, Seq, Write};
use tokio::io::AsyncRead;

/// What is done where the target has something else than the source.
#[derive(Debug, Clone, Copy)]
pub(super) enum Task<'a> {
    /// Remove it: an earlier try has left it, and the source has changed since. Of the log nothing is removed.
    Clear(&'a CopyMark),
    /// Take in what is missing, and refuse anything else.
    Take(&'a CopyMark),
    /// Refuse.
    Compare,
}

/// A store, and what is done with it.
pub(super) struct Target<'t> {
    to: &'t dyn Archive,
    task: Task<'t>,
    names: BlobNames<'t>,
    /// The provider whose pieces come, and what the target has of it.
    open: Option<(Provider, PieceReader<'t>)>,
    /// The providers that came so far.
    came: BTreeSet<Provider>,
    waiting: VecDeque<Piece>,
    weight: usize,
}

/// What the target has where a piece of the source stands.
enum Counterpart {
    Same,
    Nothing,
    Other(Piece),
}

impl<'t> Target<'t> {
    pub(super) fn new(to: &'t dyn Archive, task: Task<'t>) -> Self {
        let (came, waiting) = (BTreeSet::new(), VecDeque::new());
        Self { to, task, names: BlobNames::of(to), open: None, came, waiting, weight: 0 }
    }

    /// Refuses when the target holds anything for a provider of whom nothing came.
    pub(super) async fn holds_no_others(&self) -> Result<(), Error> {
        let there = providers(self.to).await?;
        match there.into_iter().find(|provider| !self.came.contains(provider)) {
            Some(other) => Err(Difference::Extra(format!("provider {}", other.as_str())).into()),
            None => Ok(()),
        }
    }

    /// The next piece of the target that stands before `spot`, or any where none is said.
    async fn before(&mut self, spot: Option<&PiecePosition>) -> Result<Option<Piece>, Error> {
        let Some((_, reader)) = &mut self.open else { return Ok(None) };
        match reader.peek().await? {
            Some(there) if spot.is_none_or(|spot| there.spot() < *spot) => reader.next().await,
            _ => Ok(None),
        }
    }

    /// What stands at the place of `piece`.
    async fn meet(&mut self, piece: &Piece) -> Result<Counterpart, Error> {
        let Some((_, reader)) = &mut self.open else { return Ok(Counterpart::Nothing) };
        match reader.peek().await? {
            Some(there) if there.spot() == piece.spot() => {}
            _ => return Ok(Counterpart::Nothing),
        }
        Ok(match reader.next().await? {
            Some(there) if there != *piece => Counterpart::Other(there),
            _ => Counterpart::Same,
        })
    }

    /// The target has something that the source has not.
    async fn extra(&mut self, there: Piece) -> Result<(), Error> {
        match self.task {
            Task::Clear(_) => self.wait(there).await,
            Task::Take(_) | Task::Compare => Err(Difference::Extra(there.spot().to_string()).into()),
        }
    }

    async fn extra_blobs(&mut self, before: Option<Sha256>) -> Result<(), Error> {
        while let Some(name) = self.names.peek().await?.filter(|name| before.is_none_or(|before| *name < before)) {
            match self.task {
                Task::Clear(mark) => {
                    mark.goes_on(self.to).await?;
                    self.to.forget(name).await?;
                }
                Task::Take(_) | Task::Compare => return Err(Difference::Extra(format!("blob {name}")).into()),
            }
            self.names.next().await?;
        }
        Ok(())
    }

    /// Puts a piece to those that are taken in, or removed, together.
    async fn wait(&mut self, piece: Piece) -> Result<(), Error> {
        self.weight += piece.size();
        self.waiting.push_back(piece);
        if self.waiting.len() < PAGE && self.weight < PAGE_BYTES {
            return Ok(());
        }
        self.flush().await
    }

    /// Takes in, or removes, what waits.
    async fn flush(&mut self) -> Result<(), Error> {
        let waiting = std::mem::take(&mut self.waiting);
        self.weight = 0;
        let Some((provider, _)) = &self.open else { return Ok(()) };
        if waiting.is_empty() {
            return Ok(());
        }
        match self.task {
            Task::Clear(mark) => {
                mark.goes_on(self.to).await?;
                remove(self.to, provider, waiting).await
            }
            Task::Take(mark) => {
                mark.goes_on(self.to).await?;
                take_in(self.to, provider, waiting).await
            }
            Task::Compare => Ok(()),
        }
    }
}

#[async_trait(?Send)]
impl Sink for Target<'_> {
    async fn blob(&mut self, name: Sha256, bytes: &mut (dyn AsyncRead + Send + Unpin)) -> Result<(), Error> {
        self.extra_blobs(Some(name)).await?;
        let is_there = self.names.peek().await? == Some(name);
        if is_there {
            self.names.next().await?;
        }
        match (self.task, is_there) {
            (Task::Clear(_), _) | (Task::Take(_), true) => Ok(()),
            (Task::Take(mark), false) => {
                mark.goes_on(self.to).await?;
                let (kept, _) = self.to.keep_from(bytes).await?;
                if kept == name { Ok(()) } else { Err(Error::Blob(name)) }
            }
            (Task::Compare, false) => Err(Difference::Missing(format!("blob {name}")).into()),
            (Task::Compare, true) if hash(self.to, name).await? == Some(name) => Ok(()),
            (Task::Compare, true) => Err(Difference::Other(format!("blob {name}")).into()),
        }
    }

    async fn no_more_blobs(&mut self) -> Result<(), Error> {
        self.extra_blobs(None).await
    }

    async fn begin(&mut self, provider: &Provider) -> Result<Seq, Error> {
        let end = self.to.log_end(provider).await?;
        let behind = match self.task {
            Task::Clear(_) => end,
            // The last one comes again, to be held against the one that is there.
            Task::Take(_) => Seq(end.0.saturating_sub(1)),
            Task::Compare => Seq(0),
        };
        self.came.insert(provider.clone());
        self.open = Some((provider.clone(), PieceReader::of(self.to, provider, behind)));
        Ok(behind)
    }

    async fn piece(&mut self, piece: Piece) -> Result<(), Error> {
        let spot = piece.spot();
        while let Some(there) = self.before(Some(&spot)).await? {
            self.extra(there).await?;
        }
        match (self.meet(&piece).await?, self.task) {
            (Counterpart::Same, _) | (Counterpart::Nothing, Task::Clear(_)) => Ok(()),
            (Counterpart::Nothing, Task::Take(_)) => self.wait(piece).await,
            (Counterpart::Nothing, Task::Compare) => Err(Difference::Missing(spot.to_string()).into()),
            (Counterpart::Other(there), Task::Clear(_)) => self.wait(there).await,
            (Counterpart::Other(_), Task::Take(_) | Task::Compare) => Err(Difference::Other(spot.to_string()).into()),
        }
    }

    async fn end(&mut self) -> Result<(), Error> {
        while let Some(there) = self.before(None).await? {
            self.extra(there).await?;
        }
        self.flush().await?;
        self.open = None;
        Ok(())
    }
}

async fn take_in(to: &dyn Archive, provider: &Provider, waiting: VecDeque<Piece>) -> Result<(), Error> {
    let mut pieces = Pieces::default();
    for piece in waiting {
        match piece {
            Piece::Record(record) => pieces.records.push(draft(record)?),
            Piece::Due(item) => pieces.due.push(item),
            Piece::Statement(entry) => pieces.statements.push(entry),
        }
    }
    Ok(to.take_in(provider, pieces).await?)
}

async fn remove(to: &dyn Archive, provider: &Provider, waiting: VecDeque<Piece>) -> Result<(), Error> {
    let (mut writes, mut due) = (Vec::new(), Vec::new());
    for piece in waiting {
        match piece {
            Piece::Record(LooseRecord { kind, key, version, .. }) => {
                let kind = kinds::named(&kind).ok_or(Error::Newer(kind))?;
                writes.push(Write::Delete { kind, key, version });
            }
            Piece::Due(item) => due.push(item),
            // Nothing takes a statement out of a log.
            Piece::Statement(_) => return Err(Difference::Extra(piece.spot().to_string()).into()),
        }
    }
    to.commit(provider, Commit { writes, ..Commit::default() }).await?;
    Ok(to.call_off(provider, due).await?)
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

/// The hash of a blob's bytes, read in pieces.
async fn hash(of: &dyn Archive, name: Sha256) -> Result<Option<Sha256>, Error> {
    let Some(length) = of.blob_len(name).await? else { return Ok(None) };
    let mut hasher = Sha256::hasher();
    let mut at = 0;
    while at < length {
        match of.blob(name, at..at + BLOB_PIECE).await? {
            Some(piece) if !piece.is_empty() => hasher.update(&piece),
            _ => return Ok(None),
        }
        at += BLOB_PIECE;
    }
    Ok(Some(hasher.finish()))
}
