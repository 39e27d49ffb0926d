//! A store as JSON Lines: one object per line, the first says what it is, the last counts them.
//!
//! Statements and record bodies are strings, character by character as they are stored. The file contains everything,
//! hashed secrets and the signing key included: protect it as you protect the store.
//!
//! The first line of format 2 says whose data follow; format 1 does not have this, and can be read too.

use super::piece::{Piece, PiecePosition};
use super::source::{BLOBS, Origin, Sink, Source, Tally};
use super::{BLOB_PIECE, Counts, Error};
use async_trait::async_trait;
use base::hash::Sha256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::io::SeekFrom;
use store::archive::{LogEntry, LooseDue, LooseRecord};
use store::{Provider, Seq};
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncSeek, AsyncSeekExt as _, AsyncWrite,
    AsyncWriteExt as _, duplex,
};
use xapi::{StatementId, Token};

/// What this version writes.
const FORMAT: u32 = 2;
/// What this version reads.
const FORMATS: std::ops::RangeInclusive<u32> = 1..=FORMAT;
/// The last line is shorter than this.
const TAIL: u64 = 64 << 10;

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "kebab-case", deny_unknown_fields)]
enum Line {
    /// The first.
    Enduring {
        format: u32,
        /// Whose data follow.
        #[serde(default)]
        providers: Option<Vec<Origin>>,
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

impl Line {
    fn is_of_blob(&self, name: Sha256) -> bool {
        matches!(self, Self::Blob { sha256, .. } if *sha256 == name)
    }
}

/// Writes the lines of a file.
pub(super) struct LineWriter<'f> {
    file: &'f mut (dyn AsyncWrite + Unpin),
    provider: Option<Provider>,
}

impl<'f> LineWriter<'f> {
    /// Begins the file, which will contain the data of `origins`.
    pub(super) async fn begin(
        file: &'f mut (dyn AsyncWrite + Unpin),
        origins: Option<Vec<Origin>>,
    ) -> Result<Self, Error> {
        let mut out = Self { file, provider: None };
        out.line(&Line::Enduring { format: FORMAT, providers: origins }).await?;
        Ok(out)
    }

    /// Ends the file; without this it is not a complete export.
    pub(super) async fn end(mut self, counts: &Counts) -> Result<(), Error> {
        self.line(&Line::End { counts: counts.clone() }).await?;
        Ok(self.file.flush().await?)
    }

    async fn line(&mut self, line: &Line) -> Result<(), Error> {
        let mut text = serde_json::to_vec(line).map_err(std::io::Error::from)?;
        text.push(b'\n');
        Ok(self.file.write_all(&text).await?)
    }
}

#[async_trait(?Send)]
impl Sink for LineWriter<'_> {
    async fn blob(&mut self, name: Sha256, bytes: &mut (dyn AsyncRead + Send + Unpin)) -> Result<(), Error> {
        let mut piece = piece_of(bytes).await?;
        loop {
            let next = piece_of(bytes).await?;
            let last = next.is_empty();
            self.line(&Line::Blob { sha256: name, data: STANDARD.encode(&piece), last }).await?;
            if last {
                return Ok(());
            }
            piece = next;
        }
    }

    async fn no_more_blobs(&mut self) -> Result<(), Error> {
        Ok(())
    }

    async fn begin(&mut self, provider: &Provider) -> Result<Seq, Error> {
        self.provider = Some(provider.clone());
        Ok(Seq(0))
    }

    async fn piece(&mut self, piece: Piece) -> Result<(), Error> {
        let Some(provider) = self.provider.clone() else { return Ok(()) };
        self.line(&line(provider, piece)).await
    }

