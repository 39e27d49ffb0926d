//! A store as JSON Lines: one object per line, the first says what it is, the last counts them.
//!
//! Statements and record bodies stand as strings, character by character as they are stored. The file holds everything,
//! hashed secrets and the signing key included: keep it as you keep the store.

use super::{Archive, BLOB_PIECE, Counts, Error, Into, PAGE, Page, Sink, same, walk};
use crate::hash::Sha256;
use crate::store::archive::{LogEntry, LooseDue, LooseRecord};
use crate::store::{Provider, Seq};
use crate::xapi::{StatementId, Token};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncWrite, AsyncWriteExt as _, duplex};

/// What this version writes and reads.
const FORMAT: u32 = 1;

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "kebab-case", deny_unknown_fields)]
enum Line {
    /// The first.
    Enduring {
        format: u32,
    },
    /// A piece of a blob, in base64; the pieces of one blob follow each other.
    Blob {
        sha256: Sha256,
        data: String,
        last: bool,
    },
    Record {
        provider: Provider,
        kind: String,
        key: String,
        version: u64,
        index: Vec<(String, String)>,
        body: String,
    },
    Due {
        provider: Provider,
        queue: String,
        key: String,
        at: Timestamp,
    },
    Statement {
        provider: Provider,
        seq: Seq,
        id: StatementId,
        /// In milliseconds since 1970.
        stored: i64,
        digest: Sha256,
        tokens: Vec<String>,
        refers_to: Option<StatementId>,
        voiding: bool,
        statement: String,
    },
    /// The last.
    End {
        counts: Counts,
    },
}

/// Writes everything that `from` keeps to `to`.
pub async fn export(
    from: &dyn Archive,
    to: &mut (dyn AsyncWrite + Unpin),
    progress: &mut dyn FnMut(&Counts),
) -> Result<Counts, Error> {
    let mut file = Out(to);
    file.line(&Line::Enduring { format: FORMAT }).await?;
    let counts = walk(from, &mut file, progress).await?;
    file.line(&Line::End { counts: counts.clone() }).await?;
    file.0.flush().await?;
    Ok(counts)
}

/// A file that takes lines.
struct Out<'f>(&'f mut (dyn AsyncWrite + Unpin));

impl Out<'_> {
    async fn line(&mut self, line: &Line) -> Result<(), Error> {
        let mut text = serde_json::to_vec(line).map_err(std::io::Error::from)?;
        text.push(b'\n');
        Ok(self.0.write_all(&text).await?)
    }
}

#[async_trait(?Send)]
impl Sink for Out<'_> {
    async fn blob(&mut self, from: &dyn Archive, name: Sha256) -> Result<(), Error> {
        let length = from.blob_len(name).await?.ok_or(Error::Blob(name))?;
        let mut at = 0;
        loop {
            let piece = from.blob(name, at..at + BLOB_PIECE).await?.ok_or(Error::Blob(name))?;
            at += BLOB_PIECE;
            let last = at >= length;
            self.line(&Line::Blob { sha256: name, data: STANDARD.encode(&piece), last }).await?;
            if last {
                return Ok(());
            }
        }
    }

    async fn page(&mut self, provider: &Provider, page: Page) -> Result<(), Error> {
        let lines: Vec<Line> = match page {
            Page::Records(records) => records.into_iter().map(|record| of_record(provider, record)).collect(),
            Page::Due(due) => due.into_iter().map(|item| of_due(provider, item)).collect(),
            Page::Statements(entries) => entries.iter().map(|entry| of_statement(provider, entry)).collect(),
        };
        for line in &lines {
            self.line(line).await?;
        }
        Ok(())
    }
}

fn of_record(provider: &Provider, record: LooseRecord) -> Line {
    let LooseRecord { kind, key, version, body, index } = record;
    let body = String::from_utf8_lossy(&body).into_owned();
    Line::Record { provider: provider.clone(), kind, key, version, index, body }
}

fn of_due(provider: &Provider, item: LooseDue) -> Line {
    Line::Due { provider: provider.clone(), queue: item.queue, key: item.key, at: item.at }
}

fn of_statement(provider: &Provider, entry: &LogEntry) -> Line {
    Line::Statement {
        provider: provider.clone(),
        seq: entry.seq,
        id: entry.id,
        stored: entry.stored.as_millisecond(),
        digest: entry.digest,
        tokens: entry.tokens.iter().map(|token| hex::encode(token.0)).collect(),
        refers_to: entry.refers_to,
        voiding: entry.voiding,
        statement: String::from_utf8_lossy(&entry.bytes).into_owned(),
    }
}

