//! Someone who writes to the store without the program: to its files with SQL and a file manager, to MongoDB with the
//! driver.

use base::hash::Sha256;
use enduring::service::App;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, Document, doc};
use mongodb::{Client, Collection, Database};
use rusqlite::{Connection, params};
use std::path::{Path, PathBuf};
use xapi::StatementId;

/// Direct access, whichever store the tests run on.
pub enum Tamperer {
    Files { database: Connection, blobs: PathBuf },
    MongoDb(Database),
}

impl Tamperer {
    /// For the store of `app`.
    pub async fn of(app: &App) -> Self {
        if app.config.store.is_empty() {
            let data = &app.config.data;
            return Self::Files {
                database: Connection::open(data.join("enduring.db")).unwrap(),
                blobs: data.join("blobs"),
            };
        }
        let client = Client::with_uri_str(&app.config.store).await.unwrap();
        Self::MongoDb(client.default_database().unwrap())
    }

    /// Changes `from` into `to`, once, in the bytes of a statement.
    pub async fn change_statement(&self, id: StatementId, from: &str, to: &str) {
        match self {
            Self::Files { database, .. } => {
                change(database, ("statement", "bytes"), "id = ?1", id.0.as_bytes(), from, to);
            }
            Self::MongoDb(database) => {
                let (statements, name) = (database.collection::<Document>("statements"), doc! { "id": uuid(id) });
                let found = statements.find_one(name.clone()).await.unwrap().unwrap();
                let body = changed(found.get_binary_generic("body").unwrap().clone(), from, to);
                set(&statements, name, "body", binary(body)).await;
            }
        }
    }

    /// Removes a statement from the log, and from its indexes.
    pub async fn remove_statement(&self, id: StatementId) {
        match self {
            Self::Files { database, .. } => {
                let place = "(SELECT place FROM statement WHERE id = ?1)";
                for from in [format!("token WHERE place = {place}"), "statement WHERE id = ?1".to_owned()] {
                    assert!(database.execute(&format!("DELETE FROM {from}"), [id.0.as_bytes()]).unwrap() > 0);
                }
            }
            Self::MongoDb(database) => {
                let removed = database.collection::<Document>("statements").delete_one(doc! { "id": uuid(id) }).await;
                assert_eq!(removed.unwrap().deleted_count, 1);
            }
        }
    }

    /// Changes `from` into `to`, once, in the document of a record.
    pub async fn change_record(&self, kind: &str, key: &str, from: &str, to: &str) {
        match self {
            Self::Files { database, .. } => {
                let row = format!("kind = '{kind}' AND key = CAST(?1 AS TEXT)");
                change(database, ("record", "body"), &row, key.as_bytes(), from, to);
            }
            Self::MongoDb(database) => {
                let (records, name) =
                    (database.collection::<Document>("records"), doc! { "_id.kind": kind, "_id.key": key });
                let found = records.find_one(name.clone()).await.unwrap().unwrap();
                let body = changed(found.get_str("body").unwrap().into(), from, to);
                set(&records, name, "body", String::from_utf8(body).unwrap().into()).await;
            }
        }
    }

    /// Removes a record from every index, so that nothing that uses one finds it.
    pub async fn unlist_record(&self, kind: &str, key: &str) {
        let removed = match self {
            Self::Files { database, .. } => {
                let removal = "DELETE FROM record_index WHERE kind = ?1 AND record_key = ?2";
                u64::try_from(database.execute(removal, [kind, key]).unwrap()).unwrap()
            }
            Self::MongoDb(database) => {
                let entries = doc! { "_id.kind": kind, "record": key };
                database.collection::<Document>("entries").delete_many(entries).await.unwrap().deleted_count
            }
        };
        assert!(removed > 0, "{kind} {key} stood in no index");
    }

    /// Changes `from` into `to`, once, in a blob, which keeps its name.
    pub async fn change_blob(&self, name: Sha256, from: &str, to: &str) {
        match self {
            Self::Files { blobs, .. } => {
                let path = file(blobs, name);
                let mut permissions = std::fs::metadata(&path).unwrap().permissions();
                #[expect(clippy::permissions_set_readonly_false, reason = "the store may keep blobs read-only")]
                permissions.set_readonly(false);
                std::fs::set_permissions(&path, permissions).unwrap();
                std::fs::write(&path, changed(std::fs::read(&path).unwrap(), from, to)).unwrap();
            }
            Self::MongoDb(database) => {
                let (pieces, first) = (database.collection::<Document>("pieces"), first_piece(database, name).await);
                let found = pieces.find_one(first.clone()).await.unwrap().unwrap();
                let data = changed(found.get_binary_generic("data").unwrap().clone(), from, to);
                set(&pieces, first, "data", binary(data)).await;
            }
        }
    }

    /// Removes a blob.
    pub async fn remove_blob(&self, name: Sha256) {
        match self {
            Self::Files { blobs, .. } => std::fs::remove_file(file(blobs, name)).unwrap(),
            Self::MongoDb(database) => {
                let blobs = database.collection::<Document>("blobs");
                let removed = blobs.delete_one(doc! { "_id": name.to_string() }).await.unwrap();
                assert_eq!(removed.deleted_count, 1);
            }
        }
    }
}

/// Changes a column of the one row of a table that matches `key`.
fn change(database: &Connection, (table, column): (&str, &str), key: &str, value: &[u8], from: &str, to: &str) {
    let read = format!("SELECT {column} FROM {table} WHERE {key}");
    let bytes: Vec<u8> = database.query_row(&read, params![value], |row| row.get(0)).unwrap();
    let write = format!("UPDATE {table} SET {column} = ?2 WHERE {key}");
    assert_eq!(database.execute(&write, params![value, changed(bytes, from, to)]).unwrap(), 1);
}

async fn set(collection: &Collection<Document>, name: Document, field: &str, value: Bson) {
    let updated = collection.update_one(name, doc! { "$set": { field: value } }).await.unwrap();
    assert_eq!(updated.modified_count, 1);
}

/// `bytes` with the first `from` made `to`.
fn changed(bytes: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains(from), "{text}");
    text.replacen(from, to, 1).into_bytes()
}

fn uuid(id: StatementId) -> Bson {
    Bson::Binary(Binary { subtype: BinarySubtype::Uuid, bytes: id.0.as_bytes().to_vec() })
}

fn binary(bytes: Vec<u8>) -> Bson {
    Bson::Binary(Binary { subtype: BinarySubtype::Generic, bytes })
}

/// The name of the first piece of a blob.
async fn first_piece(database: &Database, name: Sha256) -> Document {
    let blob = database.collection::<Document>("blobs").find_one(doc! { "_id": name.to_string() }).await;
    let content = blob.unwrap().unwrap().get("content").unwrap().clone();
    doc! { "_id": { "content": content, "n": 0_i64 } }
}

/// The file of a blob.
fn file(blobs: &Path, name: Sha256) -> PathBuf {
    let name = name.to_string();
    let (shard, rest) = name.split_at(2);
    blobs.join(shard).join(rest)
}
