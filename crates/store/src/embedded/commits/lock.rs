//! The right to append to the log: one process at a time, by a lock that the kernel releases when the process ends.

use crate::embedded::fault::file;
use crate::{Result, StoreError};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long a server waits for a command, or for the previous server, to finish.
const PATIENCE: Duration = Duration::from_secs(5);

/// The lock, acquired or not.
pub(in crate::embedded) struct AppendRight {
    path: PathBuf,
    file: File,
    held: AtomicBool,
}

impl AppendRight {
    /// Opens the lock file at `path` without acquiring the lock.
    pub(in crate::embedded) fn new(path: &Path) -> Result<Self> {
        let opened = File::options().create(true).truncate(false).write(true).open(path);
        let file = opened.map_err(|e| file("open", path, &e))?;
        Ok(Self { path: path.to_owned(), file, held: AtomicBool::new(false) })
    }

    /// Whether this process has the lock.
    pub(in crate::embedded) fn held(&self) -> bool {
        self.held.load(Ordering::Acquire)
    }

    /// Acquires the lock if it is free, and fails otherwise.
    pub(in crate::embedded) fn take(&self) -> Result<()> {
        if self.held() {
            return Ok(());
        }
        match self.file.try_lock() {
            Ok(()) => {
                self.held.store(true, Ordering::Release);
                Ok(())
            }
            Err(TryLockError::WouldBlock) => Err(StoreError::Failed(format!(
                "another process serves this data ({} is locked); stop it first, or use its HTTP API",
                self.path.display()
            ))),
            Err(TryLockError::Error(e)) => Err(file("lock", &self.path, &e)),
        }
    }

    /// Acquires the lock, waiting a little for its holder to finish.
    pub(in crate::embedded) fn wait(&self) -> Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if self.take().is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        self.take()
    }

    /// Releases the lock. Nothing is appended after this.
    pub(in crate::embedded) fn release(&self) {
        self.held.store(false, Ordering::Release);
        // Closing the file releases the lock in any case; a failure here changes nothing.
        self.file.unlock().unwrap_or_default();
    }
}
