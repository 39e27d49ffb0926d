//! The collections, their indexes with the query that each serves, and how a replica set is met at the start.

use super::meeting;
use crate::store::Result;
use mongodb::bson::{Document, RawDocumentBuf};
use mongodb::options::{Acknowledgment, ClientOptions, IndexOptions, ReadConcern, SelectionCriteria, WriteConcern};
use mongodb::{Client, Collection, Database, IndexModel};
use std::time::Duration;

/// How long a call waits for a primary before it fails, unless the URL says otherwise.
const SELECTION: Duration = Duration::from_secs(5);

/// The database used when the URL names none.
const DATABASE: &str = "enduring";

/// What this store keeps.
pub(super) struct Collections {
    pub(super) client: Client,
    pub(super) database: Database,
    /// One document per statement.
    pub(super) statements: Collection<RawDocumentBuf>,
    /// One per provider: how far its log goes. Every commit begins by writing it.
    pub(super) heads: Collection<Document>,
    /// One per record.
    pub(super) records: Collection<Document>,
    /// One per entry of a record in an index.
    pub(super) entries: Collection<Document>,
    /// One per due item.
    pub(super) due: Collection<Document>,
    /// One per blob, and its pieces.
    pub(super) blobs: Collection<Document>,
    pub(super) pieces: Collection<Document>,
    /// How far pieces were looked through for those that no blob names.
    pub(super) sweeps: Collection<Document>,
    pub(super) tickets: super::due::Tickets,
    pub(super) seen: super::seen::Seen,
    pub(super) suspects: super::abandoned::Suspects,
    /// What the server knows this program as.
    pub(super) app: String,
}

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

/// Meets the server, checks that it can keep the promises, and makes what is missing.
pub(super) async fn connect(url: &str) -> Result<Collections> {
    let mut options = ClientOptions::parse(url).await.map_err(|e| meeting::at_start(&e))?;
    options.server_selection_timeout.get_or_insert(SELECTION);
    let app = options.app_name.get_or_insert_with(|| "enduring".to_owned()).clone();
    options.read_concern = Some(ReadConcern::majority());
    options.write_concern = Some(durable());
    options.selection_criteria = Some(SelectionCriteria::ReadPreference(mongodb::options::ReadPreference::Primary));
    let name = options.default_database.clone().unwrap_or_else(|| DATABASE.to_owned());
    let client = Client::with_options(options).map_err(|e| meeting::at_start(&e))?;
    let database = client.database(&name);
    meeting::greet(&database).await?;
    make_indexes(&database).await?;
    Ok(collections(client, database, app))
}

/// Durable on a majority before it is acknowledged.
pub(super) fn durable() -> WriteConcern {
    WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build()
}

fn collections(client: Client, database: Database, app: String) -> Collections {
    Collections {
        statements: database.collection("statements"),
        heads: database.collection("heads"),
        records: database.collection("records"),
        entries: database.collection("entries"),
        due: database.collection("due"),
        blobs: database.collection("blobs"),
        pieces: database.collection("pieces"),
        sweeps: database.collection("sweeps"),
        tickets: super::due::Tickets::default(),
        seen: super::seen::Seen::default(),
        suspects: super::abandoned::Suspects::default(),
        app,
        client,
        database,
    }
}

async fn make_indexes(database: &Database) -> Result<()> {
    for index in INDEXES {
        let keys: Document = index.keys.iter().map(|(name, order)| ((*name).to_owned(), (*order).into())).collect();
        let options = IndexOptions::builder().unique(index.unique).build();
        let model = IndexModel::builder().keys(keys).options(options).build();
        let collection = database.collection::<Document>(index.collection);
        collection.create_index(model).await.map_err(|e| meeting::at_start(&e))?;
    }
    // A transaction may not make a collection that another makes at the same time.
    let there = database.list_collection_names().await.map_err(|e| meeting::at_start(&e))?;
    for name in ["heads", "records", "entries", "blobs", "pieces", "sweeps"] {
        if !there.iter().any(|n| n == name) {
            database.create_collection(name).await.or_else(already_there).map_err(|e| meeting::at_start(&e))?;
        }
    }
    Ok(())
}

/// Another process that starts at the same time may have been first.
fn already_there(error: mongodb::error::Error) -> std::result::Result<(), mongodb::error::Error> {
    const NAMESPACE_EXISTS: i32 = 48;
    match error.kind.as_ref() {
        mongodb::error::ErrorKind::Command(command) if command.code == NAMESPACE_EXISTS => Ok(()),
        _ => Err(error),
    }
}
