//! Files that other users of the machine can read or change although they have personal data or secrets. What this program
//! creates is private; what was there before may not be.

use crate::config::{Config, too_open};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// A sentence for each that is open to others, with the command that closes it.
pub fn warnings(config: &Config) -> Vec<String> {
    let data = &config.data;
    let database = store::embedded::database_in(data);
    let mut warnings = Vec::new();
    if let Some(mode) = wider(data) {
        let what = "other users of this machine can open the data directory, which has personal data";
        warnings.push(format!("{what} (mode {mode:04o}); run: chmod -R go= {}", data.display()));
    } else if let Some(mode) = wider(&database) {
        let what = "the database can be read by other users of this machine if the directory is ever opened to them";
        warnings.push(format!("{what} (mode {mode:04o}); run: chmod -R go= {}", data.display()));
    }
    let with_secrets = [config.file_with_secrets.as_deref(), Some(config.store_file.as_path())];
    for file in with_secrets.into_iter().flatten().filter(|file| !file.as_os_str().is_empty()) {
        if let Some(mode) = too_open(file) {
            let file = file.display();
            warnings.push(format!(
                "other users of this machine can read or change {file}, which has a secret (mode {mode:04o}); \
                 run: chmod 600 {file}"
            ));
        }
    }
    warnings
}

/// The permissions at `path`, if anyone but its owner has some.
fn wider(path: &Path) -> Option<u32> {
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}
