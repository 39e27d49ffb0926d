//! Secrets of the configuration: a key that wraps others, and the files that secrets are read from.

use super::{Config, ConfigError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use std::fmt;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use toml::{Table, Value};

/// What nobody but the owner, and the owner's group for reading, may do with a file that has a secret. Platforms that mount
/// secrets (systemd, Kubernetes) give the service the right to read by its group or by an access list, which shows as one.
const TOO_OPEN: u32 = 0o037;

/// A secret text, which nothing prints.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "none" } else { "…" })
    }
}

/// The text of the file at `path`, which must not be open to others.
///
/// # Errors
/// The reason, when it cannot be read or is open to others.
pub fn read_secret(path: &Path) -> Result<String, String> {
    if let Some(mode) = too_open(path) {
        return Err(format!(
            "other users of this machine can read or change it (mode {mode:04o}); run: chmod 600 {}",
            path.display()
        ));
    }
    std::fs::read_to_string(path).map_err(|error| error.to_string())
}

/// The permissions of the file at `path`, if they are wider than a secret needs.
pub fn too_open(path: &Path) -> Option<u32> {
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & TOO_OPEN != 0).then_some(mode)
}

/// Whether the text of a configuration file has a secret.
pub(super) fn has_secrets(table: &Table) -> bool {
    let text = |key| table.get(key).and_then(Value::as_str).unwrap_or_default();
    let portals = table.get("portals").and_then(Value::as_array);
    let is_shared = |portal: &Value| portal.get("algorithm").and_then(Value::as_str) == Some("HS256");
    !text("key_wrapping_key").is_empty()
        || text("store").contains('@')
        || portals.is_some_and(|portals| portals.iter().any(is_shared))
}

impl Config {
    /// The key that wraps private keys in the store, if one is configured.
    pub fn wrapping_key(&self) -> Option<[u8; 32]> {
        BASE64.decode(&self.key_wrapping_key.0).ok()?.try_into().ok()
    }

    /// Reads `key_wrapping_key` from its file, if one is named, and checks what belongs to it.
    pub(super) fn read_wrapping_key(&mut self) -> Result<(), ConfigError> {
        const ADVICE: &str = "write 32 bytes in base64, such as `openssl rand -base64 32` prints";
        let mut key = "key_wrapping_key";
        if !self.key_wrapping_key_file.as_os_str().is_empty() {
            if !self.key_wrapping_key.is_empty() {
                return Err(ConfigError::refused(
                    "key_wrapping_key_file",
                    "key_wrapping_key is set too; set only one of them",
                ));
            }
            key = "key_wrapping_key_file";
            let path = &self.key_wrapping_key_file;
            let text = read_secret(path)
                .map_err(|reason| ConfigError::refused(key, format!("{}: {reason}", path.display())))?;
            self.key_wrapping_key = Secret(text.trim().to_owned());
            if self.key_wrapping_key.is_empty() {
                return Err(ConfigError::refused(key, format!("{} is empty; {ADVICE}", path.display())));
            }
        }
        if self.key_wrapping_key.is_empty() {
            return Ok(());
        }
        if self.wrapping_key().is_none() {
            return Err(ConfigError::refused(key, ADVICE));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?} {:?}", Secret("hush".to_owned()), Secret::default()), "… none");
    }

    #[test]
    fn a_file_that_others_can_open_is_refused_with_what_to_run() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("key");
        std::fs::write(&file, "hush").unwrap();
        for (mode, is_private) in
            [(0o600, true), (0o400, true), (0o440, true), (0o644, false), (0o660, false), (0o604, false)]
        {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            let read = read_secret(&file);
            assert_eq!(read.is_ok(), is_private, "{mode:o}");
            if let Err(reason) = read {
                assert!(
                    reason.contains(&format!("chmod 600 {}", file.display())) && !reason.contains("hush"),
                    "{reason}"
                );
            }
        }
    }

    #[test]
    fn a_configuration_file_has_secrets_or_not() {
        for (text, expected) in [
            ("data = \"/d\"", false),
            ("key_wrapping_key = \"x\"", true),
            ("store = \"mongodb://h/d\"", false),
            ("store = \"mongodb://u:p@h/d\"", true),
            ("[[portals]]\nalgorithm = \"ES256\"\n", false),
            ("[[portals]]\nalgorithm = \"HS256\"\n", true),
        ] {
            assert_eq!(has_secrets(&text.parse().unwrap()), expected, "{text}");
        }
    }
}
