//! What is wrong with the tables and indexes themselves, in sentences. What the data say is for others to check.
//!
//! Each check stands alone: one that the damage itself prevents says so, and the next still runs.

use crate::archive::MOST_DAMAGE;
use crate::embedded::commits::references;
use crate::embedded::fault::Fault;
use crate::embedded::log::{LogPosition, ProviderId};
use crate::embedded::schema::{self, SchemaPart};
use base::log::Token;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::collections::{BTreeMap, BTreeSet};
use std::result::Result;

/// Everything that is wrong, at most [`MOST_DAMAGE`] sentences of each sort.
pub(in crate::embedded) fn find(db: &Connection) -> Vec<String> {
    let checks: [(&str, Check); 8] = [
        ("header of the database file", header),
        ("tables and indexes of the database", schema_parts),
        ("database file", engine),
        ("rows of the log", statements),
        ("index of the log", tokens),
        ("rows of records", records),
        ("index of records", entries),
        ("due work", due),
    ];
    let mut found = Vec::new();
    for (what, check) in checks {
        let mut sentences = Sentences::default();
        if let Err(fault) = check(db, &mut sentences) {
            let error = crate::StoreError::from(fault);
            sentences.0.push(format!("The {what} cannot be checked: {error}."));
        }
        found.append(&mut sentences.0);
    }
    found
}

type Check = fn(&Connection, &mut Sentences) -> Result<(), Fault>;

/// The sentences of one check.
#[derive(Default)]
struct Sentences(Vec<String>);

impl Sentences {
    fn say(&mut self, sentence: impl Into<String>) {
        if !self.is_full() {
            self.0.push(sentence.into());
        }
    }

    fn is_full(&self) -> bool {
        self.0.len() >= MOST_DAMAGE
    }

    /// One sentence for each row of a query.
    fn each(
        &mut self,
        db: &Connection,
        sql: &str,
        sentence: impl Fn(&Row<'_>) -> rusqlite::Result<String>,
    ) -> Result<(), Fault> {
        let mut find = db.prepare(sql)?;
        let mut rows = find.query([])?;
        while !self.is_full()
            && let Some(row) = rows.next()?
        {
            self.say(sentence(row)?);
        }
        Ok(())
    }
}

fn header(db: &Connection, found: &mut Sentences) -> Result<(), Fault> {
    let number = |pragma: &str| db.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0));
    let (owner, version) = (number("application_id")?, number("user_version")?);
    let (ours, current) = schema::header();
    if owner != ours {
        found.say(format!("The header of the database file names another program as its owner ({owner})."));
    }
    if version != current {
        found.say(format!(
            "The header of the database file names format {version}; this program reads format {current}."
        ));
    }
    Ok(())
}

/// Triggers, views, tables and indexes that are not as this program makes them.
fn schema_parts(db: &Connection, found: &mut Sentences) -> Result<(), Fault> {
    let by_name = |parts: Vec<SchemaPart>| -> BTreeMap<_, _> {
        parts.into_iter().map(|(sort, name, sql)| ((sort, name), sql)).collect()
    };
    let (mut expected, there) = (by_name(schema::expected()?), by_name(schema::parts(db)?));
    for ((sort, name), sql) in there {
        match expected.remove(&(sort.clone(), name.clone())) {
            // Statistics of SQLite's own.
            None if name.starts_with("sqlite_stat") => {}
            None => found.say(format!("The database has another {sort}, {name}, which this program did not make.")),
            Some(made) if made != sql => found.say(format!("The {sort} {name} of the database was redefined.")),
            Some(_) => {}
        }
    }
    for (sort, name) in expected.into_keys() {
        found.say(format!("The database has no {sort} {name}."));
    }
    Ok(())
}

fn engine(db: &Connection, found: &mut Sentences) -> Result<(), Fault> {
    let mut check = db.prepare(&format!("PRAGMA integrity_check({MOST_DAMAGE})"))?;
    let mut rows = check.query([])?;
    while let Some(row) = rows.next()? {
        let message: String = row.get(0)?;
        if message != "ok" {
            found.say(format!("The database file is damaged; SQLite says: {}.", message.trim_end().replace('\n', " ")));
        }
    }
    Ok(())
}