/// Takes everything that `from` says into `to`.
pub async fn import(
    from: &mut (dyn AsyncBufRead + Unpin),
    to: &dyn Archive,
    progress: &mut dyn FnMut(&Counts),
) -> Result<Counts, Error> {
    let mut lines = In { from, number: 0 };
    match lines.next().await? {
        Some(Line::Enduring { format: FORMAT }) => {}
        _ => return Err(lines.bad("it is not an export of this version")),
    }
    let (mut sink, mut counts) = (Into(to), Counts::new());
    let mut waiting: Option<(Provider, Page)> = None;
    while let Some(line) = lines.next().await? {
        let (provider, page) = match line {
            Line::Enduring { .. } => return Err(lines.bad("it begins a second time")),
            Line::End { counts: said } => {
                if let Some((provider, page)) = waiting {
                    sink.page(&provider, page).await?;
                }
                same(&said, &counts)?;
                return Ok(counts);
            }
            Line::Blob { sha256, data, last } => {
                blob(&mut lines, to, sha256, data, last).await?;
                *counts.entry("blobs".to_owned()).or_default() += 1;
                continue;
            }
            Line::Record { provider, kind, key, version, index, body } => {
                let record = LooseRecord { kind, key, version, body: body.into_bytes(), index };
                (provider, Page::Records(vec![record]))
            }
            Line::Due { provider, queue, key, at } => (provider, Page::Due(vec![LooseDue { queue, key, at }])),
            Line::Statement { provider, seq, id, stored, digest, tokens, refers_to, voiding, statement } => {
                let stored = Timestamp::from_millisecond(stored).map_err(|e| lines.bad(&e.to_string()))?;
                let tokens = tokens.iter().map(|text| token(text)).collect::<Option<_>>();
                let tokens = tokens.ok_or_else(|| lines.bad("a token is 32 hexadecimal digits"))?;
                let bytes = statement.into_bytes();
                let entry = LogEntry { seq, id, stored, digest, tokens, refers_to, voiding, bytes };
                (provider, Page::Statements(vec![entry]))
            }
        };
        super::count(&page, &mut counts);
        let Some(full) = join(&mut waiting, provider, page) else { continue };
        sink.page(&full.0, full.1).await?;
        progress(&counts);
    }
    Err(Error::Cut)
}

/// Puts `page` to what waits, if it is of the same sort and there is room; otherwise answers what waited.
fn join(waiting: &mut Option<(Provider, Page)>, provider: Provider, page: Page) -> Option<(Provider, Page)> {
    let page = match (waiting.as_mut(), page) {
        (Some((there, Page::Records(all))), Page::Records(new)) if *there == provider && all.len() < PAGE => {
            all.extend(new);
            return None;
        }
        (Some((there, Page::Due(all))), Page::Due(new)) if *there == provider && all.len() < PAGE => {
            all.extend(new);
            return None;
        }
        (Some((there, Page::Statements(all))), Page::Statements(new)) if *there == provider && all.len() < PAGE => {
            all.extend(new);
            return None;
        }
        (_, page) => page,
    };
    waiting.replace((provider, page))
}

fn token(text: &str) -> Option<Token> {
    let mut token = [0; 16];
    hex::decode_to_slice(text, &mut token).ok()?;
    Some(Token(token))
}

/// Takes in a blob whose first piece has been read.
async fn blob(lines: &mut In<'_>, to: &dyn Archive, name: Sha256, data: String, last: bool) -> Result<(), Error> {
    let (mut here, mut there) = duplex(usize::try_from(BLOB_PIECE).unwrap_or(usize::MAX));
    let give = async move {
        let (mut data, mut last) = (data, last);
        loop {
            let piece = STANDARD.decode(&data).map_err(|e| lines.bad(&e.to_string()))?;
            // When the other end went away, it will say why.
            if here.write_all(&piece).await.is_err() || last {
                return Ok::<(), Error>(());
            }
            match lines.next().await? {
                Some(Line::Blob { sha256, data: next, last: ends }) if sha256 == name => (data, last) = (next, ends),
                _ => return Err(lines.bad("the blob before it is not whole")),
            }
        }
    };
    let (given, kept) = tokio::join!(give, to.keep_from(&mut there));
    given?;
    if kept?.0 == name { Ok(()) } else { Err(Error::Blob(name)) }
}

/// A file that gives lines.
struct In<'f> {
    from: &'f mut (dyn AsyncBufRead + Unpin),
    number: u64,
}

impl In<'_> {
    async fn next(&mut self) -> Result<Option<Line>, Error> {
        let mut text = String::new();
        self.number += 1;
        if self.from.read_line(&mut text).await? == 0 {
            return Ok(None);
        }
        serde_json::from_str(&text).map(Some).map_err(|e| self.bad(&e.to_string()))
    }

    fn bad(&self, why: &str) -> Error {
        Error::Line { line: self.number, why: why.to_owned() }
    }
}
