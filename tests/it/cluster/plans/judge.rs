//! What MongoDB's profiler saw, and what is wrong with it.

use futures_util::TryStreamExt as _;
use mongodb::bson::{Bson, DateTime, Document, doc};
use mongodb::{Client, Database};

/// What a query may examine beyond twice what it returns: keys at the edges of ranges, and what is counted. The noise is
/// many times that.
const SLACK: u64 = 40;

/// Due items that nothing handles.
const NOISE: i32 = 400;

/// The profiler of one database.
pub(super) struct Watch(Database);

impl Watch {
    pub(super) async fn of(url: &str) -> Self {
        let database = Client::with_uri_str(url).await.unwrap().default_database().unwrap();
        let watch = Self(database);
        watch.make_room().await;
        watch
    }

    async fn make_room(&self) {
        // Large enough that nothing is pushed out again before it is read.
        let profile = doc! { "create": "system.profile", "capped": true, "size": 128 << 20 };
        self.0.run_command(profile).await.unwrap();
    }

    /// Forgets what it saw.
    pub(super) async fn forget(&self) {
        self.0.collection::<Document>("system.profile").drop().await.unwrap();
        self.make_room().await;
    }

    pub(super) fn database(&self) -> &Database {
        &self.0
    }

    /// Watches queries from now on.
    pub(super) async fn begin(&self) {
        self.0.run_command(doc! { "profile": 2 }).await.unwrap();
    }

    pub(super) async fn end(&self) {
        self.0.run_command(doc! { "profile": 0 }).await.unwrap();
    }

    /// How much was executed.
    pub(super) async fn answered(&self) -> u64 {
        self.0.collection::<Document>("system.profile").count_documents(doc! {}).await.unwrap()
    }

    /// Work that is due in a hundred years.
    pub(super) async fn add_noise(&self) {
        let later = DateTime::from_millis(4_900_000_000_000);
        let due = |n: i32| {
            let id = doc! { "provider": "elsewhere", "queue": "decide", "key": n.to_string() };
            doc! { "_id": id, "queue": "decide", "at": later, "ready": later, "ticket": i64::from(n), "claims": 0 }
        };
        self.0.collection("due").insert_many((0..NOISE).map(due)).await.unwrap();
    }

    /// What was executed by a collection scan, by a sort in memory, or by examining much more than was returned.
    pub(super) async fn complaints(&self) -> Vec<String> {
        let profile = self.0.collection::<Document>("system.profile");
        let rows: Vec<Document> = profile.find(doc! {}).await.unwrap().try_collect().await.unwrap();
        let mut complaints = Vec::new();
        for row in rows.iter().filter(|row| !row.get_str("ns").unwrap_or_default().contains(".system.")) {
            if let Some(what) = self.complaint(row).await {
                complaints.push(format!("{what}: {} {}", row.get_str("ns").unwrap(), command(row)));
            }
        }
        complaints
    }

    async fn complaint(&self, row: &Document) -> Option<String> {
        let plan = row.get_str("planSummary").unwrap_or_default();
        if plan.contains("COLLSCAN") {
            return Some("a collection scan".to_owned());
        }
        if row.get_bool("hasSortStage").unwrap_or_default() {
            return Some("a sort in memory".to_owned());
        }
        let (looked, due) = (number(row, "keysExamined").max(number(row, "docsExamined")), due_to(row));
        if looked <= 2 * due + SLACK || looked <= self.list_of_several(row).await {
            return None;
        }
        Some(format!("{plan} looked at {looked} for {due}"))
    }

    /// The one exception (`docs/scaling.md`): of several filters, the list of the one that the server is given first is read
    /// until the page is full, so no more than that list, and the key after its end.
    async fn list_of_several(&self, row: &Document) -> u64 {
        let asked = row.get_document("originatingCommand").or_else(|_| row.get_document("command"));
        let Ok(filter) = asked.and_then(|asked| asked.get_document("filter")) else { return 0 };
        let Ok(tokens) = filter.get_document("keys").and_then(|keys| keys.get_array("$all")) else { return 0 };
        if tokens.len() < 2 {
            return 0;
        }
        let list = doc! { "provider": filter.get("provider"), "keys": tokens.first(), "seq": filter.get("seq") };
        1 + self.0.collection::<Document>("statements").count_documents(list).await.unwrap()
    }
}

/// What a query has to examine: what it returns, writes or skips, and each thing that it was given by name.
fn due_to(row: &Document) -> u64 {
    let given = ["nreturned", "nMatched", "nModified", "ninserted", "ndeleted"].map(|name| number(row, name));
    let command = row.get_document("command").cloned().unwrap_or_default();
    given.into_iter().max().unwrap_or_default() + number(&command, "skip") + names_in(&Bson::Document(command))
}

/// The elements of every `$in`.
fn names_in(value: &Bson) -> u64 {
    match value {
        Bson::Document(members) => members
            .iter()
            .map(|(name, value)| match value {
                Bson::Array(named) if name == "$in" => named.len().try_into().unwrap(),
                other => names_in(other),
            })
            .sum(),
        Bson::Array(elements) => elements.iter().map(names_in).sum(),
        _ => 0,
    }
}

fn number(row: &Document, name: &str) -> u64 {
    let number = row.get_i64(name).or_else(|_| row.get_i32(name).map(i64::from));
    number.map_or(0, i64::unsigned_abs)
}

/// The command, without what the driver adds.
fn command(row: &Document) -> String {
    let mut command = row.get_document("command").cloned().unwrap_or_default();
    for added in ["lsid", "$clusterTime", "$db", "readConcern", "writeConcern", "txnNumber", "documents"] {
        command.remove(added);
    }
    command.to_string()
}