/// How a statement is named by its row: its id, if it has one, and its number.
fn named(row: &Row<'_>) -> rusqlite::Result<String> {
    let (place, id): (LogPosition, Vec<u8>) = (row.get(0)?, row.get(1)?);
    let id =
        uuid::Uuid::from_slice(&id).map_or_else(|_| format!("with an id of {} bytes", id.len()), |id| id.to_string());
    Ok(format!("Statement {id} (number {})", place.seq().0))
}

/// Rows of the log that no program of ours wrote so.
fn statements(db: &Connection, found: &mut Sentences) -> Result<(), Fault> {
    let select = "SELECT place, id, provider FROM statement";
    found.each(db, &format!("{select} WHERE place >> 40 <> provider OR place & ((1 << 40) - 1) = 0"), |row| {
        Ok(format!("{} is at a place of the log that is not its provider's.", named(row)?))
    })?;
    found.each(db, &format!("{select} WHERE provider NOT IN (SELECT id FROM provider)"), |row| {
        Ok(format!("{} belongs to a provider that is not in the database.", named(row)?))
    })?;
    let lengths = "length(id) <> 16 OR length(digest) <> 32 OR length(tokens) % 16 <> 0 OR length(target) <> 16";
    found.each(db, &format!("{select} WHERE {lengths}"), |row| {
        Ok(format!("{} has an id, a digest, a token or a reference of the wrong length.", named(row)?))
    })?;
    found.each(db, &format!("{select} WHERE voided NOT IN (0, 1) OR voiding NOT IN (0, 1)"), |row| {
        Ok(format!("{} has a mark of voiding that is neither yes nor no.", named(row)?))
    })
}

/// The index of the log: every statement is listed under its own tokens and those of the statements that it refers to, and
/// under no others.
fn tokens(db: &Connection, found: &mut Sentences) -> Result<(), Fault> {
    let mut all = db.prepare("SELECT place, id, provider FROM statement ORDER BY place")?;
    let mut listed = db.prepare("SELECT 1 FROM token WHERE token = ?1 AND place = ?2")?;
    let mut rows = all.query([])?;
    let mut present: i64 = 0;
    while let Some(row) = rows.next()? {
        let (place, provider): (LogPosition, ProviderId) = (row.get(0)?, row.get(2)?);
        let Ok(expected) = references::found_by(db, provider, place) else { continue };
        let mut missing = 0;
        for token in &expected {
            if listed.exists(params![token.0, place])? { present += 1 } else { missing += 1 }
        }
        if missing > 0 {
            let statement = named(row)?;
            found.say(format!("{statement} is not found by {missing} of the {} facts that it has.", expected.len()));
        }
    }
    let there: i64 = db.query_row("SELECT count(*) FROM token", [], |row| row.get(0))?;
    if there == present { Ok(()) } else { strangers(db, found) }
}

/// Entries in the index of the log that no statement accounts for.
fn strangers(db: &Connection, found: &mut Sentences) -> Result<(), Fault> {
    let mut entries = db.prepare("SELECT token, place FROM token")?;
    let mut find = db.prepare("SELECT place, id, provider FROM statement WHERE place = ?1")?;
    let mut rows = entries.query([])?;
    while !found.is_full()
        && let Some(row) = rows.next()?
    {
        let (token, place): (Vec<u8>, LogPosition) = (row.get(0)?, row.get(1)?);
        let statement = find.query_row([place], |row| Ok((named(row)?, row.get::<_, ProviderId>(2)?))).optional()?;
        let Some((name, provider)) = statement else {
            found.say(format!("The index of the log lists number {}, where no statement is.", place.seq().0));
            continue;
        };
        let expected = references::found_by(db, provider, place).unwrap_or_default();
        let is_expected = token.as_slice().try_into().is_ok_and(|token| expected.contains(&Token(token)));
        if !is_expected {
            found.say(format!("{name} is found by a fact that it does not have."));
        }
    }
    Ok(())
}

