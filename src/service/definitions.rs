//! What activities are: the definitions that statements brought, joined into the one that the server holds to be right
//! (Part 2 §2.4.4.1).
//!
//! A definition is written in the same commit as the statement that brought it. Most statements repeat the one that came
//! last, which is remembered for a minute, so that they cost neither a read nor a write. A change by another process can
//! therefore stand until then, although a statement received here meanwhile says otherwise.

use super::App;
use crate::hash::Sha256;
use crate::store::{Document, Index, IndexKey, Kept, Kind, Records as _, Result, Write};
use crate::xapi::intake::Defined;
use crate::xapi::merge;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Definition {
    activity: String,
    /// JSON, as text: numbers keep their digits.
    definition: String,
}

/// The longest definition that is held, in bytes. What would make one longer is not joined to it, or anyone who may send
/// statements could make an activity as large as memory, and every answer that shows it.
const LONGEST: usize = 32 << 10;

const NO_INDEX: &[Index] = &[];

impl Document for Definition {
    const KIND: &'static Kind = &Kind { name: "xapi-activity", indexes: NO_INDEX };

    fn key(&self) -> String {
        key(&self.activity)
    }

    fn index(&self) -> Vec<IndexKey> {
        Vec::new()
    }
}

/// An activity's id can be longer than a key.
fn key(activity: &str) -> String {
    Sha256::of(activity).to_string()
}

/// The definition of an activity, as JSON.
pub async fn get(app: &App, activity: &str) -> Result<Option<String>> {
    let kept = app.store.get::<Definition>(&app.provider, &key(activity)).await?;
    Ok(kept.map(|kept| kept.document.definition))
}

/// What statements bring that is not known yet.
#[derive(Debug, Default)]
pub struct Lesson {
    /// The writes that keep it.
    pub writes: Vec<Write>,
    learned: Vec<(Sha256, Sha256)>,
}

impl Lesson {
    /// Remembers what was learned. To be called once the writes are committed.
    pub fn remember(self, app: &App) {
        for (place, last) in self.learned {
            app.memory.definitions.insert(place, last);
        }
    }
}

/// Joins the definitions that statements bring, in their order, to those that are held.
pub async fn learn(app: &App, defined: &[Defined]) -> Result<Lesson> {
    let mut changed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for Defined { activity, definition } in defined {
        changed.entry(activity).or_default().push(definition);
    }
    let mut lesson = Lesson::default();
    for (activity, given) in changed {
        let place = Sha256::of(format!("{}\u{1f}{activity}", app.provider.as_str()));
        let last = Sha256::of(given.last().copied().unwrap_or_default());
        let repeated = given.windows(2).all(|pair| pair.first() == pair.last());
        if repeated && app.memory.definitions.get(&place) == Some(last) {
            continue;
        }
        lesson.writes.extend(joined(app, activity, &given).await?);
        lesson.learned.push((place, last));
    }
    Ok(lesson)
}

/// The write that joins `given` to the definition that is held, unless nothing changes.
async fn joined(app: &App, activity: &str, given: &[&str]) -> Result<Option<Write>> {
    let kept = app.store.get::<Definition>(&app.provider, &key(activity)).await?;
    let held = kept.as_ref().map_or("{}", |kept| &kept.document.definition);
    let join = |held: String, given: &&str| {
        let joined = merge::definition(&held, given).ok().filter(|joined| joined.len() <= LONGEST);
        joined.unwrap_or(held)
    };
    let definition = given.iter().fold(held.to_owned(), join);
    let unchanged = definition == held;
    let document = Definition { activity: activity.to_owned(), definition };
    match kept {
        Some(_) if unchanged => Ok(None),
        Some(kept) => Ok(Some(Kept { version: kept.version, document }.replace()?)),
        None => Ok(Some(document.insert()?)),
    }
}
