//! What an activity document lacks before it can be published: every gap at once, each with its place and what to do.
//!
//! Two checks read the document and neither stops the other: the published schema (`schemas/activity.schema.json`), and
//! the rules below, which no schema can express. A part that the schema refuses is left out of those rules.

mod assessment;
mod dates;
mod offerings;
mod people;

use super::schema::{self, Gap};
use super::{Activity, Assessment, Dates, Evaluation, Faculty, Integrity, Mitigation, Offering, Reference};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeSet;

/// Reads a document, or returns everything that it lacks.
pub fn read(document: &[u8]) -> Result<Activity, Vec<Gap>> {
    let value: Value = serde_json::from_slice(document).map_err(|error| {
        vec![Gap::new("", "not-json", format!("The document is not JSON: {error}. Correct it and publish it again."))]
    })?;
    let gaps = gaps(&value);
    if !gaps.is_empty() {
        return Err(gaps);
    }
    // Read from the bytes, so that a member given twice is refused, and neither is chosen.
    serde_json::from_slice(document).map_err(|error| vec![Gap::new("", "malformed", format!("{error}."))])
}

/// What a document lacks, in the order of the document.
pub fn gaps(document: &Value) -> Vec<Gap> {
    let mut gaps = schema::ACTIVITY.gaps(document);
    let draft = Draft::read(document);
    dates::check(&draft, &mut gaps);
    people::check(&draft, &mut gaps);
    assessment::check(&draft, &mut gaps);
    offerings::check(&draft, &mut gaps);
    gaps.sort_by_cached_key(|gap| (reading_order(&gap.pointer), gap.code));
    gaps.dedup();
    gaps
}

/// The order of pointers in a document: positions in a list are compared as numbers.
fn reading_order(pointer: &str) -> Vec<(usize, String)> {
    pointer.split('/').map(|part| (part.parse().unwrap_or(0), part.to_owned())).collect()
}

/// What a document lacks once its package is known: the items that it requires must be among the `launchable` ones.
pub fn gaps_with_package(activity: &Activity, launchable: &[&str]) -> Vec<Gap> {
    if launchable.is_empty() {
        return vec![Gap::new(
            "/package",
            "nothing-to-play",
            "The package has no item that can be launched; choose another.",
        )];
    }
    let missing = activity.required_items.iter().enumerate().filter(|(_, item)| !launchable.contains(&item.as_str()));
    missing
        .map(|(n, item)| {
            let known = launchable.join(", ");
            let message = format!("The package has no item `{item}` that can be launched. Its items are: {known}.");
            Gap::new(format!("/required_items/{n}"), "item-not-in-package", message)
        })
        .collect()
}

/// The parts of a document that rules look at, each where it can be read.
struct Draft {
    dates: Option<Dates>,
    estimated_minutes: Option<u32>,
    objectives: usize,
    faculty: Vec<Option<Faculty>>,
    mitigation: DraftPart<Mitigation>,
    accreditation: Option<String>,
    bibliography: Vec<Option<Reference>>,
    assessment: DraftPart<Assessment>,
    evaluation: DraftPart<Evaluation>,
    integrity: Option<Integrity>,
    offerings: Vec<Option<Offering>>,
}

impl Draft {
    fn read(document: &Value) -> Self {
        Self {
            dates: part(document, "/dates"),
            estimated_minutes: part(document, "/estimated_minutes"),
            objectives: document.pointer("/objectives").and_then(Value::as_array).map_or(0, Vec::len),
            faculty: parts(document, "/faculty"),
            mitigation: DraftPart::read(document, "/mitigation"),
            accreditation: part(document, "/statements/accreditation"),
            bibliography: parts(document, "/bibliography"),
            assessment: DraftPart::read(document, "/assessment"),
            evaluation: DraftPart::read(document, "/evaluation"),
            integrity: part(document, "/integrity"),
            offerings: parts(document, "/offerings"),
        }
    }

    /// The faculty that can be read, each with its position.
    fn faculty(&self) -> impl Iterator<Item = (usize, &Faculty)> {
        numbered(&self.faculty)
    }

    /// The offerings that can be read, each with its position.
    fn offerings(&self) -> impl Iterator<Item = (usize, &Offering)> {
        numbered(&self.offerings)
    }
}

/// A part that a document may leave out.
enum DraftPart<T> {
    Absent,
    /// It is there, and the schema has said what is wrong with it.
    Unreadable,
    Read(T),
}

impl<T: DeserializeOwned> DraftPart<T> {
    fn read(document: &Value, pointer: &str) -> Self {
        match document.pointer(pointer) {
            None | Some(Value::Null) => Self::Absent,
            Some(value) => T::deserialize(value).map_or(Self::Unreadable, Self::Read),
        }
    }

    fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    fn get(&self) -> Option<&T> {
        match self {
            Self::Read(part) => Some(part),
            Self::Absent | Self::Unreadable => None,
        }
    }
}

fn part<T: DeserializeOwned>(document: &Value, pointer: &str) -> Option<T> {
    T::deserialize(document.pointer(pointer)?).ok()
}

fn parts<T: DeserializeOwned>(document: &Value, pointer: &str) -> Vec<Option<T>> {
    let list = document.pointer(pointer).and_then(Value::as_array);
    list.into_iter().flatten().map(|entry| T::deserialize(entry).ok()).collect()
}

fn numbered<T>(entries: &[Option<T>]) -> impl Iterator<Item = (usize, &T)> {
    entries.iter().enumerate().filter_map(|(n, entry)| Some((n, entry.as_ref()?)))
}

/// Names every id that is used a second time.
fn unique<'a>(ids: impl Iterator<Item = (String, &'a str)>, gaps: &mut Vec<Gap>) {
    let mut seen = BTreeSet::new();
    for (pointer, id) in ids {
        if !seen.insert(id) {
            gaps.push(Gap::new(pointer, "repeated-id", format!("`{id}` is used twice here; give each its own id.")));
        }
    }
}

#[cfg(test)]
mod tests;
