//! Where a store is, and how it is opened there.

use super::archive::Archive;
use super::{StoreError, embedded, mongodb};
use base::clock::Clock;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a store is.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreLocation {
    /// The embedded store in this directory.
    Directory(PathBuf),
    /// A database on a MongoDB replica set, by its URL, which may contain a password.
    MongoDb(String),
}

/// A name that is not the location of a store. The message does not repeat it, since it may contain a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a store is a directory, or a URL that begins with mongodb:// or mongodb+srv:// in lower case; \
     correct how its name begins"
)]
pub struct LocationError;

/// Who opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreRole {
    /// A server. The embedded store has one at a time; a MongoDB store any number.
    Server,
    /// A command, alone or while a server runs.
    Command,
    /// A command that only reads. It creates nothing, and needs no right to write.
    Reader,
}

impl StoreLocation {
    /// The location that `name` names: a URL that begins with `mongodb://` or `mongodb+srv://`, or a directory, also as a URL
    /// that begins with `file://`.
    ///
    /// # Errors
    /// What looks like any other URL: taken as a directory, a mistyped URL would silently create an empty store.
    pub fn named(name: &str) -> Result<Self, LocationError> {
        if ["mongodb://", "mongodb+srv://"].iter().any(|scheme| name.starts_with(scheme)) {
            return Ok(Self::MongoDb(name.to_owned()));
        }
        let directory = name.strip_prefix("file://").unwrap_or(name);
        if directory.is_empty() || directory.contains(":/") {
            return Err(LocationError);
        }
        Ok(Self::Directory(Path::new(directory).to_owned()))
    }

    /// Opens the store, and creates it if it is missing and `role` may write.
    pub async fn open(&self, role: StoreRole, clock: Arc<dyn Clock>) -> Result<Arc<dyn Archive>, StoreError> {
        Ok(match (self, role) {
            (Self::Directory(dir), StoreRole::Server) => Arc::new(embedded::open(dir, clock)?),
            (Self::Directory(dir), StoreRole::Command) => Arc::new(embedded::open_beside(dir, clock)?),
            (Self::Directory(dir), StoreRole::Reader) => Arc::new(embedded::open_to_read(dir)?),
            (Self::MongoDb(url), StoreRole::Reader) => Arc::new(mongodb::connect_to_read(url, clock).await?),
            (Self::MongoDb(url), _) => Arc::new(mongodb::connect(url, clock).await?),
        })
    }
}

/// For people and logs: the directory, or that it is MongoDB.
impl fmt::Display for StoreLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(directory) => directory.display().fmt(f),
            Self::MongoDb(_) => f.write_str("MongoDB"),
        }
    }
}

impl fmt::Debug for StoreLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreLocation({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_url_or_a_directory() {
        for url in ["mongodb://a,b/enduring", "mongodb+srv://u:secret@set.example/enduring"] {
            assert_eq!(StoreLocation::named(url), Ok(StoreLocation::MongoDb(url.to_owned())));
        }
        assert_eq!(StoreLocation::named("./data"), Ok(StoreLocation::Directory("./data".into())));
        assert_eq!(StoreLocation::named("file:///srv/data"), Ok(StoreLocation::Directory("/srv/data".into())));
    }

    #[test]
    fn what_is_no_known_url_and_looks_like_one_is_no_directory() {
        let slips = [
            "mongo://u:secret@h/db",
            "MongoDB://u:secret@h/db",
            "mongodb:/u:secret@h/db",
            "mongodb+srv:u:secret@h:/db",
            " mongodb://u:secret@h/db",
            "\"mongodb://u:secret@h/db\"",
            "https://h/db",
            "file://mongodb://u:secret@h/db",
            "file://",
            "",
        ];
        for slip in slips {
            assert_eq!(StoreLocation::named(slip), Err(LocationError), "{slip}");
        }
        assert!(!LocationError.to_string().contains("secret"));
    }

    #[test]
    fn a_place_never_tells_its_password() {
        let place = StoreLocation::named("mongodb://u:secret@h/db").unwrap();
        assert_eq!(
            (place.to_string(), format!("{place:?}")),
            ("MongoDB".to_owned(), "StoreLocation(MongoDB)".to_owned())
        );
    }
}
