//! What activities are: the definitions that statements brought, merged into the one that the server considers right
//! (Part 2 §2.4.4.1).
//!
//! A definition is written in the same commit as the statement that brought it. Most statements repeat what is stored, which
//! is cached for a minute, so that they need neither a read nor a write. A change by another process can therefore remain
//! for that long, although a statement received here meanwhile says otherwise.

use crate::service::App;
use base::hash::Sha256;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::{Document, Index, IndexKey, Key, Kind, Records as _, Result, StoredDocument, Write};
use xapi::{ActivityDefinition, merge};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::service) struct Definition {
    activity: String,
    /// JSON, as text: numbers keep their digits.
    definition: String,
}

/// The longest definition that is stored, in bytes. What would make one longer is not merged into it; otherwise anyone who may
/// send statements could make an activity, and every response that shows it, as large as memory.
const LONGEST: usize = 32 << 10;

/// How many definitions of one activity are cached. Most have one or two, from different verbs.
const MOST_CACHED: usize = 8;

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

/// The kind of their records.
pub(in crate::service) const KIND: &str = Definition::KIND.name;

/// What statements bring that is not stored yet.
#[derive(Debug, Default)]
pub struct DefinitionUpdates {
    /// The writes that store it.
    pub writes: Vec<Write>,
    /// By provider and activity: the definitions that will add nothing to the stored one.
    learned: Vec<(Sha256, BTreeSet<Sha256>)>,
}

impl DefinitionUpdates {
    /// Caches what was learned. To be called once the writes are committed.
    pub fn remember(self, app: &App) {
        for (place, known) in self.learned {
            app.memory.definitions.insert(place, Arc::new(known));
        }
    }
}

/// Merges the definitions that statements bring, in their order, into those that are stored.
pub async fn learn(app: &App, defined: &[ActivityDefinition]) -> Result<DefinitionUpdates> {
    let mut brought: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for ActivityDefinition { activity, definition } in defined {
        brought.entry(activity).or_default().push(definition);
    }
    let mut updates = DefinitionUpdates::default();
    for (activity, given) in brought {
        let place = Sha256::of(Key::of(&[&app.provider.as_str(), &activity]));
        let known = app.memory.definitions.get(&place).unwrap_or_default();
        if given.iter().all(|definition| known.contains(&Sha256::of(definition))) {
            continue;
        }
        let write = joined(app, activity, &given).await?;
        // After a change, only the last one surely adds nothing: it may have changed what those before it said.
        let sure = if write.is_some() { given.len().saturating_sub(1) } else { 0 };
        let mut adds_nothing: BTreeSet<_> = given.iter().skip(sure).map(Sha256::of).collect();
        if write.is_none() && adds_nothing.len() + known.len() <= MOST_CACHED {
            adds_nothing.extend(known.iter());
        }
        updates.writes.extend(write);
        updates.learned.push((place, adds_nothing));
    }
    Ok(updates)
}

/// The write that merges `given` into the stored definition, unless each of them adds nothing.
async fn joined(app: &App, activity: &str, given: &[&str]) -> Result<Option<Write>> {
    let kept = app.store.get::<Definition>(&app.provider, &key(activity)).await?;
    let held = kept.as_ref().map_or("{}", |kept| &kept.document.definition);
    let mut definition = held.to_owned();
    let mut unchanged = true;
    for given in given {
        let joined = merge::definition(&definition, given).ok().filter(|joined| joined.len() <= LONGEST);
        if let Some(joined) = joined.filter(|joined| *joined != definition) {
            (definition, unchanged) = (joined, false);
        }
    }
    let document = Definition { activity: activity.to_owned(), definition };
    match kept {
        Some(_) if unchanged => Ok(None),
        Some(kept) => Ok(Some(StoredDocument { version: kept.version, document }.replace()?)),
        None => Ok(Some(document.insert()?)),
    }
}
