//! What is wrong with the collections themselves, in sentences. MongoDB checks its own files (`validate`, which locks a
//! collection, so that is for the operator); here is what it cannot know.

use crate::Result;
use crate::archive::MOST_DAMAGE;
use crate::mongodb::archive::page;
use crate::mongodb::commits::head::End;
use crate::mongodb::connection::fault::serving;
use crate::mongodb::connection::schema::Collections;
use crate::mongodb::records::{self, Name};
use mongodb::bson::{Bson, Document, doc};

/// The collections that this program makes.
const COLLECTIONS: [&str; 9] =
    ["statements", "heads", "records", "entries", "due", "blobs", "pieces", "sweeps", "format"];

/// How many documents are read at once.
const PAGE: usize = 500;

/// Everything that is wrong, at most about [`MOST_DAMAGE`] sentences of each sort.
pub(in crate::mongodb) async fn find(here: &Collections) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for name in here.database.list_collection_names().await.map_err(|e| serving(&e))? {
        if !COLLECTIONS.contains(&name.as_str()) && !name.starts_with("system.") {
            found.push(format!("The database has a collection {name}, which this program did not make."));
        }
    }
    heads(here, &mut found).await?;
    missing_entries(here, &mut found).await?;
    strange_entries(here, &mut found).await?;
    Ok(found)
}

/// Whether each log ends where its head says.
async fn heads(here: &Collections, found: &mut Vec<String>) -> Result<()> {
    for head in page(here, here.heads.find(doc! {})).await? {
        let provider = head.get_str("_id").unwrap_or_default();
        let last = here.statements.clone_with_type::<Document>();
        let last = last.find_one(doc! { "provider": provider }).sort(doc! { "seq": -1 }).projection(doc! { "seq": 1 });
        let last = last.await.map_err(|e| serving(&e))?.and_then(|row| row.get_i64("seq").ok()).unwrap_or(0);
        match End::read(&head) {
            Ok(end) if end.seq == last => {}
            Ok(end) => found.push(format!(
                "The log of {provider} ends with statement number {last}, and its head says that it ends with number {}.",
                end.seq
            )),
            Err(_) => found.push(format!("The head of the log of {provider} cannot be read.")),
        }
    }
    Ok(())
}

/// Every record is listed as it says itself.
async fn missing_entries(here: &Collections, found: &mut Vec<String>) -> Result<()> {
    let (mut after, mut sentences) = (Bson::MinKey, 0);
    while sentences < MOST_DAMAGE {
        let next = here.records.find(doc! { "_id": { "$gt": after } }).sort(doc! { "_id": 1 });
        let rows = page(here, next.limit(i64::try_from(PAGE).unwrap_or(i64::MAX))).await?;
        let Some(last) = rows.last() else { break };
        after = last.get("_id").cloned().unwrap_or(Bson::MaxKey);
        for document in &rows {
            let Ok((name, row)) = records::row(document) else {
                found.push(format!("Record {} cannot be read.", document.get("_id").unwrap_or(&Bson::Null)));
                sentences += 1;
                continue;
            };
            let provider = document.get_document("_id").ok().and_then(|id| id.get_str("provider").ok());
            let provider = crate::Provider::new(provider.unwrap_or_default());
            for entry in &row.entries {
                let id = entry.id(&provider, &name.key);
                let there =
                    here.entries.find_one(doc! { "_id": id, "record": &name.key }).await.map_err(|e| serving(&e))?;
                if there.is_none() {
                    found.push(format!("{} is not in the index {}, where it belongs.", shown(&name), entry.index));
                    sentences += 1;
                }
            }
        }
    }
    Ok(())
}

/// Nothing is listed that no record says.
async fn strange_entries(here: &Collections, found: &mut Vec<String>) -> Result<()> {
    let (mut after, mut sentences) = (Bson::MinKey, 0);
    while sentences < MOST_DAMAGE {
        let next = here.entries.find(doc! { "_id": { "$gt": after } }).sort(doc! { "_id": 1 });
        let rows = page(here, next.limit(i64::try_from(PAGE).unwrap_or(i64::MAX))).await?;
        let Some(last) = rows.last() else { break };
        after = last.get("_id").cloned().unwrap_or(Bson::MaxKey);
        for row in &rows {
            let id = row.get_document("_id").cloned().unwrap_or_default();
            let text = |name: &str| id.get_str(name).unwrap_or_default().to_owned();
            let record = row.get_str("record").unwrap_or_default();
            let name = Name { kind: text("kind"), key: record.to_owned() };
            let entry = doc! { "index": text("index"), "key": text("key") };
            let of = name.id(&crate::Provider::new(&text("provider")));
            let listed = doc! { "_id": of, "entries": { "$elemMatch": entry } };
            if here.records.find_one(listed).await.map_err(|e| serving(&e))?.is_none() {
                found.push(format!("The index {} lists {}, which does not belong there.", text("index"), shown(&name)));
                sentences += 1;
            }
        }
    }
    Ok(())
}

/// How a record is named. Parts of a key are joined by an invisible character.
fn shown(name: &Name) -> String {
    format!("Record {} {}", name.kind, name.key.replace('\u{1f}', "/"))
}
