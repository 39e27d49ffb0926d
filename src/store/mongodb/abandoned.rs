//! Transactions whose process is gone.
//!
//! A process that is killed within a transaction cannot abort it. The server does so by itself only when the transaction is
//! a minute old (`transactionLifetimeLimitSeconds`), and until then whoever writes what it had written waits: the whole
//! provider, since every commit writes the provider's head. So whoever waits asks the server now and then which transactions
//! of this program stand idle, and ends those that have done nothing at all since long enough.
//!
//! How long one has stood idle *in all* says nothing: a living one that asks much over a slow line soon has stood for
//! seconds. What counts is that it is no further than when it was first met idle.
//!
//! Ending one whose process lives after all does no harm: it is told so and begins again. A user may look at, and end, what
//! is its own without any further right.

use super::schema::Collections;
use futures_util::TryStreamExt as _;
use mongodb::bson::{Bson, Document, doc};
use mongodb::error::Result;
use mongodb::options::ReadConcern;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// How long a transaction must have done nothing to be taken for abandoned. One that is alive asks the next thing within
/// milliseconds, or as long as a message takes to its process and back.
const IDLE: Duration = Duration::from_millis(1500);

/// How long a reader waits for someone else's transaction before it has a look at who that is.
pub(super) const PATIENCE: Duration = Duration::from_millis(500);

/// The transactions that stood idle when this process looked last, and when each was first met as it stands.
#[derive(Default)]
pub(super) struct Suspects(Mutex<HashMap<Standing, Instant>>);

/// A transaction, and how far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Standing {
    session: Uuid,
    /// Which transaction of its session it is.
    number: i64,
    /// How long the server has worked for it: more after everything that it asks.
    active_micros: i64,
}

impl Suspects {
    /// Takes note of those that stand idle `now`, and tells which of them have done nothing for as long as [`IDLE`].
    fn abandoned(&self, idle: &[Standing], now: Instant) -> Vec<Standing> {
        let mut suspects = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let met = |standing: &Standing| (*standing, suspects.get(standing).copied().unwrap_or(now));
        *suspects = idle.iter().map(met).collect();
        let long = suspects.iter().filter(|(_, since)| now.duration_since(**since) >= IDLE);
        long.map(|(standing, _)| *standing).collect()
    }
}

/// Looks for the transactions of this program that nobody goes on with, and ends those that it met before. Whoever waits
/// asks for it again and again.
pub(super) async fn end(to: &Collections) {
    if let Err(error) = try_to_end(to).await {
        // Whoever waits tries again, and the server ends them in the end.
        tracing::debug!(%error, "abandoned transactions were not looked for");
    }
}

async fn try_to_end(to: &Collections) -> Result<()> {
    let abandoned = to.suspects.abandoned(&idle(to).await?, Instant::now());
    if abandoned.is_empty() {
        return Ok(());
    }
    tracing::warn!(transactions = abandoned.len(), "ending transactions that another process has left open");
    let session = |standing: &Standing| Bson::Document(doc! { "id": super::log::uuid(standing.session) });
    let sessions: Vec<Bson> = abandoned.iter().map(session).collect();
    to.client.database("admin").run_command(doc! { "killSessions": sessions }).await.map(drop)
}

/// The transactions of this program that stand idle now.
async fn idle(from: &Collections) -> Result<Vec<Standing>> {
    let admin = from.client.database("admin");
    let look = admin.aggregate([
        doc! { "$currentOp": { "allUsers": false, "idleSessions": true } },
        doc! { "$match": { "type": "idleSession", "appName": &from.app, "transaction": { "$exists": true } } },
        doc! { "$project": { "lsid": 1, "transaction": 1 } },
    ]);
    let found: Vec<Document> = look.read_concern(ReadConcern::local()).await?.try_collect().await?;
    Ok(found.iter().filter_map(standing).collect())
}

fn standing(session: &Document) -> Option<Standing> {
    let transaction = session.get_document("transaction").ok()?;
    let Some(Bson::Binary(id)) = session.get_document("lsid").ok()?.get("id") else { return None };
    Some(Standing {
        session: Uuid::from_slice(&id.bytes).ok()?,
        number: transaction.get_document("parameters").ok()?.get_i64("txnNumber").ok()?,
        active_micros: transaction.get_i64("timeActiveMicros").ok()?,
    })
}
