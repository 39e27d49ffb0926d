//! Bytes that arrive before anyone knows whether they are to be kept: each in a file of its own in the data directory.

use base::ids;
use std::io;
use std::path::{Path, PathBuf};
use tokio::fs::File;

/// How the names of the files begin.
const PREFIX: &str = "upload-";

/// A file that goes when this goes.
#[derive(Debug)]
pub struct SpoolFile {
    path: PathBuf,
}

impl SpoolFile {
    /// A new file, open to be written.
    ///
    /// # Errors
    /// When the data directory cannot be written to.
    pub async fn begin(data: &Path) -> io::Result<(Self, File)> {
        tokio::fs::create_dir_all(folder(data)).await?;
        let path = fresh(data);
        let file = File::create_new(&path).await?;
        Ok((Self { path }, file))
    }

    /// Where its bytes are.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for SpoolFile {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(%error, "a file of the spool folder could not be removed");
        }
    }
}

/// The spool folder.
pub fn folder(data: &Path) -> PathBuf {
    data.join("tmp")
}

/// The path of a file that is not there yet.
pub fn fresh(data: &Path) -> PathBuf {
    folder(data).join(format!("{PREFIX}{}", ids::random().simple()))
}

/// Removes what a process that was killed has left in the spool folder. For the start of a server, once the data
/// directory is its own.
///
/// # Errors
/// When a file is there and cannot be removed.
pub fn sweep(data: &Path) -> io::Result<()> {
    let entries = match std::fs::read_dir(folder(data)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(PREFIX) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
