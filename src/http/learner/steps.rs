//! The steps to credit: a learner's progress, and which page is next.

use crate::http::pages::presenter::{Link, StepState};
use crate::http::pages::{Formats, sentence};
use crate::service::App;
use crate::service::crediting::claims;
use crate::service::learning::assessment;
use crate::service::learning::evaluation::{self, EvaluationState};
use crate::service::learning::registrations::{Error, OfferingStatus, RegistrationStatus};
use crate::service::ledger::credits::CreditRecord;
use content::Package;
use credit::Step;
use credit::assessment::NextAttempt;

/// One step to credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StepView {
    pub title: &'static str,
    pub state: StepState,
    pub text: String,
    pub parts: Vec<PartView>,
    pub actions: Vec<Link>,
}

/// A part of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PartView {
    pub title: String,
    pub state: StepState,
    pub href: String,
}

impl StepView {
    fn new(title: &'static str, done: bool, text: impl Into<String>) -> Self {
        let state = if done { StepState::Done } else { StepState::Later };
        Self { title, state, text: text.into(), parts: Vec::new(), actions: Vec::new() }
    }

    fn with(mut self, href: String, text: impl Into<String>) -> Self {
        self.actions.push(Link { href, text: text.into() });
        self
    }

    /// How many of its parts are done.
    pub(super) fn done_parts(&self) -> usize {
        self.parts.iter().filter(|part| part.state.is_done()).count()
    }
}

/// The steps in their order. The first that is neither done nor stuck is the one to do now; later ones have no button, since
/// an assessment that is passed before the content was seen is held for review.
pub(super) fn steps(app: &App, standing: &RegistrationStatus, package: &Package) -> Result<Vec<StepView>, Error> {
    let mut steps = vec![informed(standing), content(standing, package)];
    steps.extend(assessed(app, standing)?);
    steps.extend(evaluated(standing));
    let is_last = steps.iter().all(|step| step.state.is_done());
    steps.push(claimed(app, standing, is_last));
    let mut before = true;
    for step in &mut steps {
        match step.state {
            StepState::Later if before => {
                step.state = StepState::Now;
                before = false;
            }
            StepState::Later => {
                step.actions.clear();
                step.parts.clear();
            }
            StepState::Stuck => before = false,
            StepState::Done | StepState::Now => {}
        }
    }
    Ok(steps)
}

fn at(standing: &RegistrationStatus, page: &str) -> String {
    format!("/registrations/{}/{page}", standing.registration.id)
}

fn informed(standing: &RegistrationStatus) -> StepView {
    let done = !standing.evidence.informed.is_empty();
    let step = StepView::new("Read the activity information", done, if done { "Read and recorded." } else { "" });
    if done { step } else { step.with(at(standing, "front-matter"), "Read and begin") }
}

fn content(standing: &RegistrationStatus, package: &Package) -> StepView {
    let required = &standing.version.required_items;
    let parts: Vec<PartView> = required.iter().map(|id| part(standing, package, id)).collect();
    let (done, total) = (parts.iter().filter(|part| part.state.is_done()).count(), parts.len());
    let complete = done == total;
    let started = done > 0 || !standing.evidence.sessions.is_empty();
    let text = match (complete, total) {
        (true, _) => "Completed.".to_owned(),
        (false, 1) if started => "Started; you continue where you left off.".to_owned(),
        (false, 1) => "Your progress is saved as you go.".to_owned(),
        (false, total) => format!("{done} of {total} parts completed. Your progress is saved as you go."),
    };
    let mut step = StepView::new("Work through the activity", complete, text);
    let next = parts.iter().find(|part| !part.state.is_done()).or(parts.first());
    if let Some(next) = next {
        let text = match (complete, started) {
            (true, _) => "Open it again",
            (false, true) => "Continue",
            (false, false) => "Start",
        };
        step = step.with(next.href.clone(), text);
    }
    step.parts = if total > 1 { parts } else { Vec::new() };
    step
}

fn part(standing: &RegistrationStatus, package: &Package, id: &str) -> PartView {
    let title = package.item(id).map_or(id, |item| item.title);
    let done = standing.evidence.completed.contains_key(id);
    let state = if done { StepState::Done } else { StepState::Later };
    PartView { title: title.to_owned(), state, href: play(standing, id) }
}

fn play(standing: &RegistrationStatus, item: &str) -> String {
    let item: String = item.bytes().map(percent).collect();
    at(standing, &format!("play?item={item}"))
}

