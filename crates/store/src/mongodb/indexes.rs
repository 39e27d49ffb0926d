//! The indexes, with the query that each serves, and how they are made where they are missing.

use super::meeting;
use crate::{Result, StoreError};
use futures_util::TryStreamExt as _;
use mongodb::bson::{Bson, Document};
use mongodb::error::{Error, ErrorKind};
use mongodb::options::IndexOptions;
use mongodb::{Collection, Database, IndexModel};
use std::collections::BTreeSet;

/// An index: the collection, its keys in order, whether it is unique, and the question that it answers.
pub struct Indexes {
    pub collection: &'static str,
    pub keys: &'static [(&'static str, i32)],
    pub unique: bool,
    pub serves: &'static str,
}

/// Every index beside the `_id` ones, which serve records, index entries, heads, blobs by name and pieces.
pub const INDEXES: &[Indexes] = &[
    Indexes {
        collection: "statements",
        keys: &[("provider", 1), ("seq", 1)],
        unique: true,
        serves: "the whole log in order: queries without a filter, streams, exports",
    },
    Indexes {
        collection: "statements",
        keys: &[("provider", 1), ("id", 1)],
        unique: true,
        serves: "statementId, voidedStatementId, and the refusal of a second statement with one id",
    },
    Indexes {
        collection: "statements",
        keys: &[("provider", 1), ("keys", 1), ("seq", 1)],
        unique: false,
        serves: "every filter of /xapi/statements, newest or oldest first",
    },
    Indexes {
        collection: "statements",
        keys: &[("provider", 1), ("stored", 1), ("seq", 1)],
        unique: false,
        serves: "since and until, which become positions in the log",
    },
    Indexes {
        collection: "statements",
        keys: &[("provider", 1), ("refers_to", 1)],
        unique: false,
        serves: "targets that arrive after the statements that refer to them or void them",
    },
    Indexes {
        collection: "due",
        keys: &[("queue", 1), ("ready", 1)],
        unique: false,
        serves: "workers that claim due work",
    },
    Indexes { collection: "due", keys: &[("queue", 1), ("at", 1)], unique: false, serves: "how much work is waiting" },
    Indexes {
        collection: "blobs",
        keys: &[("content", 1)],
        unique: false,
        serves: "whether a blob names the pieces that an upload has left",
    },
];

impl Indexes {
    /// Its fields, as people write them.
    fn fields(&self) -> String {
        let fields: Vec<&str> = self.keys.iter().map(|(field, _)| *field).collect();
        fields.join(", ")
    }

    /// What the server is asked for, under `name` where it has one already.
    fn model(&self, name: Option<String>) -> IndexModel {
        let keys: Document = self.keys.iter().map(|(name, order)| ((*name).to_owned(), (*order).into())).collect();
        let options = IndexOptions::builder().unique(self.unique).name(name).build();
        IndexModel::builder().keys(keys).options(options).build()
    }

    /// Whether `there` is this index, under whatever name. The server makes no second one of the same fields, so one that an
    /// operator has made beforehand must do.
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

/// Makes what is missing, and says so in the log where that can take long. Indexes beside [`INDEXES`] are left alone.
pub(super) async fn make(database: &Database) -> Result<()> {
    let there = database.list_collection_names().await.map_err(|error| meeting::at_start(&error))?;
    let there: BTreeSet<&str> = there.iter().map(String::as_str).collect();
    for name in INDEXES.iter().map(|index| index.collection).collect::<BTreeSet<_>>() {
        let collection = database.collection::<Document>(name);
        let made = if there.contains(name) { made(&collection).await? } else { Vec::new() };
        build(&collection, &made).await?;
    }
    // A transaction may not make a collection that another makes at the same time.
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

/// Builds the indexes of one collection together, since the server reads it once for all of them. It is asked for those that
/// are `made` too: another process may have begun one that is not complete, and the server answers when it is.
async fn build(collection: &Collection<Document>, made: &[IndexModel]) -> Result<()> {
    let wanted = INDEXES.iter().filter(|index| index.collection == collection.name());
    let wanted = wanted.map(|index| (index, made.iter().find(|there| index.is(there)))).collect::<Vec<_>>();
    let missing = wanted.iter().filter(|(_, made)| made.is_none()).map(|(index, _)| *index);
    let said = say_what_is_built(collection, missing).await?;
    let name = |made: &IndexModel| made.options.as_ref()?.name.clone();
    let models = wanted.iter().map(|(index, made)| index.model(made.and_then(name)));
    collection.create_indexes(models).await.map_err(|error| not_made(collection.name(), &error))?;
    if said > 0 {
        tracing::info!(collection = collection.name(), indexes = said, "indexes are built");
    }
    Ok(())
}

/// Tells the log of each index that is `missing`, where it takes time to build; answers of how many.
async fn say_what_is_built(
    collection: &Collection<Document>,
    missing: impl Iterator<Item = &Indexes>,
) -> Result<usize> {
    let documents = collection.estimated_document_count().await.map_err(|error| meeting::at_start(&error))?;
    if documents == 0 {
        return Ok(0);
    }
    let say = |index: &Indexes| {
        let (collection, fields) = (index.collection, index.fields());
        tracing::info!(collection, fields, documents, "building an index; this can take long");
    };
    Ok(missing.map(say).count())
}

fn not_made(collection: &str, error: &Error) -> StoreError {
    const OTHER_OPTIONS: i32 = 85;
    const OTHER_KEYS: i32 = 86;
    match error.kind.as_ref() {
        ErrorKind::Command(command) if [OTHER_OPTIONS, OTHER_KEYS].contains(&command.code) => {
            StoreError::Failed(format!(
                "an index of the collection {collection} is in the way of one that is needed: drop it, and start again \
                 ({})",
                command.message
            ))
        }
        _ => meeting::at_start(error),
    }
}

/// Another process that starts at the same time may have been first.
fn already_there(error: Error) -> std::result::Result<(), Error> {
    const NAMESPACE_EXISTS: i32 = 48;
    match error.kind.as_ref() {
        ErrorKind::Command(command) if command.code == NAMESPACE_EXISTS => Ok(()),
        _ => Err(error),
    }
}
