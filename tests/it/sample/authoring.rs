//! `docs/authoring.md` explains every field of the activity document, and none that does not exist.

use serde_json::Value;
use std::collections::BTreeSet;

const GUIDE: &str = include_str!("../../../docs/authoring.md");
const SCHEMA: &str = include_str!("../../../schemas/activity.schema.json");

/// The properties under `schema`, written as the guide writes them: `faculty[].name`.
fn fields(schema: &Value, place: &str, into: &mut BTreeSet<String>) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let path = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
        fields(property, &path, into);
        fields(&property["items"], &format!("{path}[]"), into);
        into.insert(path);
    }
}

#[test]
fn the_guide_explains_every_field_of_the_schema_and_no_other() {
    let mut expected = BTreeSet::new();
    fields(&serde_json::from_str(SCHEMA).unwrap(), "", &mut expected);
    let part = GUIDE.split("## The activity document").nth(1).unwrap();
    let rows = part.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let explained: BTreeSet<_> = rows.map(|(field, _)| field.to_owned()).collect();
    assert_eq!(explained, expected);
}

#[test]
fn the_guide_names_files_that_the_sample_has() {
    let paths: BTreeSet<_> = super::texts().into_keys().collect();
    let part = GUIDE.split("### Files").nth(1).unwrap().split("### The manifest").next().unwrap();
    let named = part.split('`').filter(|name| name.contains('.') && !name.contains(['*', ' ', '\n']));
    for name in named {
        assert!(paths.contains(name), "the guide names {name}");
    }
}

#[test]
fn the_pictures_of_the_guide_are_there_and_small() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let pictures = super::between(GUIDE, "](pictures/", ")");
    assert_eq!(pictures.len(), 3);
    for picture in pictures {
        let size = std::fs::metadata(folder.join("pictures").join(picture)).unwrap().len();
        assert!(size < 100_000, "{picture} has {size} bytes");
    }
}
