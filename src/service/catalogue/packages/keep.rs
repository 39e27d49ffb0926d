//! Stores the files of an examined archive as blobs, without holding the archive in memory.

use base::hash::Sha256;
use bytes::Bytes;
use content::archive::Archive;
use content::findings::Findings;
use content::{File, Limits, Package};
use futures_util::future::join_all;
use std::io::{self, BufReader, Read};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use store::{Result as StoreResult, Store};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::runtime::Handle;

/// Files up to this size, in bytes, are buffered; larger ones are streamed.
const BUFFERED: u64 = 256 << 10;
/// How many buffered files are stored at once. Each waits for the disk, which syncs many as fast as one.
const AT_ONCE: usize = 32;

/// The work, for a thread that may block, of inflating every file of `package` from the archive at `path` into the
/// blobs. `root` is the folder of the archive that holds the package. Must be called on the runtime.
pub(super) fn files(
    store: Arc<dyn Store>,
    path: PathBuf,
    package: Package,
    root: String,
) -> impl FnOnce() -> io::Result<Package> + Send {
    let runtime = Handle::current();
    move || {
        if package.files.is_empty() {
            // A course structure by itself, whose pages are on other servers.
            return Ok(package);
        }
        let source = BufReader::new(std::fs::File::open(path)?);
        let mut archive = Archive::open(source, Limits::DEFAULT, &mut Findings::default())?.ok_or_else(changed)?;
        let mut waiting = Vec::with_capacity(AT_ONCE);
        for (path, file) in &package.files {
            let inside = format!("{root}{path}");
            let mut stream = archive.inflate(&inside).map_err(io::Error::other)?;
            if file.size > BUFFERED {
                let kept = runtime.block_on(store.keep_from(&mut BlockingReader(stream)));
                confirm(kept.map(|(name, _)| name), file)?;
                continue;
            }
            let mut bytes = Vec::with_capacity(usize::try_from(file.size).unwrap_or_default());
            stream.read_to_end(&mut bytes)?;
            waiting.push((Bytes::from(bytes), file));
            if waiting.len() == AT_ONCE {
                runtime.block_on(keep_all(&*store, &mut waiting))?;
            }
        }
        runtime.block_on(keep_all(&*store, &mut waiting))?;
        Ok(package)
    }
}

/// Stores the waiting files concurrently.
async fn keep_all(store: &dyn Store, waiting: &mut Vec<(Bytes, &File)>) -> io::Result<()> {
    let each = waiting.drain(..).map(|(bytes, file)| async move { (store.keep(bytes).await, file) });
    for (kept, file) in join_all(each).await {
        confirm(kept, file)?;
    }
    Ok(())
}

/// Confirms that what was kept is what was examined.
fn confirm(kept: StoreResult<Sha256>, file: &File) -> io::Result<()> {
    if kept.map_err(io::Error::other)? == file.sha256 { Ok(()) } else { Err(changed()) }
}

fn changed() -> io::Error {
    io::Error::other("it changed while it was imported; upload it again")
}

/// A blocking reader as an asynchronous one, for a thread that may block.
struct BlockingReader<R>(R);

impl<R: Read + Unpin> AsyncRead for BlockingReader<R> {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = self.0.read(buffer.initialize_unfilled())?;
        buffer.advance(read);
        Poll::Ready(Ok(()))
    }
}
