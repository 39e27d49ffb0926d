//! Transactions whose process is gone.
//!
//! A process that is killed within a transaction cannot abort it. The server does so by itself only when the transaction is
//! a minute old (`transactionLifetimeLimitSeconds`), and until then whoever writes what it had written waits: the whole
//! provider, since every commit writes the provider's head. So whoever has waited for a while asks the server which
//! transactions of this program stand idle, and ends those that have stood longer than one of a living process would.
//!
//! Ending one whose process lives after all does no harm: it is told so and begins again. A user may look at, and end, what
//! is its own without any further right.

use super::schema::Collections;
use futures_util::TryStreamExt as _;
use mongodb::bson::{Bson, Document, doc};
use mongodb::error::Result;
use mongodb::options::ReadConcern;
use std::time::Duration;

/// How long a transaction has stood idle in all before it is taken for abandoned. One that is alive asks the next thing
/// within milliseconds.
const IDLE: Duration = Duration::from_secs(2);

/// How long a reader waits for someone else's transaction before it has a look at who that is.
pub(super) const PATIENCE: Duration = Duration::from_millis(500);

/// Ends the transactions of this program that nobody goes on with.
pub(super) async fn end(to: &Collections) {
    if let Err(error) = try_to_end(to).await {
        // Whoever waits tries again, and the server ends them in the end.
        tracing::debug!(%error, "abandoned transactions were not looked for");
    }
}

async fn try_to_end(to: &Collections) -> Result<()> {
    let admin = to.client.database("admin");
    let look = admin.aggregate([
        doc! { "$currentOp": { "allUsers": false, "idleSessions": true } },
        doc! { "$match": {
            "type": "idleSession",
            "appName": &to.app,
            "transaction.timeInactiveMicros": { "$gte": i64::try_from(IDLE.as_micros()).unwrap_or(i64::MAX) },
        } },
        doc! { "$project": { "id": "$lsid.id" } },
    ]);
    let found: Vec<Document> = look.read_concern(ReadConcern::local()).await?.try_collect().await?;
    let sessions: Vec<Bson> =
        found.iter().filter_map(|session| Some(Bson::Document(doc! { "id": session.get("id")? }))).collect();
    if sessions.is_empty() {
        return Ok(());
    }
    tracing::warn!(transactions = sessions.len(), "ending transactions that another process has left open");
    admin.run_command(doc! { "killSessions": sessions }).await?;
    Ok(())
}
