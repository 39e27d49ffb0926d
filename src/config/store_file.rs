//! The URL of a store in a separate file, as platforms mount secrets: it contains a password, which must not be visible
//! in the process list or the configuration.

use super::{Config, ConfigError};
use std::path::Path;

/// The URL in the file at `path`. White space around it, such as the end of its line, is not part of it.
///
/// # Errors
/// When the file cannot be read, or does not contain exactly one line.
pub fn store_in(path: &Path) -> Result<String, ConfigError> {
    if path.to_string_lossy().contains(":/") {
        let reason = "write the path of a file that contains the URL; this is the URL itself";
        return Err(ConfigError::refused("store_file", reason));
    }
    let unusable = |reason: String| ConfigError::StoreFile { path: path.display().to_string(), reason };
    let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
    match text.trim() {
        "" => Err(unusable("it is empty".to_owned())),
        url if url.contains('\n') => Err(unusable("it contains more than one line".to_owned())),
        url => Ok(url.to_owned()),
    }
}

impl Config {
    /// Reads `store` from `store_file`, if one is named.
    pub(super) fn read_store_file(&mut self) -> Result<(), ConfigError> {
        if self.store_file.as_os_str().is_empty() {
            return Ok(());
        }
        if !self.store.is_empty() {
            return Err(ConfigError::refused("store_file", "store is set too; set only one of them"));
        }
        self.store = store_in(&self.store_file)?;
        Ok(())
    }
}
