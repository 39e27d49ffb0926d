//! Transactions whose process is gone.
//!
//! A process that is killed within a transaction cannot abort it. The server does so by itself only when the transaction is
//! a minute old (`transactionLifetimeLimitSeconds`), and until then whoever writes what it had written waits: the whole
//! provider, since every commit writes the provider's head. So whoever has waited for a while asks the server which
//! transactions of this program stand idle for long, looks again a moment later, and ends those that have not moved.
//!
//! How long one has stood idle is told by the server, in all and not at a stretch: a living one that asks much over a slow
//! line soon has stood for seconds. That is why one look is not enough.
//!
//! Ending one whose process lives after all does no harm: it is told so and begins again. A user may look at, and end, what
//! is its own without any further right.

use super::schema::Collections;
use futures_util::TryStreamExt as _;
use mongodb::bson::{Bson, Document, doc};
use mongodb::error::Result;
use mongodb::options::ReadConcern;
use std::time::Duration;
use uuid::Uuid;

/// How long a transaction has stood idle in all before it is worth a second look.
const IDLE: Duration = Duration::from_secs(1);

/// How long after the first look the second is. A transaction that is alive asks the next thing within milliseconds, or as
/// long as a message takes to its process and back.
const SECOND_LOOK: Duration = Duration::from_secs(1);

/// How long a reader waits for someone else's transaction before it has a look at who that is.
pub(super) const PATIENCE: Duration = Duration::from_millis(500);

/// A transaction, and how far it has come.
#[derive(Debug, PartialEq, Eq)]
struct Standing {
    session: Uuid,
    /// Which transaction of its session it is.
    number: i64,
    /// How long the server has worked for it: more after everything that it asks.
    active_micros: i64,
}

/// Ends the transactions of this program that nobody goes on with. Takes a second where there may be one.
pub(super) async fn end(to: &Collections) {
    if let Err(error) = try_to_end(to).await {
        // Whoever waits tries again, and the server ends them in the end.
        tracing::debug!(%error, "abandoned transactions were not looked for");
    }
}

async fn try_to_end(to: &Collections) -> Result<()> {
    let suspects = idle(to).await?;
    if suspects.is_empty() {
        return Ok(());
    }
    tokio::time::sleep(SECOND_LOOK).await;
    let still = idle(to).await?;
    let abandoned: Vec<Standing> = still.into_iter().filter(|standing| suspects.contains(standing)).collect();
    if abandoned.is_empty() {
        return Ok(());
    }
    tracing::warn!(transactions = abandoned.len(), "ending transactions that another process has left open");
    let session = |standing: &Standing| Bson::Document(doc! { "id": super::log::uuid(standing.session) });
    let sessions: Vec<Bson> = abandoned.iter().map(session).collect();
    to.client.database("admin").run_command(doc! { "killSessions": sessions }).await.map(drop)
}

/// The transactions of this program that stand idle now, and have for long.
async fn idle(from: &Collections) -> Result<Vec<Standing>> {
    let admin = from.client.database("admin");
    let look = admin.aggregate([
        doc! { "$currentOp": { "allUsers": false, "idleSessions": true } },
        doc! { "$match": {
            "type": "idleSession",
            "appName": &from.app,
            "transaction.timeInactiveMicros": { "$gte": i64::try_from(IDLE.as_micros()).unwrap_or(i64::MAX) },
        } },
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
