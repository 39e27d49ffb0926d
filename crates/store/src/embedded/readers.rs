//! Readers: connections that cannot write, lent to blocking tasks, so that no query blocks the server's own threads.
//!
//! A task costs two switches between threads, many times as much as reading one page in memory. So the few queries whose
//! pages are always in memory, because everyone needs them, run directly.

use crate::embedded::commits::alive::Liveness;
use crate::embedded::fault::Fault;
use crate::embedded::schema;
use crate::{Result, StoreError};
use rusqlite::Connection;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The connections, of which some may be lent.
pub(in crate::embedded) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    /// One permit per connection; waiting for it is fair.
    permits: Arc<Semaphore>,
    count: u32,
    alive: Arc<Liveness>,
}

impl Readers {
    /// Opens as many connections as queries can usefully run at the same time.
    pub(in crate::embedded) fn open(database: &Path, alive: Arc<Liveness>) -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(4, usize::from);
        let idle = (0..cores.clamp(4, 16)).map(|_| schema::open_reader(database)).collect::<Result<Vec<_>>>()?;
        let permits = Arc::new(Semaphore::new(idle.len()));
        let count = u32::try_from(idle.len()).unwrap_or(u32::MAX);
        Ok(Self { idle: Arc::new(Mutex::new(idle)), permits, count, alive })
    }

    /// One connection in a transaction that has begun: every query sees the same snapshot.
    pub(in crate::embedded) fn frozen(snapshot: Connection, alive: Arc<Liveness>) -> Self {
        Self { idle: Arc::new(Mutex::new(vec![snapshot])), permits: Arc::new(Semaphore::new(1)), count: 1, alive }
    }

    /// Runs `query` on a separate connection, in a blocking task.
    pub(in crate::embedded) async fn read<T, Q>(&self, query: Q) -> Result<T>
    where
        T: Send + 'static,
        Q: FnOnce(&Connection) -> std::result::Result<T, Fault> + Send + 'static,
    {
        self.alive.check()?;
        let loan = self.borrow().await?;
        let run = tokio::task::spawn_blocking(move || loan.with(query));
        run.await.map_err(|e| StoreError::Failed(format!("a query did not finish: {e}")))?
    }

    /// Runs `query` on the calling thread. Only for a query of one or two pages that others have just read.
    pub(in crate::embedded) async fn glance<T>(
        &self,
        query: impl FnOnce(&Connection) -> std::result::Result<T, Fault> + Send,
    ) -> Result<T> {
        self.alive.check()?;
        self.borrow().await?.with(query)
    }

    async fn borrow(&self) -> Result<Loan> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| self.alive.no_reply())?;
        let db = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Ok(Loan { db, idle: Arc::clone(&self.idle), _permit: permit })
    }

    /// Waits for the queries in progress and closes every connection.
    pub(in crate::embedded) async fn close(&self) {
        if let Ok(all) = self.permits.acquire_many(self.count).await {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
            all.forget();
            self.permits.close();
        }
    }
}

/// A connection that is returned after its query, even when nobody waits for the result any more.
struct Loan {
    db: Option<Connection>,
    idle: Arc<Mutex<Vec<Connection>>>,
    _permit: OwnedSemaphorePermit,
}

impl Loan {
    fn with<T>(&self, query: impl FnOnce(&Connection) -> std::result::Result<T, Fault>) -> Result<T> {
        let db = self.db.as_ref().ok_or_else(|| StoreError::Failed("no reader is left".to_owned()))?;
        query(db).map_err(StoreError::from)
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).extend(self.db.take());
    }
}
