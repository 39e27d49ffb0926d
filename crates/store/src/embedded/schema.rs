//! The tables, and how a connection to them is opened.
//!
//! Conventions: every table is STRICT. Instants are whole microseconds since 1970 in UTC, except `statement.stored`, which
//! is in whole milliseconds, as in the statement's bytes. A *place* is a statement's position among all
//! providers: `provider << 40 | seq`, so that one integer orders a provider's log and keeps providers apart.

use crate::embedded::fault::{Fault, engine};
use crate::{Result, StoreError};
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// `ENDU`, in the file's header: this database is ours.
const APPLICATION_ID: i64 = 0x454E_4455;

/// Each raises the `user_version` of a database by one. Released ones never change.
const MIGRATIONS: &[&str] = &[VERSION_1];

const VERSION_1: &str = "
CREATE TABLE provider (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- The log. A row is the whole truth about its statement; `token` can be computed from it again.
CREATE TABLE statement (
    place    INTEGER PRIMARY KEY,
    provider INTEGER NOT NULL REFERENCES provider,
    id       BLOB NOT NULL,
    stored   INTEGER NOT NULL,
    voided   INTEGER NOT NULL,
    -- Equal for equivalent statements; what a second statement with this id is compared by.
    digest   BLOB NOT NULL,
    -- The statement that its object refers to, if any, and whether it voids it.
    target   BLOB,
    voiding  INTEGER NOT NULL,
    -- Its own tokens, 16 bytes each, without those that it is found by because of `target`.
    tokens   BLOB NOT NULL,
    bytes    BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX statement_id ON statement (provider, id);

-- Which statements refer to which, so that a target that comes later finds them.
CREATE INDEX statement_target ON statement (provider, target) WHERE target IS NOT NULL;

-- What each statement can be found by: its own tokens and those of every statement that it refers to.
CREATE TABLE token (
    token BLOB NOT NULL,
    place INTEGER NOT NULL,
    PRIMARY KEY (token, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE record (
    id       INTEGER PRIMARY KEY,
    provider INTEGER NOT NULL REFERENCES provider,
    kind     TEXT NOT NULL,
    key      TEXT NOT NULL,
    version  INTEGER NOT NULL,
    -- Its entries in `record_index`, as JSON [[index, key], ...], so that a replacement knows what to take out.
    entries  TEXT NOT NULL,
    body     BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX record_key ON record (provider, kind, key);

-- The declared indexes of every kind. Uniqueness is the writer's duty: it has the only transaction that writes.
CREATE TABLE record_index (
    provider   INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    name       TEXT NOT NULL,
    key        TEXT NOT NULL,
    record_key TEXT NOT NULL,
    record     INTEGER NOT NULL,
    PRIMARY KEY (provider, kind, name, key, record_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE due (
    provider INTEGER NOT NULL REFERENCES provider,
    queue    TEXT NOT NULL,
    key      TEXT NOT NULL,
    -- When it was to be done, and when it may next be claimed: `at`, or the end of the lease on it.
    at       INTEGER NOT NULL,
    ready    INTEGER NOT NULL,
    -- From `ticket.last` at each writing and each claim.
    ticket   INTEGER NOT NULL,
    claims   INTEGER NOT NULL,
    PRIMARY KEY (provider, queue, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX due_ready ON due (queue, ready);

-- One row. Tickets are never given twice, even for an item that is done and comes back.
CREATE TABLE ticket (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    last INTEGER NOT NULL
) STRICT;
INSERT INTO ticket VALUES (1, 0);
";

/// How long to wait for a transaction of another process.
pub(in crate::embedded) const PATIENCE: Duration = Duration::from_secs(5);

/// The connection that writes; creates the database, or upgrades it.
pub(in crate::embedded) fn open_writer(path: &Path) -> Result<Connection> {
    let mut db = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    prepare_writer(&mut db).map_err(StoreError::from)?;
    Ok(db)
}

/// A connection that cannot write.
pub(in crate::embedded) fn open_reader(path: &Path) -> Result<Connection> {
    let db = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -16384; PRAGMA mmap_size = 268435456;")
        .map_err(|e| engine(&e))?;
    Ok(db)
}

/// A connection that cannot write, in a transaction that has begun: it sees the database as it is now.
///
/// While a process has the database open, its write-ahead log is there, and is read along. Without one, nobody has it open,
/// and SQLite can read the file as it is (`immutable`), creating nothing next to it.
pub(in crate::embedded) fn open_snapshot(path: &Path) -> Result<Connection> {
    let has_log = with_suffix(path, "-wal").exists();
    let mode = if has_log { "mode=ro" } else { "immutable=1" };
    let uri = format!("file:{}?{mode}", percent_encoded(&path.to_string_lossy()));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let begun = Connection::open_with_flags(uri, flags).and_then(|db| {
        settle(&db)?;
        db.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -16384; BEGIN;")?;
        db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(db)
    });
    begun.map_err(|error| {
        let shown = path.display();
        StoreError::Failed(match error.sqlite_error_code() {
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly) if has_log => format!(
                "{shown} has a write-ahead log next to it, which cannot be read where nothing can be written ({error}); copy the \
                 whole directory to a place where you may write and name the copy, or start and stop the server once"
            ),
            _ => format!("cannot read {shown}: {error}"),
        })
    })
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// A path as part of a URI, as SQLite reads it.
fn percent_encoded(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    path.bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// Holds one snapshot for several queries; does nothing in a transaction that has begun.
pub(in crate::embedded) fn snapshot(db: &Connection) -> rusqlite::Result<Option<rusqlite::Transaction<'_>>> {
    if db.is_autocommit() { db.unchecked_transaction().map(Some) } else { Ok(None) }
}

/// The parts of the current schema: the sort and name of each, and how it was made.
pub(in crate::embedded) fn expected() -> rusqlite::Result<Vec<SchemaPart>> {
    let fresh = Connection::open_in_memory()?;
    MIGRATIONS.iter().try_for_each(|migration| fresh.execute_batch(migration))?;
    parts(&fresh)
}

/// The sort and name of a part of a schema, and the SQL that made it.
pub(in crate::embedded) type SchemaPart = (String, String, Option<String>);

/// The parts of a database's schema, by sort and name.
pub(in crate::embedded) fn parts(db: &Connection) -> rusqlite::Result<Vec<SchemaPart>> {
    let mut find = db.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name")?;
    find.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
}

/// What a database of this version has in its header: whose it is, and its version.
pub(in crate::embedded) fn header() -> (i64, i64) {
    (APPLICATION_ID, i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX))
}

/// The connection that moves the write-ahead log into the database.
pub(in crate::embedded) fn open_checkpointer(path: &Path) -> Result<Connection> {
    let db = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.execute_batch("PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = FULL; PRAGMA checkpoint_fullfsync = ON;")
        .map_err(|e| engine(&e))?;
    Ok(db)
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags).and_then(|db| {
        settle(&db)?;
        Ok(db)
    });
    opened.map_err(|e| StoreError::Failed(format!("cannot open {}: {e}", path.display())))
}

/// What every connection has.
fn settle(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(PATIENCE)?;
    db.set_prepared_statement_cache_capacity(64);
    db.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON;")
}

/// The cache is small on purpose: SQLite visits all of it after a commit that has split a page, and evicted pages are still in
/// the cache of the operating system.
///
/// Deleted or replaced data is overwritten with zeros, because an erasure promises that it is gone.
fn prepare_writer(db: &mut Connection) -> std::result::Result<(), Fault> {
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA wal_autocheckpoint = 0;
         PRAGMA cache_size = -16384; PRAGMA secure_delete = ON;",
    )?;
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    migrate(&transaction)?;
    transaction.commit()?;
    Ok(())
}

fn migrate(db: &Connection) -> std::result::Result<(), Fault> {
    let owner: i64 = db.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let version: u32 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let ours = owner == APPLICATION_ID || (owner, version) == (0, 0);
    let Some(missing) = usize::try_from(version).ok().and_then(|done| MIGRATIONS.get(done..)).filter(|_| ours) else {
        let sentence = "the data directory was written by another program or by a newer version of this one; \
                    start the version that wrote it, or name another directory";
        return Err(StoreError::Failed(sentence.to_owned()).into());
    };
    for (version, migration) in (version + 1..).zip(missing) {
        db.execute_batch(migration)?;
        db.pragma_update(None, "user_version", version)?;
    }
    Ok(db.pragma_update(None, "application_id", APPLICATION_ID)?)
}
