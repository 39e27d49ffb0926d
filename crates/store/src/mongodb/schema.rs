//! The collections, and how the connection to a replica set begins.

use super::reach::Reach;
use super::{format, indexes, meeting, url};
use crate::Result;
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
pub(super) struct Collections {
    pub(super) client: Client,
    pub(super) database: Database,
    /// One document per statement.
    pub(super) statements: Collection<RawDocumentBuf>,
    /// One per provider: the end of its log. Every commit begins by writing it.
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
    /// How far pieces were checked for those that no blob names.
    pub(super) sweeps: Collection<Document>,
    pub(super) tickets: super::due::Tickets,
    pub(super) seen: super::seen::LatestMoment,
    pub(super) reach: Arc<Reach>,
    /// The name by which the server knows this program.
    pub(super) app: String,
}

/// Connects to the server, checks that it can keep the promises, and creates what is missing.
pub(super) async fn connect(url: &str) -> Result<Collections> {
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
    format::agree_on(&database).await?;
    indexes::build_missing(&database).await?;
    Ok(collections(client, database, app, reach))
}

/// Durable on a majority before it is acknowledged.
pub(super) fn durable() -> WriteConcern {
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
        tickets: super::due::Tickets::default(),
        seen: super::seen::LatestMoment::default(),
        reach,
        app,
        client,
        database,
    }
}
