//! The indexes, with the query that each serves, and how missing ones are built.

use crate::mongodb::connection::meeting;
use crate::{Result, StoreError};
use futures_util::TryStreamExt as _;
use mongodb::bson::{Bson, Document};
use mongodb::error::{Error, ErrorKind};
use mongodb::options::IndexOptions;
use mongodb::{Collection, Database, IndexModel};
use std::collections::BTreeSet;

/// An index: the collection, its keys in order, whether it is unique, and the queries that it serves.
pub struct CollectionIndex {
    pub collection: &'static str,
    pub keys: &'static [(&'static str, i32)],
    pub unique: bool,
    pub serves: &'static str,
}

/// Every index except those of `_id`, which serve records, index entries, heads, blobs by name and pieces.
pub const INDEXES: &[CollectionIndex] = &[
    CollectionIndex {
        collection: "statements",
        keys: &[("provider", 1), ("seq", 1)],
        unique: true,
        serves: "the whole log in order: queries without a filter, streams, exports",
    },
    CollectionIndex {
        collection: "statements",
        keys: &[("provider", 1), ("id", 1)],
        unique: true,
        serves: "statementId, voidedStatementId, and the refusal of a second statement with one id",
    },
    CollectionIndex {
        collection: "statements",
        keys: &[("provider", 1), ("keys", 1), ("seq", 1)],
        unique: false,
        serves: "every filter of /xapi/statements, newest or oldest first",
    },
    CollectionIndex {
        collection: "statements",
        keys: &[("provider", 1), ("stored", 1), ("seq", 1)],
        unique: false,
        serves: "since and until, which become positions in the log",
    },
    CollectionIndex {
        collection: "statements",
        keys: &[("provider", 1), ("refers_to", 1)],
        unique: false,
        serves: "targets that arrive after the statements that refer to them or void them",
    },
    CollectionIndex {
        collection: "due",
        keys: &[("queue", 1), ("ready", 1)],
        unique: false,
        serves: "workers that claim due work",
    },
    CollectionIndex {
        collection: "due",
        keys: &[("queue", 1), ("at", 1)],
        unique: false,
        serves: "how much work is waiting",
    },
    CollectionIndex {
        collection: "blobs",
        keys: &[("content", 1)],
        unique: false,
        serves: "whether a blob names the pieces that an upload has left",
    },
];

impl CollectionIndex {
    /// Its fields, as people write them.
    fn fields(&self) -> String {
        let fields: Vec<&str> = self.keys.iter().map(|(field, _)| *field).collect();
        fields.join(", ")
    }

    /// The index for the server to build, under `name` if it exists already.
    fn model(&self, name: Option<String>) -> IndexModel {
        let keys: Document = self.keys.iter().map(|(name, order)| ((*name).to_owned(), (*order).into())).collect();
        let options = IndexOptions::builder().unique(self.unique).name(name).build();
        IndexModel::builder().keys(keys).options(options).build()
    }

    /// Whether `there` is this index, under whatever name. The server builds no second one of the same fields, so one that an
    /// operator has built before is used.
    fn is(&self, there: &IndexModel) -> bool {
        let options = there.options.clone().unwrap_or_default();
        let whole = options.sparse != Some(true)
            && options.hidden != Some(true)
            && options.partial_filter_expression.is_none()
            && options.collation.is_none()
            && options.expire_after.is_none();
        let keys = there.keys.iter().map(|(field, order)| (field.as_str(), whole_number(order)));
        whole
            && options.unique.unwrap_or(false) == self.unique
            && keys.eq(self.keys.iter().map(|(f, o)| (*f, Some(*o))))
    }
}

/// A shell may write 1 as an integer or as a double.
fn whole_number(order: &Bson) -> Option<i32> {
    [1, -1].into_iter().find(|whole| *order == Bson::Int32(*whole) || *order == Bson::Double(f64::from(*whole)))
}

/// Builds what is missing, and logs it if that can take long. Does not change other indexes than [`INDEXES`].
pub(in crate::mongodb) async fn build_missing(database: &Database) -> Result<()> {
    let there = database.list_collection_names().await.map_err(|error| meeting::at_start(&error))?;
    let there: BTreeSet<&str> = there.iter().map(String::as_str).collect();
    for name in INDEXES.iter().map(|index| index.collection).collect::<BTreeSet<_>>() {
        let collection = database.collection::<Document>(name);
        let made = if there.contains(name) { made(&collection).await? } else { Vec::new() };
        build(&collection, &made).await?;
    }
    // A transaction cannot create a collection that another creates at the same time.
    for name in ["heads", "records", "entries", "blobs", "pieces", "sweeps"] {
        if !there.contains(name) {
            database.create_collection(name).await.or_else(already_there).map_err(|error| meeting::at_start(&error))?;
        }
    }
    Ok(())
}

/// The indexes of a collection.
async fn made(of: &Collection<Document>) -> Result<Vec<IndexModel>> {
    let made = async { of.list_indexes().await?.try_collect().await };
    made.await.map_err(|error| meeting::at_start(&error))
}

/// Builds the indexes of one collection together, since the server reads it once for all of them. The request includes those
/// that exist (`made`): another process may have begun one that is not complete, and the server responds when it is.
async fn build(collection: &Collection<Document>, made: &[IndexModel]) -> Result<()> {
    let wanted = INDEXES.iter().filter(|index| index.collection == collection.name());
    let wanted = wanted.map(|index| (index, made.iter().find(|there| index.is(there)))).collect::<Vec<_>>();
    let missing = wanted.iter().filter(|(_, made)| made.is_none()).map(|(index, _)| *index);
    let building = log_what_is_built(collection, missing).await?;
    let name = |made: &IndexModel| made.options.as_ref()?.name.clone();
    let models = wanted.iter().map(|(index, made)| index.model(made.and_then(name)));
    collection.create_indexes(models).await.map_err(|error| not_made(collection.name(), &error))?;
    if building > 0 {
        tracing::info!(collection = collection.name(), indexes = building, "indexes are built");
    }
    Ok(())
}

/// Logs each `missing` index if it takes time to build; returns their number.
async fn log_what_is_built(
    collection: &Collection<Document>,
    missing: impl Iterator<Item = &CollectionIndex>,
) -> Result<usize> {
    let documents = collection.estimated_document_count().await.map_err(|error| meeting::at_start(&error))?;
    if documents == 0 {
        return Ok(0);
    }
    let announce = |index: &CollectionIndex| {
        let (collection, fields) = (index.collection, index.fields());
        tracing::info!(collection, fields, documents, "building an index; this can take long");
    };
    Ok(missing.map(announce).count())
}

fn not_made(collection: &str, error: &Error) -> StoreError {
    const OTHER_OPTIONS: i32 = 85;
    const OTHER_KEYS: i32 = 86;
    match error.kind.as_ref() {
        ErrorKind::Command(command) if [OTHER_OPTIONS, OTHER_KEYS].contains(&command.code) => {
            StoreError::Failed(format!(
                "an index of the collection {collection} conflicts with one that is needed: drop it, and start again \
                 ({})",
                command.message
            ))
        }
        _ => meeting::at_start(error),
    }
}

/// Accepts that another process that starts at the same time was first.
fn already_there(error: Error) -> std::result::Result<(), Error> {
    const NAMESPACE_EXISTS: i32 = 48;
    match error.kind.as_ref() {
        ErrorKind::Command(command) if command.code == NAMESPACE_EXISTS => Ok(()),
        _ => Err(error),
    }
}