/// A byte of a query value (RFC 3986 §3.4): letters, digits and four marks are kept as they are.
fn percent(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

fn assessed(app: &App, standing: &RegistrationStatus) -> Result<Option<StepView>, Error> {
    let Some(assessment) = standing.version.document.assessment.as_ref() else { return Ok(None) };
    let attempts = &standing.evidence.attempts;
    let title = "Take the post-activity assessment";
    if let Some(passed) = attempts.iter().map(|proof| &proof.said).find(|said| said.passed) {
        let text = format!("Passed with {} of {} correct.", passed.correct, passed.total);
        let feedback = at(standing, &format!("assessment/{}", passed.attempt));
        return Ok(Some(StepView::new(title, true, text).with(feedback, "See answers and explanations")));
    }
    let formats = Formats::of(app);
    let minimum = formats.percent(assessment.minimum_score);
    let feedback = attempts.last().map(|last| at(standing, &format!("assessment/{}", last.said.attempt)));
    let Some(next) = assessment::next(app, standing)? else { return Ok(None) };
    let mut step = match next {
        NextAttempt::Open(1) => {
            let text = format!("{} questions; you need {minimum} to pass.", assessment.items.len());
            StepView::new(title, false, text).with(at(standing, "assessment"), "Go to the assessment")
        }
        NextAttempt::Open(attempt) => {
            let of = assessment::last_number(app, standing)?.map(|most| format!(" of {most}")).unwrap_or_default();
            let text = format!("Not passed yet; you need {minimum}. Attempt {attempt}{of} is open.");
            StepView::new(title, false, text).with(at(standing, "assessment"), "Try again")
        }
        NextAttempt::Wait(until) => {
            let until = formats.moment(until);
            StepView::new(
                title,
                false,
                format!("Not passed yet; you need {minimum}. The next attempt opens on {until}."),
            )
        }
        NextAttempt::Exhausted => {
            let text = "All attempts are used. Write to the contact on this page: the CME office can grant one more. Nothing is lost.";
            StepView { state: StepState::Stuck, ..StepView::new(title, false, text) }
        }
        NextAttempt::Passed => StepView::new(title, true, "Passed."),
    };
    if let Some(feedback) = feedback {
        step = step.with(feedback, "See what was not correct");
    }
    Ok(Some(step))
}

fn evaluated(standing: &RegistrationStatus) -> Option<StepView> {
    let title = "Evaluate the activity";
    Some(match evaluation::state(standing)? {
        EvaluationState::ContentFirst => {
            StepView::new(title, false, "It opens once you have worked through the activity.")
        }
        EvaluationState::PassFirst => StepView::new(title, false, "It opens once you have passed the assessment."),
        EvaluationState::Open => StepView::new(title, false, "A few questions that help the provider improve.")
            .with(at(standing, "evaluation"), "Go to the evaluation"),
        EvaluationState::Early => {
            let text = "You submitted it before you had completed the activity. Your answers are kept: check and confirm them.";
            StepView::new(title, false, text).with(at(standing, "evaluation"), "Check and confirm")
        }
        EvaluationState::Submitted => StepView::new(title, true, "Submitted. Thank you."),
    })
}

/// The claim; `is_last` when every step before it is done.
fn claimed(app: &App, standing: &RegistrationStatus, is_last: bool) -> StepView {
    let open: Vec<&OfferingStatus> = standing.eligible().filter(|offering| !is_claimed(standing, offering)).collect();
    let credit = standing.eligible().any(|offering| offering.offering.system.is_credit());
    let title = if credit { "Claim your credit" } else { "Confirm your participation" };
    let stuck = |text: String| StepView { state: StepState::Stuck, ..StepView::new(title, false, text) };
    if standing.eligible().next().is_none() {
        return stuck("There is no credit for your profession.".to_owned());
    }
    let credits = || standing.eligible().filter_map(|offering| offering.credit.as_ref());
    if credits().any(|credit| !credit.is_active()) && !credits().any(CreditRecord::is_active) {
        return stuck("The credit was revoked; the reason is on this page.".to_owned());
    }
    if open.is_empty() {
        return StepView::new(title, true, "Claimed.");
    }
    let mut step = StepView::new(title, false, "Your certificate is then available immediately.");
    let mut refusal = None;
    for offering in open {
        match claims::claimable(app, standing, &offering.offering.id) {
            Ok(_) => {
                let system = offering.offering.system;
                let text = if system.is_credit() {
                    format!("Claim {}", system.name())
                } else {
                    "Confirm participation".to_owned()
                };
                step = step.with(at(standing, &format!("claim/{}", offering.offering.id)), text);
            }
            Err(error) => refusal = refusal.or(Some(error)),
        }
    }
    match refusal {
        Some(refusal) if is_last && step.actions.is_empty() => stuck(format!("{}.", sentence(&refusal.to_string()))),
        _ => step,
    }
}

fn is_claimed(standing: &RegistrationStatus, offering: &OfferingStatus) -> bool {
    offering.credit.is_some()
        || standing.evidence.claims.iter().any(|claim| claim.said.offering == offering.offering.id)
}

/// The page on which an unmet rule can be met, once the steps before it are done.
pub(super) fn action(
    app: &App,
    standing: &RegistrationStatus,
    offering: &OfferingStatus,
    step: &Step,
) -> Result<Option<Link>, Error> {
    let action = |href, text: &str| Some(Link { href, text: text.to_owned() });
    Ok(match step {
        Step::FrontMatter => action(at(standing, "front-matter"), "Read it"),
        Step::Play { item } => action(play(standing, item), "Open the activity"),
        Step::Assessment => {
            let is_open = matches!(assessment::next(app, standing)?, Some(NextAttempt::Open(_)));
            let is_next = is_open && assessment::content_is_complete(standing);
            is_next.then(|| action(at(standing, "assessment"), "Go to the assessment")).flatten()
        }
        Step::Feedback => {
            let passed = standing.evidence.attempts.iter().map(|proof| &proof.said).find(|said| said.passed);
            passed
                .and_then(|passed| action(at(standing, &format!("assessment/{}", passed.attempt)), "See the feedback"))
        }
        Step::Evaluation => match evaluation::state(standing) {
            Some(EvaluationState::Open) => action(at(standing, "evaluation"), "Go to the evaluation"),
            Some(EvaluationState::Early) => action(at(standing, "evaluation"), "Check and confirm"),
            _ => None,
        },
        Step::Claim => {
            let is_next = claims::claimable(app, standing, &offering.offering.id).is_ok();
            is_next.then(|| action(at(standing, &format!("claim/{}", offering.offering.id)), "Claim")).flatten()
        }
        Step::Profile | Step::Coordinator => None,
    })
}
