//! Credit offerings: amounts, windows, and what each credit system wants of the activity.

use super::{Draft, Gap, dates, unique};
use crate::systems::Eligibility;
use crate::template::{self, Placeholder};
use crate::{Credits, EvaluationRule, Offering};

/// What a quarter of an hour earns.
const QUARTER: Credits = Credits(25);

pub(super) fn check(draft: &Draft, gaps: &mut Vec<Gap>) {
    unique(draft.offerings().map(|(n, offering)| (format!("/offerings/{n}/id"), offering.id.as_str())), gaps);
    if let Some(text) = &draft.accreditation {
        check_template("/statements/accreditation", text, &[Placeholder::Provider], gaps);
    }
    for (n, offering) in draft.offerings() {
        let place = format!("/offerings/{n}");
        check_amounts(&place, offering, draft, gaps);
        check_window(&place, offering, draft, gaps);
        check_system(&place, offering, gaps);
        check_means(&place, offering, draft, gaps);
    }
}

fn check_amounts(place: &str, offering: &Offering, draft: &Draft, gaps: &mut Vec<Gap>) {
    let (maximum, step) = (offering.maximum, offering.step);
    if maximum == Credits(0) {
        gaps.push(Gap::new(format!("{place}/maximum"), "nothing-to-claim", "Offer more than nothing."));
    } else if !maximum.is_multiple_of(step) {
        let message = format!("The maximum of {maximum} is not a multiple of the step of {step}; change one of them.");
        gaps.push(Gap::new(format!("{place}/maximum"), "maximum-not-in-steps", message));
    }
    let Some(minutes) = draft.estimated_minutes else { return };
    let time = nearest_quarter(minutes);
    if offering.system.is_credit() && maximum > time {
        let message = format!(
            "{maximum} is more than the estimated time of {minutes} minutes is worth ({time}); an hour is one credit. Lower \
             the maximum or correct the time."
        );
        gaps.push(Gap::new(format!("{place}/maximum"), "maximum-exceeds-time", message));
    }
}

/// What `minutes` are worth: an hour is one credit, rounded to the nearest quarter.
fn nearest_quarter(minutes: u32) -> Credits {
    Credits((minutes.saturating_mul(4).saturating_add(30) / 60).saturating_mul(QUARTER.0))
}

fn check_window(place: &str, offering: &Offering, draft: &Draft, gaps: &mut Vec<Gap>) {
    let window = offering.window;
    let mut refuse = |member, code, message| gaps.push(Gap::new(format!("{place}/window/{member}"), code, message));
    if window.until < window.from {
        refuse("until", "window-empty", format!("The window closes on {}, before it opens.", window.until));
    }
    if window.until > dates::limit(window.from) {
        refuse("until", "window-too-long", "A credit offering is open for three years at most.".to_owned());
    }
    let Some(dates) = draft.dates else { return };
    if window.from < dates.released {
        let message = format!("The offering opens on {}, before the release on {}.", window.from, dates.released);
        refuse("from", "window-before-release", message);
    }
    if window.until > dates.expires {
        let message =
            format!("The offering closes on {}, after the activity expires on {}.", window.until, dates.expires);
        refuse("until", "window-after-expiration", message);
    }
}

/// What the owner of the credit system mandates.
fn check_system(place: &str, offering: &Offering, gaps: &mut Vec<Gap>) {
    let (system, designation) = (offering.system.table(), format!("{place}/designation"));
    check_template(&designation, &offering.designation, system.designation, gaps);
    if !system.trademarks.is_empty() && !system.trademarks.iter().any(|name| offering.designation.contains(name)) {
        let message = format!("Write the credit's name as its owner does: {}.", system.name);
        gaps.push(Gap::new(&*designation, "trademark-missing", message));
    }
    if let Some(step) = system.step.filter(|step| *step != offering.step) {
        let message = format!("{} is claimed in steps of {step}.", system.name);
        gaps.push(Gap::new(format!("{place}/step"), "step-not-a-quarter", message));
    }
    let Some(Eligibility { professions, whom }) = system.eligible else { return };
    for (n, profession) in offering.professions.iter().enumerate() {
        if !professions.contains(profession) {
            let message = format!(
                "{} is for {whom} only, not for the profession `{profession}`; offer it participation instead.",
                system.name
            );
            gaps.push(Gap::new(format!("{place}/professions/{n}"), "profession-not-eligible", message));
        }
    }
}

fn check_template(pointer: &str, text: &str, mandated: &[Placeholder], gaps: &mut Vec<Gap>) {
    for name in template::unknown(text) {
        let known = Placeholder::ALL.map(Placeholder::written).join(", ");
        let message = format!("`{{{name}}}` is not a placeholder. Use one of these: {known}.");
        gaps.push(Gap::new(pointer, "unknown-placeholder", message));
    }
    for placeholder in mandated {
        let written = placeholder.written();
        if !text.contains(written) {
            let message =
                format!("The statement does not say {written}; put it where the official text has that fact.");
            gaps.push(Gap::new(pointer, "placeholder-missing", message));
        }
    }
}

/// What an offering rests on must be in the document.
fn check_means(place: &str, offering: &Offering, draft: &Draft, gaps: &mut Vec<Gap>) {
    if offering.evaluation != EvaluationRule::Optional && draft.evaluation.is_absent() {
        let message = "The offering requires an evaluation and the activity has none; describe it in /evaluation.";
        gaps.push(Gap::new(format!("{place}/evaluation"), "evaluation-missing", message));
    }
    if offering.system.is_credit() && draft.assessment.is_absent() {
        let message = "Credit for an enduring material needs an assessment with a minimum performance level.";
        gaps.push(Gap::new("/assessment", "assessment-missing", message));
    }
    let lower = draft.assessment.get().zip(offering.minimum_score).filter(|(own, here)| *here < own.minimum_score);
    if let Some((own, _)) = lower {
        let message = format!(
            "An offering can require more than the assessment's minimum of {}, not for less.",
            own.minimum_score
        );
        gaps.push(Gap::new(format!("{place}/minimum_score"), "minimum-lowered", message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_one_credit_to_the_nearest_quarter() {
        for (minutes, hundredths) in [(45, 75), (60, 100), (50, 75), (53, 100), (7, 0), (8, 25), (90, 150)] {
            assert_eq!(nearest_quarter(minutes), Credits(hundredths), "{minutes} minutes");
        }
    }
}
