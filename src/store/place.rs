//! Where a store is, and how it is opened there.

use super::archive::Archive;
use super::{Result, embedded, mongodb};
use crate::clock::Clock;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The embedded store in this directory.
    Directory(PathBuf),
    /// A database on a MongoDB replica set.
    MongoDb(String),
}

/// Who opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A server. The embedded store has one at a time; a MongoDB store any number.
    Server,
    /// A command, alone or beside a server.
    Command,
}

impl Place {
    /// The place that `name` names: a URL that begins with `mongodb://` or `mongodb+srv://`, or a directory.
    pub fn named(name: &str) -> Self {
        if ["mongodb://", "mongodb+srv://"].iter().any(|scheme| name.starts_with(scheme)) {
            return Self::MongoDb(name.to_owned());
        }
        Self::Directory(Path::new(name.strip_prefix("file://").unwrap_or(name)).to_owned())
    }

    /// Opens the store, and makes it where there is none.
    pub async fn open(&self, role: Role, clock: Arc<dyn Clock>) -> Result<Arc<dyn Archive>> {
        Ok(match (self, role) {
            (Self::Directory(dir), Role::Server) => Arc::new(embedded::open(dir, clock)?),
            (Self::Directory(dir), Role::Command) => Arc::new(embedded::open_beside(dir, clock)?),
            (Self::MongoDb(url), _) => Arc::new(mongodb::connect(url, clock).await?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_url_or_a_directory() {
        assert_eq!(Place::named("mongodb://a,b/enduring"), Place::MongoDb("mongodb://a,b/enduring".to_owned()));
        assert_eq!(Place::named("./data"), Place::Directory("./data".into()));
        assert_eq!(Place::named("file:///srv/data"), Place::Directory("/srv/data".into()));
    }
}
