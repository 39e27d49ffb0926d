//! Transactions whose process has ended.
//!
//! A process that is killed within a transaction cannot abort it. The server aborts it only when the transaction is a minute
//! old (`transactionLifetimeLimitSeconds`), and until then everyone who writes the same documents waits: the whole provider,
//! since every commit writes the provider's head. So a process that has waited for a while asks the server which
//! transactions of this program have been idle for long, checks again a moment later, and ends those without progress.
//!
//! The server reports the total idle time of a transaction, not the time since its last command: a live one that sends many
//! commands over a slow network soon has a total of seconds. That is why it checks twice.
//!
//! Ending a transaction whose process is alive after all does no harm: that process receives an error and begins again. A
//! user may list and end its own transactions without any further right.

use crate::mongodb::connection::schema::Collections;
use futures_util::TryStreamExt as _;
use mongodb::bson::{Bson, Document, doc};
use mongodb::error::Result;
use mongodb::options::ReadConcern;
use std::time::Duration;
use uuid::Uuid;

/// The total idle time after which a transaction is worth a second check.
const IDLE: Duration = Duration::from_secs(1);

/// The time between the two checks. A live transaction sends its next command within milliseconds, or within a round trip
/// between its process and the server.
const SECOND_CHECK: Duration = Duration::from_secs(1);

/// How long a reader waits for another transaction before it looks for abandoned ones.
pub(in crate::mongodb) const PATIENCE: Duration = Duration::from_millis(500);

/// An idle transaction, and its progress.
#[derive(Debug, PartialEq, Eq)]
struct IdleTransaction {
    session: Uuid,
    /// Which transaction of its session it is.
    number: i64,
    /// How long the server has worked for it: more after each of its commands.
    active_micros: i64,
}

/// Ends the transactions of this program that nobody continues. Takes a second if there may be one.
pub(in crate::mongodb) async fn end(to: &Collections) {
    if let Err(error) = try_to_end(to).await {
        // The waiting process tries again, and the server ends them eventually.
        tracing::debug!(%error, "the search for abandoned transactions failed");
    }
}

async fn try_to_end(to: &Collections) -> Result<()> {
    let suspects = idle(to).await?;
    if suspects.is_empty() {
        return Ok(());
    }
    tokio::time::sleep(SECOND_CHECK).await;
    let still = idle(to).await?;
    let abandoned: Vec<IdleTransaction> = still.into_iter().filter(|idle| suspects.contains(idle)).collect();
    if abandoned.is_empty() {
        return Ok(());
    }
    tracing::warn!(transactions = abandoned.len(), "ending transactions that another process has left open");
    let session = |idle: &IdleTransaction| Bson::Document(doc! { "id": crate::mongodb::log::uuid(idle.session) });
    let sessions: Vec<Bson> = abandoned.iter().map(session).collect();
    to.client.database("admin").run_command(doc! { "killSessions": sessions }).await.map(drop)
}

/// The transactions of this program that are idle now and have been idle for long.
async fn idle(from: &Collections) -> Result<Vec<IdleTransaction>> {
    let admin = from.client.database("admin");
    let query = admin.aggregate([
        doc! { "$currentOp": { "allUsers": false, "idleSessions": true } },
        doc! { "$match": {
            "type": "idleSession",
            "appName": &from.app,
            "transaction.timeInactiveMicros": { "$gte": i64::try_from(IDLE.as_micros()).unwrap_or(i64::MAX) },
        } },
        doc! { "$project": { "lsid": 1, "transaction": 1 } },
    ]);
    let found: Vec<Document> = query.read_concern(ReadConcern::local()).await?.try_collect().await?;
    Ok(found.iter().filter_map(transaction).collect())
}

fn transaction(session: &Document) -> Option<IdleTransaction> {
    let transaction = session.get_document("transaction").ok()?;
    let Some(Bson::Binary(id)) = session.get_document("lsid").ok()?.get("id") else { return None };
    Some(IdleTransaction {
        session: Uuid::from_slice(&id.bytes).ok()?,
        number: transaction.get_document("parameters").ok()?.get_i64("txnNumber").ok()?,
        active_micros: transaction.get_i64("timeActiveMicros").ok()?,
    })
}
