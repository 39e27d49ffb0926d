//! The data of a provider as one sequence of pieces: its records, its due work, its log. Both engines have them in the same
//! order, so two stores are compared by reading both in parallel.

use super::{Error, PAGE};
use std::collections::VecDeque;
use std::fmt;
use store::archive::{Archive, LogEntry, LooseDue, LooseRecord};
use store::{Key, Provider, Seq};

/// A record, a due item or a statement of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Record(LooseRecord),
    Due(LooseDue),
    Statement(LogEntry),
}

/// The position of a piece among all pieces of its provider. Records come first, since the log shows how far a copy is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PiecePosition {
    /// By kind and key.
    Record(String, String),
    /// By queue and key.
    Due(String, String),
    Statement(Seq),
}

impl Piece {
    /// Its position.
    pub(super) fn position(&self) -> PiecePosition {
        match self {
            Self::Record(record) => PiecePosition::Record(record.kind.clone(), record.key.clone()),
            Self::Due(item) => PiecePosition::Due(item.queue.clone(), item.key.clone()),
            Self::Statement(entry) => PiecePosition::Statement(entry.seq),
        }
    }

    /// The name that it is counted under.
    pub(super) fn sort(&self) -> &str {
        match self {
            Self::Record(record) => &record.kind,
            Self::Due(_) => "due",
            Self::Statement(_) => "statements",
        }
    }

    /// Approximately how many bytes it has.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Record(record) => record.body.len(),
            Self::Due(_) => 0,
            Self::Statement(entry) => entry.bytes.len(),
        }
    }
}

impl fmt::Display for PiecePosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Parts of a key are joined by an invisible character.
            Self::Record(kind, key) => write!(f, "{kind} {}", Key::parts(key).collect::<Vec<_>>().join("/")),
            Self::Due(queue, key) => write!(f, "due work {queue} {key}"),
            Self::Statement(Seq(number)) => write!(f, "statement number {number}"),
        }
    }
}

/// Where a [`PieceReader`] continues to read.
enum Cursor {
    Records(Option<(String, String)>),
    Due(Option<(String, String)>),
    Statements(Seq),
}

/// The pieces of one provider, read in their order, a page at a time.
pub(super) struct PieceReader<'s> {
    store: &'s dyn Archive,
    provider: Provider,
    /// The log is read from after this statement.
    after: Seq,
    /// `None` at the end.
    cursor: Option<Cursor>,
    page: VecDeque<Piece>,
}

impl<'s> PieceReader<'s> {
    /// Everything of `provider`; of its log only what is after `after`.
    pub(super) fn of(store: &'s dyn Archive, provider: &Provider, after: Seq) -> Self {
        let cursor = Some(Cursor::Records(None));
        Self { store, provider: provider.clone(), after, cursor, page: VecDeque::new() }
    }

    /// The next piece, without advancing.
    pub(super) async fn peek(&mut self) -> Result<Option<&Piece>, Error> {
        while self.page.is_empty() {
            let Some(cursor) = self.cursor.take() else { break };
            self.read(cursor).await?;
        }
        Ok(self.page.front())
    }

    /// The next piece.
    pub(super) async fn next(&mut self) -> Result<Option<Piece>, Error> {
        self.peek().await?;
        Ok(self.page.pop_front())
    }

    async fn read(&mut self, cursor: Cursor) -> Result<(), Error> {
        let (store, provider) = (self.store, &self.provider);
        self.cursor = match cursor {
            Cursor::Records(after) => {
                let page = store.records_after(provider, after, PAGE).await?;
                let last = page.last().map(|record| (record.kind.clone(), record.key.clone()));
                self.page.extend(page.into_iter().map(Piece::Record));
                Some(last.map_or(Cursor::Due(None), |last| Cursor::Records(Some(last))))
            }
            Cursor::Due(after) => {
                let page = store.due_after(provider, after, PAGE).await?;
                let last = page.last().map(|item| (item.queue.clone(), item.key.clone()));
                self.page.extend(page.into_iter().map(Piece::Due));
                Some(last.map_or(Cursor::Statements(self.after), |last| Cursor::Due(Some(last))))
            }
            Cursor::Statements(after) => {
                let page = store.statements_after(provider, after, PAGE).await?;
                let last = page.last().map(|entry| Cursor::Statements(entry.seq));
                self.page.extend(page.into_iter().map(Piece::Statement));
                last
            }
        };
        Ok(())
    }
}
