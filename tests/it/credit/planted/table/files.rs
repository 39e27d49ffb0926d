//! Blobs, and the database itself.

use super::super::Prepared;
use super::{Change, files, sql};
use std::path::{Path, PathBuf};

fn blob(data: &Path, prepared: &Prepared, name: &str) -> PathBuf {
    let name = prepared.named(name);
    let (shard, rest) = name.split_at(2);
    data.join("blobs").join(shard).join(rest)
}

fn write(path: &Path, change: impl Fn(Vec<u8>) -> Vec<u8>) {
    let bytes = std::fs::read(path).unwrap();
    let changed = change(bytes.clone());
    assert_ne!(bytes, changed);
    std::fs::remove_file(path).unwrap();
    std::fs::write(path, changed).unwrap();
}

pub(super) fn blobs() -> Vec<Change> {
    vec![
        files(
            "a byte of a package's file",
            |data, prepared| write(&blob(data, prepared, "$file"), |bytes| [&bytes[1..], b"x"].concat()),
            "Blob $file was changed",
        ),
        files(
            "a package's file that was cut",
            |data, prepared| write(&blob(data, prepared, "$file"), |bytes| bytes[1..].to_vec()),
            "The package's file index.html was changed or is gone",
        ),
        files(
            "a package's file that is gone",
            |data, prepared| std::fs::remove_file(blob(data, prepared, "$file")).unwrap(),
            "The package's file index.html was changed or is gone",
        ),
        files(
            "a byte of an evidence bundle",
            |data, prepared| write(&blob(data, prepared, "$bundle"), |bytes| [&bytes[..], b" "].concat()),
            "Its evidence bundle has the hash",
        ),
        files(
            "an evidence bundle that is gone",
            |data, prepared| std::fs::remove_file(blob(data, prepared, "$bundle")).unwrap(),
            "Its evidence bundle $bundle is gone",
        ),
        files(
            "an evidence bundle under another's name",
            |data, prepared| {
                std::fs::copy(blob(data, prepared, "$file"), blob(data, prepared, "$bundle")).map(drop).unwrap();
            },
            "Blob $bundle was changed",
        ),
        files(
            "a file among the blobs that is none",
            |data, _| std::fs::write(data.join("blobs/note.txt"), "x").unwrap(),
            "The file note.txt in the directory of blobs",
        ),
        files(
            "blobs that are gone",
            |data, _| std::fs::remove_dir_all(data.join("blobs")).unwrap(),
            "The directory of blobs is gone",
        ),
    ]
}

pub(super) fn schema() -> Vec<Change> {
    vec![
        sql(
            "a trigger",
            "CREATE TRIGGER t AFTER INSERT ON statement BEGIN DELETE FROM due; END",
            "has another trigger, t, which this program did not make",
        ),
        sql("a view", "CREATE VIEW v AS SELECT * FROM statement", "has another view, v"),
        sql("a table", "CREATE TABLE extra (a)", "has another table, extra"),
        sql("an index more", "CREATE INDEX more ON statement (stored)", "has another index, more"),
        sql("an index less", "DROP INDEX statement_target", "The database has no index statement_target"),
        sql(
            "an index that is not unique any more",
            "DROP INDEX statement_id; CREATE INDEX statement_id ON statement (provider, id)",
            "The index statement_id of the database was redefined",
        ),
        sql(
            "a column more",
            "ALTER TABLE statement ADD COLUMN extra TEXT",
            "The table statement of the database was redefined",
        ),
        sql("the format", "PRAGMA user_version = 0", "names format 0"),
        sql("whose database it is", "PRAGMA application_id = 5", "names another program as its owner"),
        files("bytes in the middle of the database", overwrite, "The database file is damaged"),
    ]
}

/// Overwrites part of a page that has rows.
fn overwrite(data: &Path, _: &Prepared) {
    write(&data.join("enduring.db"), |mut bytes| {
        let page = 4096;
        let last = bytes.len() / page - 1;
        bytes[last * page..last * page + 64].fill(0xee);
        bytes
    });
}
