//! From an item of a package to what the run-time plays, by the standard of the package.

use base::decimal::Decimal;
use content::standards::scorm12::Item;
use content::{Outline, Package, Role};
use runtime::{Unit, scorm12};

/// The item of `package` with this identifier, if it can be launched and its standard is played.
pub(in crate::service) fn find(package: &Package, id: &str) -> Option<Unit> {
    match &package.outline {
        Outline::Scorm12(items) => launchable(items, id).map(|item| Unit::Scorm12(scorm12_unit(item))),
        Outline::Scorm2004(_) | Outline::Cmi5(_) | Outline::TinCan(_) => None,
    }
}

fn launchable<'a>(items: &'a [Item], id: &str) -> Option<&'a Item> {
    items.iter().find_map(|item| {
        let this = (item.id == id && item.launch.is_some()).then_some(item);
        this.or_else(|| launchable(&item.items, id))
    })
}

fn scorm12_unit(item: &Item) -> scorm12::Unit {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let values = &item.values;
    let rules = match item.launch.as_ref().map(|launch| launch.role) {
        Some(Role::Asset) => scorm12::Rules::Asset,
        Some(Role::Sco) | None => {
            scorm12::Rules::Sco { mastery: values.mastery_score.as_deref().map(str::trim).and_then(Decimal::read) }
        }
    };
    scorm12::Unit {
        rules,
        launch_data: text(&values.launch_data),
        mastery_score: text(&values.mastery_score),
        max_time_allowed: text(&values.max_time_allowed),
        time_limit_action: text(&values.time_limit_action),
    }
}