    async fn end(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// The next mebibyte, or what is left.
async fn piece_of(bytes: &mut (dyn AsyncRead + Send + Unpin)) -> Result<Vec<u8>, Error> {
    let mut piece = Vec::new();
    bytes.take(BLOB_PIECE).read_to_end(&mut piece).await?;
    Ok(piece)
}

fn line(provider: Provider, piece: Piece) -> Line {
    match piece {
        Piece::Record(LooseRecord { kind, key, version, body, index }) => {
            let body = String::from_utf8_lossy(&body).into_owned();
            Line::Record { provider, kind, key, version, index, body }
        }
        Piece::Due(LooseDue { queue, key, at }) => Line::Due { provider, queue, key, at },
        Piece::Statement(entry) => Line::Statement {
            provider,
            seq: entry.seq,
            id: entry.id,
            stored: entry.stored.as_millisecond(),
            digest: entry.digest,
            tokens: entry.tokens.iter().map(|token| hex::encode(token.0)).collect(),
            refers_to: entry.refers_to,
            voiding: entry.voiding,
            statement: String::from_utf8_lossy(&entry.bytes).into_owned(),
        },
    }
}

/// A file that can be read more than once.
pub trait RereadableFile: AsyncBufRead + AsyncSeek + Send + Unpin {}

impl<F: AsyncBufRead + AsyncSeek + Send + Unpin> RereadableFile for F {}

/// Reads the lines of a file.
pub(super) struct LineReader<'f> {
    file: &'f mut dyn RereadableFile,
    number: u64,
}

impl<'f> LineReader<'f> {
    pub(super) fn of(file: &'f mut dyn RereadableFile) -> Self {
        Self { file, number: 0 }
    }

    /// Goes to the beginning; returns whose data follow.
    async fn rewind(&mut self) -> Result<Option<Vec<Origin>>, Error> {
        self.file.rewind().await?;
        self.number = 0;
        match self.next().await {
            Ok(Some(Line::Enduring { format, providers })) if FORMATS.contains(&format) => Ok(providers),
            Err(Error::File(error)) => Err(Error::File(error)),
            _ => Err(self.bad("it is not an export that this version can read")),
        }
    }

    /// Checks the last line only.
    async fn check_end(&mut self) -> Result<(), Error> {
        let length = self.file.seek(SeekFrom::End(0)).await?;
        self.file.seek(SeekFrom::Start(length.saturating_sub(TAIL))).await?;
        let mut tail = Vec::new();
        self.file.read_to_end(&mut tail).await?;
        let last = tail.strip_suffix(b"\n").and_then(|lines| lines.rsplit(|byte| *byte == b'\n').next());
        match last.map(serde_json::from_slice) {
            Some(Ok(Line::End { .. })) => Ok(()),
            _ => Err(Error::Cut),
        }
    }

    async fn next(&mut self) -> Result<Option<Line>, Error> {
        let mut text = Vec::new();
        self.number += 1;
        if self.file.read_until(b'\n', &mut text).await? == 0 {
            return Ok(None);
        }
        serde_json::from_slice(&text).map(Some).map_err(|e| self.bad(&e.to_string()))
    }

    fn bad(&self, why: &str) -> Error {
        Error::Line { line: self.number, why: why.to_owned() }
    }

    /// Passes a blob, whose first piece has been read, to `sink`.
    async fn blob(&mut self, name: Sha256, data: String, last: bool, sink: &mut dyn Sink) -> Result<(), Error> {
        let (mut here, mut there) = duplex(usize::try_from(BLOB_PIECE).unwrap_or(usize::MAX));
        let giving = async move {
            let (mut data, mut last) = (data, last);
            loop {
                let piece = STANDARD.decode(&data).map_err(|e| self.bad(&e.to_string()))?;
                // Even if nobody wants the bytes, the lines are read to the end of the blob.
                let _wanted = here.write_all(&piece).await.is_ok();
                if last {
                    return Ok::<(), Error>(());
                }
                let next = self.next().await?;
                let Some(Line::Blob { data: more, last: ends, .. }) = next.filter(|line| line.is_of_blob(name)) else {
                    return Err(self.bad("the blob before it is incomplete"));
                };
                data = more;
                last = ends;
            }
        };
        // Each end is dropped when its side is done, so that the other notices.
        let taking = async move { sink.blob(name, &mut there).await };
        let (given, taken) = tokio::join!(giving, taking);
        given?;
        taken
    }

