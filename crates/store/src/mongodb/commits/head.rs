//! The end of the log, and the instant up to which it is complete.
//!
//! Processes have separate clocks, so one of them cannot know that no other will still store something at an earlier instant.
//! They agree by `heads.promised`: every later statement is stored after it. Reading the head moves it forward to now, at most
//! once in [`STEP`] per process. If a transaction locks the head for longer than readers should wait, they receive the current
//! promise, which is older and true.

use crate::mongodb::commits::abandoned;
use crate::mongodb::connection::fault::{is_out_of_time, serving};
use crate::mongodb::connection::format;
use crate::mongodb::connection::schema::Collections;
use crate::mongodb::records::unreadable;
use crate::{Head, Provider, Result, Seq};
use base::clock::Clock;
use jiff::{SignedDuration, Timestamp};
use mongodb::bson::{DateTime, Document, doc};
use mongodb::options::ReturnDocument;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::Mutex;

/// How old the promise may be, so that not every reader becomes a writer.
const STEP: SignedDuration = SignedDuration::from_millis(25);

pub(in crate::mongodb) struct Heads {
    collections: Arc<Collections>,
    clock: Arc<dyn Clock>,
    /// When this process last moved each provider's head forward.
    moved: Mutex<HashMap<Provider, Timestamp>>,
}

impl Heads {
    pub(in crate::mongodb) fn new(collections: Arc<Collections>, clock: Arc<dyn Clock>) -> Self {
        Self { collections, clock, moved: Mutex::default() }
    }

    /// The end of the log of `provider`.
    pub(in crate::mongodb) async fn of(&self, provider: &Provider) -> Result<Head> {
        let now = self.clock.now();
        if self.is_due(provider, now).await { self.advance(provider, now).await } else { self.read(provider).await }
    }

    async fn is_due(&self, provider: &Provider, now: Timestamp) -> bool {
        let mut moved = self.moved.lock().await;
        let due = moved.get(provider).is_none_or(|last| now.duration_since(*last) >= STEP);
        if due {
            moved.insert(provider.clone(), now);
        }
        due
    }

    async fn advance(&self, provider: &Provider, now: Timestamp) -> Result<Head> {
        let update = doc! {
            "$max": { "promised": DateTime::from_millis(now.as_millisecond()) },
            "$setOnInsert": { "seq": 0_i64, "stored": DateTime::from_millis(0) },
        };
        let to = &self.collections;
        let mut session = to.seen.session(&to.client).await.map_err(|e| serving(&e))?;
        let heads = to.heads.find_one_and_update(doc! { "_id": provider.as_str() }, update).session(&mut session);
        let heads = heads.upsert(true).return_document(ReturnDocument::After).max_time(abandoned::PATIENCE);
        match heads.await {
            Ok(Some(row)) => {
                to.seen.note(&session);
                head(&row)
            }
            Ok(None) => Err(unreadable("head")),
            Err(error) if is_out_of_time(&error) => {
                abandoned::end(&self.collections).await;
                self.read(provider).await
            }
            Err(error) => Err(serving(&error)),
        }
    }

    async fn read(&self, provider: &Provider) -> Result<Head> {
        let from = &self.collections;
        let mut session = from.seen.session(&from.client).await.map_err(|e| serving(&e))?;
        let heads = from.heads.find_one(doc! { "_id": provider.as_str() }).session(&mut session);
        let row = heads.await.map_err(|e| serving(&e))?;
        from.seen.note(&session);
        row.map_or(Ok(Head { seq: Seq(0), consistent_through: Timestamp::UNIX_EPOCH }), |row| head(&row))
    }
}

fn head(row: &Document) -> Result<Head> {
    let end = End::read(row)?;
    let consistent_through = Timestamp::from_millisecond(end.promised).map_err(|_| unreadable("head"))?;
    Ok(Head { seq: Seq(end.seq.unsigned_abs()), consistent_through })
}

/// The end of a log. Instants are milliseconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::mongodb) struct End {
    /// The last position.
    pub(in crate::mongodb) seq: i64,
    /// When its statement was stored.
    pub(in crate::mongodb) stored: i64,
    /// Every later statement is stored after this.
    pub(in crate::mongodb) promised: i64,
}

impl End {
    /// From a document of `heads`.
    pub(in crate::mongodb) fn read(row: &Document) -> Result<Self> {
        format::check(row, "format")?;
        let instant = |name| row.get_datetime(name).ok().map(|at| at.timestamp_millis());
        let read =
            || Some(Self { seq: row.get_i64("seq").ok()?, stored: instant("stored")?, promised: instant("promised")? });
        read().ok_or_else(|| unreadable("head"))
    }

    /// The position and instant of the next statement, which arrives at `now`.
    pub(in crate::mongodb) fn next(self, now: Timestamp) -> Self {
        let stored = now.as_millisecond().max(self.stored).max(self.promised + 1);
        Self { seq: self.seq + 1, stored, ..self }
    }
    /// The update stage that moves a head past `coming` statements that arrive at `now`, as [`Self::next`] does.
    pub(in crate::mongodb) fn moved(coming: usize, now: Timestamp) -> Document {
        let zero = DateTime::from_millis(0);
        let count = i64::try_from(coming).unwrap_or(i64::MAX);
        let stored = if coming == 0 {
            doc! { "$ifNull": ["$stored", zero] }
        } else {
            let now = DateTime::from_millis(now.as_millisecond());
            doc! { "$max": [now, "$stored", { "$add": ["$promised", 1_i64] }] }
        };
        doc! { "$set": {
            "turn": { "$add": [{ "$ifNull": ["$turn", 0_i64] }, 1_i64] },
            "seq": { "$add": [{ "$ifNull": ["$seq", 0_i64] }, count] },
            "stored": stored,
            "promised": { "$ifNull": ["$promised", zero] },
        } }
    }

    /// The end of the log before the head moved past `coming` statements.
    pub(in crate::mongodb) fn without(self, coming: usize) -> Self {
        Self { seq: self.seq - i64::try_from(coming).unwrap_or(i64::MAX), ..self }
    }
}
