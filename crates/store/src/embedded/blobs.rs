//! Blobs: bytes as files, each under its SHA-256, each whole or absent.
//!
//! A blob is written under `incoming/`, synced, renamed to its name, and the directory synced: after that it survives
//! power loss, and before that it does not exist. The writer of an incoming file holds a lock on it, so that the next
//! process that opens the store recognizes abandoned files.

use crate::archive::MOST_DAMAGE;
use crate::embedded::fault::file;
use crate::{Result, StoreError};
use base::hash::Sha256;
use bytes::Bytes;
use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};

/// The directory of unfinished files.
const INCOMING: &str = "incoming";

/// How many bytes of a stream are in memory at a time.
const PIECE: usize = 256 * 1024;

/// The directory of blobs.
#[derive(Debug, Clone)]
pub(in crate::embedded) struct Blobs {
    dir: PathBuf,
}

impl Blobs {
    /// The blobs in `dir`, which is created if it is missing; removes the unfinished files of a killed process.
    pub(in crate::embedded) fn open(dir: PathBuf) -> Result<Self> {
        let blobs = Self { dir };
        let incoming = blobs.incoming();
        std::fs::create_dir_all(&incoming).map_err(|e| file("create the directory", &incoming, &e))?;
        remove_abandoned(&incoming).map_err(|e| file("clean", &incoming, &e))?;
        Ok(blobs)
    }

    /// The blobs in `dir`, to be read. Creates and removes nothing.
    pub(in crate::embedded) fn at(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// What is in the directory and is no blob, as sentences.
    pub(in crate::embedded) async fn damage(&self) -> Result<Vec<String>> {
        let blobs = self.clone();
        blocking(move || match blobs.strangers(MOST_DAMAGE) {
            Ok(found) => Ok(found
                .into_iter()
                .map(|path| format!("The file {path} in the directory of blobs is not called as a blob is."))
                .collect()),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(vec!["The directory of blobs is gone.".to_owned()]),
            Err(e) => Err(file("list", &blobs.dir, &e)),
        })
        .await
    }

    /// The files in the directory that are not called as a blob is: their paths within it. Unfinished ones are not among them.
    fn strangers(&self, most: usize) -> std::io::Result<Vec<String>> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&self.dir)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name == INCOMING {
                continue;
            }
            let path = self.dir.join(&name);
            if !path.is_dir() {
                found.push(name);
                continue;
            }
            for entry in std::fs::read_dir(&path)? {
                let rest = entry?.file_name().to_string_lossy().into_owned();
                let written = format!("{name}{rest}");
                let is_blob = written.parse::<Sha256>().is_ok_and(|sha256| sha256.to_string() == written);
                if !(is_blob && name.len() == 2) {
                    found.push(format!("{name}/{rest}"));
                }
            }
            if found.len() >= most {
                break;
            }
        }
        found.sort();
        found.truncate(most);
        Ok(found)
    }

    /// Stores `bytes`.
    pub(in crate::embedded) async fn keep(&self, bytes: Bytes) -> Result<Sha256> {
        let blobs = self.clone();
        blocking(move || {
            let name = Sha256::of(&bytes);
            if !blobs.path(name).exists() {
                let mut incoming = IncomingFile::create(&blobs.incoming())?;
                incoming.file.write_all(&bytes).map_err(|e| file("write", &incoming.path, &e))?;
                blobs.publish(&incoming, name)?;
            }
            blobs.sync_shard(name)?;
            Ok(name)
        })
        .await
    }

    /// Stores `source`, which is read to its end.
    pub(in crate::embedded) async fn keep_from(
        &self,
        source: &mut (dyn AsyncRead + Send + Unpin),
    ) -> Result<(Sha256, u64)> {
        let incoming = IncomingFile::create(&self.incoming())?;
        let (name, length) = copy(source, &incoming).await?;
        let blobs = self.clone();
        blocking(move || {
            if !blobs.path(name).exists() {
                blobs.publish(&incoming, name)?;
            }
            blobs.sync_shard(name)?;
            Ok((name, length))
        })
        .await
    }

    /// The length of the blob called `name`.
    pub(in crate::embedded) async fn len(&self, name: Sha256) -> Result<Option<u64>> {
        let path = self.path(name);
        blocking(move || match std::fs::metadata(&path) {
            Ok(found) => Ok(Some(found.len())),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(file("look at", &path, &e)),
        })
        .await
    }

    /// The bytes within `range` of the blob called `name`.
    pub(in crate::embedded) async fn read(&self, name: Sha256, range: Range<u64>) -> Result<Option<Bytes>> {
        let path = self.path(name);
        blocking(move || match read(&path, range) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(file("read", &path, &e)),
        })
        .await
    }

    /// Removes the blob called `name`, durably.
    pub(in crate::embedded) async fn forget(&self, name: Sha256) -> Result<()> {
        let blobs = self.clone();
        blocking(move || {
            let path = blobs.path(name);
            match std::fs::remove_file(&path) {
                Ok(()) => blobs.sync_shard(name),
                Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
                Err(e) => Err(file("remove", &path, &e)),
            }
        })
        .await
    }

    /// The names of the blobs after `after`, in order.
    pub(in crate::embedded) async fn after(&self, after: Option<Sha256>, limit: usize) -> Result<Vec<Sha256>> {
        let blobs = self.clone();
        blocking(move || {
            let mut names = Vec::new();
            let first = after.map_or(0, |Sha256([first, ..])| first);
            for shard in first..=u8::MAX {
                if names.len() >= limit {
                    break;
                }
                let mut here = blobs.names_in(shard)?;
                here.retain(|name| after.is_none_or(|after| *name > after));
                here.sort_unstable();
                names.extend(here);
            }
            names.truncate(limit);
            Ok(names)
        })
        .await
    }

    /// The names of the blobs that begin with the byte `shard`.
    fn names_in(&self, shard: u8) -> Result<Vec<Sha256>> {
        let dir = self.dir.join(hex::encode([shard]));
        let entries = match std::fs::read_dir(&dir) {
            Ok(entries) => entries,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(file("list", &dir, &e)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let rest = entry.map_err(|e| file("list", &dir, &e))?.file_name();
            let name = format!("{}{}", hex::encode([shard]), rest.to_string_lossy());
            names.extend(name.parse::<Sha256>().ok());
        }
        Ok(names)
    }

    /// Gives a finished incoming file its name.
    fn publish(&self, incoming: &IncomingFile, name: Sha256) -> Result<()> {
        incoming.file.sync_all().map_err(|e| file("sync", &incoming.path, &e))?;
        let (shard, path) = (self.shard(name), self.path(name));
        if !shard.exists() {
            std::fs::create_dir_all(&shard).map_err(|e| file("create the directory", &shard, &e))?;
            sync_dir(&self.dir)?;
        }
        std::fs::rename(&incoming.path, &path).map_err(|e| file("write", &path, &e))
    }

    /// Makes the name durable, whoever gave it: another task may have done so a moment ago without a sync so far.
    fn sync_shard(&self, name: Sha256) -> Result<()> {
        sync_dir(&self.shard(name))
    }

    fn incoming(&self) -> PathBuf {
        self.dir.join(INCOMING)
    }

    fn shard(&self, name: Sha256) -> PathBuf {
        let [first, ..] = name.0;
        self.dir.join(hex::encode([first]))
    }

    fn path(&self, name: Sha256) -> PathBuf {
        let [_, rest @ ..] = name.0;
        self.shard(name).join(hex::encode(rest))
    }
}