    /// The piece in a line, and its provider.
    fn piece(&self, line: Line) -> Result<(Provider, Piece), Error> {
        match line {
            Line::Record { provider, kind, key, version, index, body } => {
                Ok((provider, Piece::Record(LooseRecord { kind, key, version, body: body.into_bytes(), index })))
            }
            Line::Due { provider, queue, key, at } => Ok((provider, Piece::Due(LooseDue { queue, key, at }))),
            Line::Statement { provider, seq, id, stored, digest, tokens, refers_to, voiding, statement } => {
                let stored = Timestamp::from_millisecond(stored).map_err(|e| self.bad(&e.to_string()))?;
                let tokens = tokens.iter().map(|text| token(text)).collect::<Option<_>>();
                let tokens = tokens.ok_or_else(|| self.bad("a token is 32 hexadecimal digits"))?;
                let bytes = statement.into_bytes();
                let entry = LogEntry { seq, id, stored, digest, tokens, refers_to, voiding, bytes };
                Ok((provider, Piece::Statement(entry)))
            }
            Line::Enduring { .. } => Err(self.bad("it is a second beginning")),
            Line::Blob { .. } | Line::End { .. } => Err(self.bad(ORDER)),
        }
    }
}

/// The error in a file whose lines were reordered.
const ORDER: &str = "it is not in the order of an export";

/// How far a file has been read.
enum ReadPosition {
    /// After this blob.
    Blobs(Option<Sha256>),
    /// After this piece of the provider, of whose log only what is after `wanted` is passed on.
    Pieces { provider: Provider, wanted: Seq, last: PiecePosition },
}

#[async_trait(?Send)]
impl Source for LineReader<'_> {
    async fn origins(&mut self) -> Result<Option<Vec<Origin>>, Error> {
        let origins = self.rewind().await?;
        self.check_end().await?;
        Ok(origins)
    }

    async fn feed(&mut self, sink: &mut dyn Sink, tally: &mut Tally<'_>) -> Result<(), Error> {
        self.rewind().await?;
        let mut place = ReadPosition::Blobs(None);
        while let Some(line) = self.next().await? {
            place = match (line, place) {
                (Line::Blob { sha256, data, last }, ReadPosition::Blobs(before))
                    if before.is_none_or(|name| name < sha256) =>
                {
                    self.blob(sha256, data, last, sink).await?;
                    tally.add(BLOBS, 1);
                    ReadPosition::Blobs(Some(sha256))
                }
                (Line::End { counts }, place) => {
                    leave(place, sink).await?;
                    let whole = counts == *tally.counts();
                    return if whole { Ok(()) } else { Err(self.bad("it counts lines that are missing")) };
                }
                (line, place) => {
                    let (provider, piece) = self.piece(line)?;
                    tally.add(piece.sort(), 1);
                    self.pass_on(place, provider, piece, sink).await?
                }
            };
        }
        Err(Error::Cut)
    }
}

impl LineReader<'_> {
    /// Passes a piece to `sink`, unless it wants none so early in the log; returns the position after it.
    async fn pass_on(
        &self,
        place: ReadPosition,
        provider: Provider,
        piece: Piece,
        sink: &mut dyn Sink,
    ) -> Result<ReadPosition, Error> {
        let position = piece.position();
        let wanted = match place {
            ReadPosition::Pieces { provider: same, wanted, last } if same == provider => {
                if last >= position {
                    return Err(self.bad(ORDER));
                }
                wanted
            }
            ReadPosition::Pieces { provider: earlier, .. } if earlier > provider => return Err(self.bad(ORDER)),
            left => {
                leave(left, sink).await?;
                sink.begin(&provider).await?
            }
        };
        if !matches!(position, PiecePosition::Statement(seq) if seq <= wanted) {
            sink.piece(piece).await?;
        }
        Ok(ReadPosition::Pieces { provider, wanted, last: position })
    }
}

/// Notifies `sink` that there is no more of what came last.
async fn leave(place: ReadPosition, sink: &mut dyn Sink) -> Result<(), Error> {
    match place {
        ReadPosition::Blobs(_) => sink.no_more_blobs().await,
        ReadPosition::Pieces { .. } => sink.end().await,
    }
}

fn token(text: &str) -> Option<Token> {
    let mut token = [0; 16];
    hex::decode_to_slice(text, &mut token).ok()?;
    Some(Token(token))
}
