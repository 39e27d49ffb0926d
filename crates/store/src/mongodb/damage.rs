//! What is wrong with the collections themselves, in sentences. MongoDB checks its own files (`validate`, which locks a
//! collection, so that is for the operator); here is what it cannot know.

use crate::archive::MOST_DAMAGE;
use crate::mongodb::archive::page;
use crate::mongodb::commits::head::End;
use crate::mongodb::commits::view::StatementFacts;
use crate::mongodb::connection::fault::serving;
use crate::mongodb::connection::schema::Collections;
use crate::mongodb::records::{self, Name};
use crate::mongodb::{facts, log};
use crate::{LONGEST_CHAIN, Provider, Result};
use base::log::{StatementId, Token};
use mongodb::Collection;
use mongodb::bson::{Bson, Document, doc};
use std::collections::{BTreeSet, HashSet};

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
    statements(here, &mut found).await?;
    missing_entries(here, &mut found).await?;
    strange_entries(here, &mut found).await?;
    Ok(found)
}

/// Whether each log ends where its head says. The head is read again after the log, since servers may append meanwhile.
async fn heads(here: &Collections, found: &mut Vec<String>) -> Result<()> {
    for head in page(here, here.heads.find(doc! {})).await? {
        let provider = head.get_str("_id").unwrap_or_default();
        let last = here.statements.clone_with_type::<Document>();
        let last = last.find_one(doc! { "provider": provider }).sort(doc! { "seq": -1 }).projection(doc! { "seq": 1 });
        let last = last.await.map_err(|e| serving(&e))?.and_then(|row| row.get_i64("seq").ok()).unwrap_or(0);
        let again = here.heads.find_one(doc! { "_id": provider }).await.map_err(|e| serving(&e))?;
        match (End::read(&head), again.as_ref().map(End::read)) {
            (Ok(before), Some(Ok(after))) if before.seq <= last && last <= after.seq => {}
            (Ok(_), Some(Ok(end))) => found.push(format!(
                "The log of {provider} ends with statement number {last}, and its head says that it ends with number {}.",
                end.seq
            )),
            _ => found.push(format!("The head of the log of {provider} cannot be read.")),
        }
    }
    for provider in here.statements.distinct("provider", doc! {}).await.map_err(|e| serving(&e))? {
        let head = here.heads.find_one(doc! { "_id": &provider }).await.map_err(|e| serving(&e))?;
        if head.is_none() {
            found.push(format!("The log of {} has no head.", provider.as_str().unwrap_or("a provider without a name")));
        }
    }
    Ok(())
}

/// The plain fields of a statement, which [`facts`] writes for people.
const PLAIN: [&str; 7] = ["timestamp", "actor", "verb", "object", "authority", "registration", "result"];

/// Every statement has the plain fields that its bytes say, and is found by its own tokens and by those of the statements that
/// it refers to, and by no others.
async fn statements(here: &Collections, found: &mut Vec<String>) -> Result<()> {
    let (mut after, mut sentences) = (Bson::MinKey, 0);
    while sentences < MOST_DAMAGE {
        let all = here.statements.clone_with_type::<Document>();
        let next = all.find(doc! { "_id": { "$gt": after } }).sort(doc! { "_id": 1 });
        let rows = page(here, next.limit(i64::try_from(PAGE).unwrap_or(i64::MAX))).await?;
        let Some(last) = rows.last() else { break };
        after = last.get("_id").cloned().unwrap_or(Bson::MaxKey);
        for row in &rows {
            let Ok((id, known)) = log::known(row) else {
                found.push(format!("The document {after} of the log cannot be read as a statement."));
                sentences += 1;
                continue;
            };
            let name = format!("Statement {} (number {})", id.0, known.seq);
            let expected = log::body(row).map(|(_, body)| facts::of(body)).unwrap_or_default();
            for field in PLAIN.iter().filter(|field| row.get(field) != expected.get(field)) {
                found.push(format!("{name}: its plain field {field} is not what its bytes say."));
                sentences += 1;
            }
            if !is_found_by_its_facts(here, row, id, &known).await? {
                found.push(format!("{name} is found by other facts than it has."));
                sentences += 1;
            }
        }
    }
    Ok(())
}

/// Whether `keys` is what it should be. If not, both are read again: a server may have changed them in between.
async fn is_found_by_its_facts(
    here: &Collections,
    row: &Document,
    id: StatementId,
    known: &StatementFacts,
) -> Result<bool> {
    let provider = Provider::new(row.get_str("provider").unwrap_or_default());
    let keys = |row: &Document| -> Option<BTreeSet<Token>> { row.get_array("keys").ok()?.iter().map(token).collect() };
    if keys(row).as_ref() == Some(&found_by(here, &provider, id, known).await?) {
        return Ok(true);
    }
    let name = doc! { "provider": provider.as_str(), "id": log::uuid(id.0) };
    let again = here.statements.clone_with_type::<Document>().find_one(name).await.map_err(|e| serving(&e))?;
    let Some((again, Ok((_, known)))) = again.map(|again| (keys(&again), log::known(&again))) else { return Ok(false) };
    Ok(again.as_ref() == Some(&found_by(here, &provider, id, &known).await?))
}

/// Every token by which a statement is to be found.
async fn found_by(
    here: &Collections,
    provider: &Provider,
    id: StatementId,
    known: &StatementFacts,
) -> Result<BTreeSet<Token>> {
    let mut tokens: BTreeSet<Token> = known.tokens.iter().copied().collect();
    let (mut visited, mut next, mut links) = (HashSet::from([id]), known.refers_to, 0);
    while let Some(id) = next.filter(|id| links < LONGEST_CHAIN && visited.insert(*id)) {
        links += 1;
        let target = doc! { "provider": provider.as_str(), "id": log::uuid(id.0) };
        let target = here.statements.clone_with_type::<Document>().find_one(target).await.map_err(|e| serving(&e))?;
        let Some(Ok((_, known))) = target.as_ref().map(log::known) else { break };
        tokens.extend(known.tokens);
        next = known.refers_to;
    }
    Ok(tokens)
}

fn token(value: &Bson) -> Option<Token> {
    match value {
        Bson::Binary(binary) => binary.bytes.as_slice().try_into().ok().map(Token),
        _ => None,
    }
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
            let provider = Provider::new(provider.unwrap_or_default());
            for entry in &row.entries {
                let id = entry.id(&provider, &name.key);
                let there =
                    here.entries.find_one(doc! { "_id": id, "record": &name.key }).await.map_err(|e| serving(&e))?;
                if there.is_none() && is_still(&here.records, document).await? {
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
            let of = name.id(&Provider::new(&text("provider")));
            let listed = doc! { "_id": of, "entries": { "$elemMatch": entry } };
            let is_listed = here.records.find_one(listed).await.map_err(|e| serving(&e))?.is_some();
            if !is_listed && is_still(&here.entries, row).await? {
                found.push(format!("The index {} lists {}, which does not belong there.", text("index"), shown(&name)));
                sentences += 1;
            }
        }
    }
    Ok(())
}

/// Whether a document is still there as it was read, and was not changed by a server meanwhile.
async fn is_still(of: &Collection<Document>, document: &Document) -> Result<bool> {
    let name = doc! { "_id": document.get("_id").cloned().unwrap_or(Bson::Null) };
    let there = of.find_one(name).await.map_err(|e| serving(&e))?;
    Ok(there.as_ref() == Some(document))
}

/// How a record is named. Parts of a key are joined by an invisible character.
fn shown(name: &Name) -> String {
    format!("Record {} {}", name.kind, name.key.replace('\u{1f}', "/"))
}