/// The file of a blob that has no name yet. It is removed when this is dropped, unless it was renamed.
struct IncomingFile {
    path: PathBuf,
    file: File,
}

impl IncomingFile {
    fn create(dir: &Path) -> Result<Self> {
        let path = dir.join(base::ids::random().to_string());
        let created = File::create_new(&path).map_err(|e| file("create", &path, &e))?;
        let incoming = Self { path, file: created };
        incoming.file.lock().map_err(|e| file("lock", &incoming.path, &e))?;
        Ok(incoming)
    }
}

impl Drop for IncomingFile {
    fn drop(&mut self) {
        // A file that was renamed is not there any more; if it cannot be removed, the next start removes it.
        std::fs::remove_file(&self.path).unwrap_or_default();
    }
}

/// Copies `source` to its end into `incoming`; returns the digest and the length.
async fn copy(source: &mut (dyn AsyncRead + Send + Unpin), incoming: &IncomingFile) -> Result<(Sha256, u64)> {
    let failed = |e| file("write", &incoming.path, &e);
    let mut to = tokio::fs::File::from_std(incoming.file.try_clone().map_err(failed)?);
    let (mut hasher, mut length) = (Sha256::hasher(), 0);
    let mut piece = Vec::with_capacity(PIECE);
    loop {
        piece.clear();
        let limit = u64::try_from(PIECE).unwrap_or(u64::MAX);
        let taken = (&mut *source).take(limit).read_to_end(&mut piece).await;
        if taken.map_err(|e| StoreError::Failed(format!("the bytes to store ended early: {e}")))? == 0 {
            break;
        }
        hasher.update(&piece);
        to.write_all(&piece).await.map_err(failed)?;
        length += u64::try_from(piece.len()).unwrap_or(0);
    }
    to.flush().await.map_err(failed)?;
    Ok((hasher.finish(), length))
}

fn read(path: &Path, range: Range<u64>) -> std::io::Result<Bytes> {
    let mut from = File::open(path)?;
    let end = range.end.min(from.metadata()?.len());
    let length = end.saturating_sub(range.start);
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    if length > 0 {
        from.seek(SeekFrom::Start(range.start))?;
        from.take(length).read_to_end(&mut bytes)?;
    }
    Ok(Bytes::from(bytes))
}

fn sync_dir(dir: &Path) -> Result<()> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(|e| file("sync", dir, &e))
}

/// Removes the incoming files that no process is writing.
fn remove_abandoned(dir: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        match File::open(&path) {
            Ok(file) if file.try_lock().is_ok() => std::fs::remove_file(&path)?,
            // It is being written, or was finished a moment ago.
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let run = tokio::task::spawn_blocking(work);
    run.await.map_err(|e| StoreError::Failed(format!("a file operation did not finish: {e}")))?
}
