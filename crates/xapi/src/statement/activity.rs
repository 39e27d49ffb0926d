//! Activities and their definitions (Part 2 §2.4.4.1).

use super::check::Check;
use crate::fault::Code;
use crate::json::Value;
use std::borrow::Cow;

/// An activity, as an object or as context.
#[derive(Debug, Clone)]
pub(crate) struct Activity<'d> {
    pub(crate) id: Cow<'d, str>,
    /// Checked, and read no further: a filter never looks into it.
    pub(crate) definition: Option<Value<'d>>,
}

/// Reads an activity.
pub(crate) fn activity<'d>(value: Value<'d>, check: &mut Check) -> Option<Activity<'d>> {
    let [kind, id, definition] = check.fields(value, ["objectType", "id", "definition"])?;
    if let Some(kind) = kind {
        check.one_of(kind, &["Activity"]);
    }
    if let Some(definition) = definition {
        check_definition(definition, check);
    }
    let id = check.required(value, "id", id).and_then(|id| check.iri(id))?;
    Some(Activity { id, definition })
}

/// The component lists, and which types of interaction have which (Part 2 §2.4.4.1, "Interaction Components").
const COMPONENT_LISTS: [(&str, &[&str]); 5] = [
    ("choices", &["choice", "sequencing"]),
    ("scale", &["likert"]),
    ("source", &["matching"]),
    ("target", &["matching"]),
    ("steps", &["performance"]),
];

const INTERACTION_TYPES: [&str; 10] = [
    "true-false",
    "choice",
    "fill-in",
    "long-fill-in",
    "matching",
    "performance",
    "sequencing",
    "likert",
    "numeric",
    "other",
];

/// Checks an activity definition.
pub(crate) fn check_definition(definition: Value<'_>, check: &mut Check) {
    let names = [
        "name",
        "description",
        "type",
        "moreInfo",
        "extensions",
        "interactionType",
        "correctResponsesPattern",
        "choices",
        "scale",
        "source",
        "target",
        "steps",
    ];
    let Some(fields) = check.fields(definition, names) else { return };
    let [name, description, kind, more_info, extensions, interaction, pattern, choices, scale, source, target, steps] =
        fields;
    for map in [name, description].into_iter().flatten() {
        check.language_map(map);
    }
    for iri in [kind, more_info].into_iter().flatten() {
        check.iri(iri);
    }
    if let Some(extensions) = extensions {
        check.extensions(extensions);
    }
    let lists = [choices, scale, source, target, steps];
    if interaction.is_none() && (pattern.is_some() || lists.iter().any(Option::is_some)) {
        check.faults.at(
            definition,
            Code::Missing,
            "`interactionType` is missing, but there are properties of an interaction",
        );
    }
    let interaction = interaction.map(|interaction| check.one_of(interaction, &INTERACTION_TYPES));
    if let Some(pattern) = pattern {
        for response in check.items(pattern) {
            check.string(response);
        }
    }
    for ((name, types), list) in COMPONENT_LISTS.into_iter().zip(lists) {
        let Some(list) = list else { continue };
        check_components(list, check);
        if let Some(Some(interaction)) = interaction
            && !types.contains(&interaction)
        {
            let message = format!("an interaction of type `{interaction}` has no `{name}`");
            check.faults.at(list, Code::Rule, message);
        }
    }
}

fn check_components(list: Value<'_>, check: &mut Check) {
    let mut ids: Vec<(Cow<'_, str>, Value<'_>)> = Vec::new();
    for component in check.items(list) {
        let Some([id, description]) = check.fields(component, ["id", "description"]) else { continue };
        if let Some(description) = description {
            check.language_map(description);
        }
        let Some(id) = check.required(component, "id", id) else { continue };
        let Some(text) = check.formatted(id, "an id that is not empty", |id| !id.is_empty()) else { continue };
        ids.push((text, id));
    }
    ids.sort_by(|(a, _), (b, _)| a.cmp(b));
    for ((before, _), (text, id)) in ids.iter().zip(ids.iter().skip(1)) {
        if before == text {
            check.faults.at(*id, Code::Duplicate, "another component of the list has this id");
        }
    }
}