/// How a record is named. Parts of a key are joined by an invisible character.
fn record(kind: &str, key: &str) -> String {
    format!("Record {kind} {}", key.replace('\u{1f}', "/"))
}

/// Rows of records that no program of ours wrote so.
fn records(db: &Connection, found: &mut Sentences) -> Result<(), Fault> {
    let select = "SELECT kind, key FROM record";
    let name = |row: &Row<'_>| -> rusqlite::Result<String> {
        Ok(record(&row.get::<_, String>(0)?, &row.get::<_, String>(1)?))
    };
    found.each(db, &format!("{select} WHERE provider NOT IN (SELECT id FROM provider)"), |row| {
        Ok(format!("{} belongs to a provider that is not in the database.", name(row)?))
    })?;
    found.each(db, &format!("{select} WHERE version < 1"), |row| {
        Ok(format!("{} has an impossible version.", name(row)?))
    })
}

/// The index of records: every record is listed as it says itself, and nothing else is listed.
fn entries(db: &Connection, found: &mut Sentences) -> Result<(), Fault> {
    let mut all = db.prepare("SELECT id, provider, kind, key, entries FROM record")?;
    let mut listed = db.prepare(
        "SELECT record FROM record_index WHERE provider = ?1 AND kind = ?2 AND name = ?3 AND key = ?4 AND record_key = ?5",
    )?;
    let mut rows = all.query([])?;
    let mut present: i64 = 0;
    while let Some(row) = rows.next()? {
        let (id, provider, kind, key): (i64, i64, String, String) =
            (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        let Ok(entries) = serde_json::from_str::<BTreeSet<(String, String)>>(&row.get::<_, String>(4)?) else {
            found.say(format!("{} has a list of index entries that cannot be read.", record(&kind, &key)));
            continue;
        };
        for (index, value) in entries {
            let entry = params![provider, kind, index, value, key];
            match listed.query_row(entry, |row| row.get::<_, i64>(0)).optional()? {
                Some(there) if there == id => present += 1,
                Some(_) => {
                    present += 1;
                    found.say(format!("The index {index} leads from {} to another record.", record(&kind, &key)));
                }
                None => found.say(format!("{} is not in the index {index}, where it belongs.", record(&kind, &key))),
            }
        }
    }
    let there: i64 = db.query_row("SELECT count(*) FROM record_index", [], |row| row.get(0))?;
    if there == present {
        return Ok(());
    }
    let strangers = "SELECT e.kind, e.record_key, e.name FROM record_index e WHERE NOT EXISTS (
        SELECT 1 FROM record r, json_each(iif(json_valid(r.entries), r.entries, '[]')) listed
        WHERE r.provider = e.provider AND r.kind = e.kind AND r.key = e.record_key
          AND listed.value ->> 0 = e.name AND listed.value ->> 1 = e.key)";
    found.each(db, strangers, |row| {
        let (kind, key, index): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(format!("The index {index} lists {}, which does not belong there.", record(&kind, &key)))
    })
}

fn due(db: &Connection, found: &mut Sentences) -> Result<(), Fault> {
    let name = |row: &Row<'_>| -> rusqlite::Result<String> {
        Ok(format!("Due work {} {}", row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    };
    let select = "SELECT queue, key FROM due";
    found.each(db, &format!("{select} WHERE provider NOT IN (SELECT id FROM provider)"), |row| {
        Ok(format!("{} belongs to a provider that is not in the database.", name(row)?))
    })?;
    found.each(db, &format!("{select} WHERE ready < at OR claims < 0"), |row| {
        Ok(format!("{} may be claimed before it is due.", name(row)?))
    })?;
    let Some(last) = db.query_row("SELECT last FROM ticket", [], |row| row.get::<_, i64>(0)).optional()? else {
        found.say("The counter of the tickets for due work is gone.");
        return Ok(());
    };
    found.each(db, &format!("{select} WHERE ticket > {last}"), |row| {
        Ok(format!("{} has a ticket that the counter of tickets has not reached.", name(row)?))
    })
}
