//! Uploads that arrive before it is known whether they will be stored: each in a separate file in the data directory.

use base::ids;
use std::io;
use std::path::{Path, PathBuf};
use tokio::fs::File;

/// How the names of the files begin.
const PREFIX: &str = "upload-";

/// A temporary file, removed when this is dropped.
#[derive(Debug)]
pub struct SpoolFile {
    path: PathBuf,
}

impl SpoolFile {
    /// Creates a file, open for writing.
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

/// The path of a file that does not exist yet.
pub fn fresh(data: &Path) -> PathBuf {
    folder(data).join(format!("{PREFIX}{}", ids::random().simple()))
}

/// Removes the files that a killed process has left in the spool folder. For the start of a server, once it has locked the
/// data directory.
///
/// # Errors
/// When a file exists and cannot be removed.
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
