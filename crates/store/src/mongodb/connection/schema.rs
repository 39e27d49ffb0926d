//! The collections, and how the connection to a replica set begins.

use crate::mongodb::connection::format;
use crate::mongodb::connection::indexes;
use crate::mongodb::connection::meeting;
use crate::mongodb::connection::reach::Reach;
use crate::mongodb::connection::url;
use crate::{Result, StoreError};
use mongodb::bson::{Document, RawDocumentBuf};
use mongodb::options::{Acknowledgment, ReadConcern, SelectionCriteria, WriteConcern};
use mongodb::{Client, Collection, Database};
use std::sync::Arc;
use std::time::Duration;

/// How long a call waits for a primary before it fails, unless the URL says otherwise.
const SELECTION: Duration = Duration::from_secs(5);

/// How often the driver checks a server, and how long a connection or the reply to a check may take, unless the URL says
/// otherwise. A primary that hangs is noticed after both: half of a request's time is then left to find the next one.
const HEARTBEAT: Duration = Duration::from_secs(2);
const CONNECT: Duration = Duration::from_secs(3);

/// The database used when the URL names none.
const DATABASE: &str = "enduring";

/// The collections of this store, and what this process knows about them.
pub(in crate::mongodb) struct Collections {
    pub(in crate::mongodb) client: Client,
    pub(in crate::mongodb) database: Database,
    /// One document per statement.
    pub(in crate::mongodb) statements: Collection<RawDocumentBuf>,
    /// One per provider: the end of its log. Every commit begins by writing it.
    pub(in crate::mongodb) heads: Collection<Document>,
    /// One per record.
    pub(in crate::mongodb) records: Collection<Document>,
    /// One per entry of a record in an index.
    pub(in crate::mongodb) entries: Collection<Document>,
    /// One per due item.
    pub(in crate::mongodb) due: Collection<Document>,
    /// One per blob, and its pieces.
    pub(in crate::mongodb) blobs: Collection<Document>,
    pub(in crate::mongodb) pieces: Collection<Document>,
    /// How far pieces were checked for those that no blob names.
    pub(in crate::mongodb) sweeps: Collection<Document>,
    pub(in crate::mongodb) tickets: crate::mongodb::due::Tickets,
    pub(in crate::mongodb) seen: crate::mongodb::connection::seen::LatestMoment,
    pub(in crate::mongodb) reach: Arc<Reach>,
    /// The name by which the server knows this program.
    pub(in crate::mongodb) app: String,
}

/// Connects to the server, checks that it can keep the promises, and creates what is missing.
pub(in crate::mongodb) async fn connect(url: &str) -> Result<Collections> {
    let collections = meet(url).await?;
    format::agree_on(&collections.database).await?;
    indexes::build_missing(&collections.database).await?;
    Ok(collections)
}

/// As [`connect`], but creates nothing, and refuses a database without a store.
pub(in crate::mongodb) async fn connect_to_read(url: &str) -> Result<Collections> {
    let collections = meet(url).await?;
    if !format::is_known(&collections.database).await? {
        let sentence = format!("there is no store in the MongoDB database {}", collections.database.name());
        return Err(StoreError::Missing(sentence));
    }
    Ok(collections)
}

async fn meet(url: &str) -> Result<Collections> {
    let mut options = url::read(url).await?;
    for caution in url::cautions(&options) {
        tracing::warn!("{caution}");
    }
    options.server_selection_timeout.get_or_insert(SELECTION);
    options.heartbeat_freq.get_or_insert(HEARTBEAT);
    options.connect_timeout.get_or_insert(CONNECT);
    let reach = Arc::<Reach>::default();
    options.sdam_event_handler = Some(reach.listener());
    let app = options.app_name.get_or_insert_with(|| "enduring".to_owned()).clone();
    options.read_concern = Some(ReadConcern::majority());
    options.write_concern = Some(durable());
    options.selection_criteria = Some(SelectionCriteria::ReadPreference(mongodb::options::ReadPreference::Primary));
    let name = options.default_database.clone().unwrap_or_else(|| DATABASE.to_owned());
    let client = Client::with_options(options).map_err(|e| meeting::at_start(&e))?;
    let database = client.database(&name);
    meeting::greet(&database).await?;
    Ok(collections(client, database, app, reach))
}

/// Durable on a majority before it is acknowledged.
pub(in crate::mongodb) fn durable() -> WriteConcern {
    WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build()
}

fn collections(client: Client, database: Database, app: String, reach: Arc<Reach>) -> Collections {
    Collections {
        statements: database.collection("statements"),
        heads: database.collection("heads"),
        records: database.collection("records"),
        entries: database.collection("entries"),
        due: database.collection("due"),
        blobs: database.collection("blobs"),
        pieces: database.collection("pieces"),
        sweeps: database.collection("sweeps"),
        tickets: crate::mongodb::due::Tickets::default(),
        seen: crate::mongodb::connection::seen::LatestMoment::default(),
        reach,
        app,
        client,
        database,
    }
}
