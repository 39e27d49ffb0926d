//! A store that everything is copied into, or that is compared with the source: its own pieces are read along with those that arrive.

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

/// What to do if the target has something else than the source.
#[derive(Debug, Clone, Copy)]
pub(super) enum Task<'a> {
    /// Remove it: an earlier attempt has left it, and the source has changed since. Nothing is removed from the log.
    Clear(&'a CopyMark),
    /// Copy what is missing, and reject anything else.
    Take(&'a CopyMark),
    /// Reject it.
    Compare,
}

/// A store, and what to do with it.
pub(super) struct Target<'t> {
    to: &'t dyn Archive,
    task: Task<'t>,
    names: BlobNames<'t>,
    /// The provider whose pieces arrive, and what the target has of it.
    open: Option<(Provider, PieceReader<'t>)>,
    /// The providers that have arrived so far.
    arrived: BTreeSet<Provider>,
    waiting: VecDeque<Piece>,
    weight: usize,
}

/// What the target has at the position of a piece of the source.
enum Counterpart {
    Same,
    Nothing,
    Other(Piece),
}

impl<'t> Target<'t> {
    pub(super) fn new(to: &'t dyn Archive, task: Task<'t>) -> Self {
        let (arrived, waiting) = (BTreeSet::new(), VecDeque::new());
        Self { to, task, names: BlobNames::of(to), open: None, arrived, waiting, weight: 0 }
    }

    /// Fails if the target contains anything for a provider that the source does not have.
    pub(super) async fn holds_no_others(&self) -> Result<(), Error> {
        let there = providers(self.to).await?;
        match there.into_iter().find(|provider| !self.arrived.contains(provider)) {
            Some(other) => Err(Difference::Extra(format!("provider {}", other.as_str())).into()),
            None => Ok(()),
        }
    }

    /// The next piece of the target before `position`, or any piece if that is `None`.
    async fn before(&mut self, position: Option<&PiecePosition>) -> Result<Option<Piece>, Error> {
        let Some((_, reader)) = &mut self.open else { return Ok(None) };
        match reader.peek().await? {
            Some(there) if position.is_none_or(|position| there.position() < *position) => reader.next().await,
            _ => Ok(None),
        }
    }

    /// What the target has at the position of `piece`.
    async fn counterpart(&mut self, piece: &Piece) -> Result<Counterpart, Error> {
        let Some((_, reader)) = &mut self.open else { return Ok(Counterpart::Nothing) };
        match reader.peek().await? {
            Some(there) if there.position() == piece.position() => {}
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
            Task::Clear(_) => self.enqueue(there).await,
            Task::Take(_) | Task::Compare => Err(Difference::Extra(there.position().to_string()).into()),
        }
    }

    async fn extra_blobs(&mut self, before: Option<Sha256>) -> Result<(), Error> {
        while let Some(name) = self.names.peek().await?.filter(|name| before.is_none_or(|before| *name < before)) {
            match self.task {
                Task::Clear(mark) => {
                    mark.check_current(self.to).await?;
                    self.to.forget(name).await?;
                }
                Task::Take(_) | Task::Compare => return Err(Difference::Extra(format!("blob {name}")).into()),
            }
            self.names.next().await?;
        }
        Ok(())
    }

    /// Adds a piece to the batch that is copied, or removed, together.
    async fn enqueue(&mut self, piece: Piece) -> Result<(), Error> {
        self.weight += piece.size();
        self.waiting.push_back(piece);
        if self.waiting.len() < PAGE && self.weight < PAGE_BYTES {
            return Ok(());
        }
        self.flush().await
    }

    /// Copies, or removes, the batch.
    async fn flush(&mut self) -> Result<(), Error> {
        let waiting = std::mem::take(&mut self.waiting);
        self.weight = 0;
        let Some((provider, _)) = &self.open else { return Ok(()) };
        if waiting.is_empty() {
            return Ok(());
        }
        match self.task {
            Task::Clear(mark) => {
                mark.check_current(self.to).await?;
                remove(self.to, provider, waiting).await
            }
            Task::Take(mark) => {
                mark.check_current(self.to).await?;
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
                mark.check_current(self.to).await?;
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
        let after = match self.task {
            Task::Clear(_) => end,
            // The last one is read again, to be compared with the one that is there.
            Task::Take(_) => Seq(end.0.saturating_sub(1)),
            Task::Compare => Seq(0),
        };
        self.arrived.insert(provider.clone());
        self.open = Some((provider.clone(), PieceReader::of(self.to, provider, after)));
        Ok(after)
    }

    async fn piece(&mut self, piece: Piece) -> Result<(), Error> {
        let position = piece.position();
        while let Some(there) = self.before(Some(&position)).await? {
            self.extra(there).await?;
        }
        match (self.counterpart(&piece).await?, self.task) {
            (Counterpart::Same, _) | (Counterpart::Nothing, Task::Clear(_)) => Ok(()),
            (Counterpart::Nothing, Task::Take(_)) => self.enqueue(piece).await,
            (Counterpart::Nothing, Task::Compare) => Err(Difference::Missing(position.to_string()).into()),
            (Counterpart::Other(there), Task::Clear(_)) => self.enqueue(there).await,
            (Counterpart::Other(_), Task::Take(_) | Task::Compare) => {
                Err(Difference::Other(position.to_string()).into())
            }
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
            // Nothing removes a statement from a log.
            Piece::Statement(_) => return Err(Difference::Extra(piece.position().to_string()).into()),
        }
    }
    to.commit(provider, Commit { writes, ..Commit::default() }).await?;
    Ok(to.call_off(provider, due).await?)
}

/// A record as this version would write it, with its own version number.
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
