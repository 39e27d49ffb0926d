//! Disclosure and mitigation (Standards for Integrity and Independence, Standard 3).

use super::{Draft, DraftPart, Gap};

pub(super) fn check(draft: &Draft, gaps: &mut Vec<Gap>) {
    let related = draft.faculty().any(|(_, person)| !person.relationships.is_empty());
    match (&draft.mitigation, draft.dates) {
        (DraftPart::Absent, _) if related => gaps.push(Gap::new(
            "/mitigation",
            "mitigation-missing",
            "Someone who controls content has a relationship with an ineligible company: state that all relevant relationships \
             were mitigated, and when that was documented.",
        )),
        (DraftPart::Read(mitigation), Some(dates)) if mitigation.documented > dates.released => {
            let message = format!(
                "Mitigation was documented on {}, after the release on {}: relationships are mitigated before anyone takes part.",
                mitigation.documented, dates.released
            );
            gaps.push(Gap::new("/mitigation/documented", "mitigated-after-release", message));
        }
        _ => {}
    }
}
