//! The steps to credit: a learner's progress, and which page is next.

use crate::http::pages::Formats;
use crate::http::pages::presenter::{Link, StepState};
use crate::service::App;
use crate::service::crediting::claims;
use crate::service::learning::assessment;
use crate::service::learning::registrations::{OfferingStatus, RegistrationStatus};
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
pub(super) fn steps(app: &App, standing: &RegistrationStatus, package: &Package) -> Vec<StepView> {
    let mut steps = vec![informed(standing), content(standing, package)];
    steps.extend(assessed(app, standing));
    steps.extend(evaluated(standing));
    steps.push(claimed(standing));
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
    steps
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

fn assessed(app: &App, standing: &RegistrationStatus) -> Option<StepView> {
    let assessment = standing.version.document.assessment.as_ref()?;
    let attempts = &standing.evidence.attempts;
    let title = "Take the post-activity assessment";
    if let Some(passed) = attempts.iter().map(|proof| &proof.said).find(|said| said.passed) {
        let text = format!("Passed with {} of {} correct.", passed.correct, passed.total);
        let feedback = at(standing, &format!("assessment/{}", passed.attempt));
        return Some(StepView::new(title, true, text).with(feedback, "See answers and explanations"));
    }
    let formats = Formats::of(app);
    let minimum = formats.percent(assessment.minimum_score);
    let feedback = attempts.last().map(|last| at(standing, &format!("assessment/{}", last.said.attempt)));
    let mut step = match assessment::next(app, standing)? {
        NextAttempt::Open(1) => {
            let text = format!("{} questions; you need {minimum} to pass.", assessment.items.len());
            StepView::new(title, false, text).with(at(standing, "assessment"), "Go to the assessment")
        }
        NextAttempt::Open(attempt) => {
            let of = assessment.attempts.maximum.map(|most| format!(" of {most}")).unwrap_or_default();
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
            let text = "All attempts are used. Write to the contact on this page; nothing else is lost.";
            StepView { state: StepState::Stuck, ..StepView::new(title, false, text) }
        }
        NextAttempt::Passed => StepView::new(title, true, "Passed."),
    };
    if let Some(feedback) = feedback {
        step = step.with(feedback, "See what was not correct");
    }
    Some(step)
}

fn evaluated(standing: &RegistrationStatus) -> Option<StepView> {
    standing.version.document.evaluation.as_ref()?;
    let title = "Evaluate the activity";
    Some(if standing.evidence.evaluations.is_empty() {
        StepView::new(title, false, "A few questions that help the provider improve.")
            .with(at(standing, "evaluation"), "Go to the evaluation")
    } else {
        StepView::new(title, true, "Submitted. Thank you.")
    })
}

fn claimed(standing: &RegistrationStatus) -> StepView {
    let open: Vec<&OfferingStatus> = standing.eligible().filter(|offering| !is_claimed(standing, offering)).collect();
    let credit = standing.eligible().any(|offering| offering.offering.system.is_credit());
    let title = if credit { "Claim your credit" } else { "Confirm your participation" };
    if standing.eligible().next().is_none() {
        return StepView {
            state: StepState::Stuck,
            ..StepView::new(title, false, "There is no credit for your profession.")
        };
    }
    if open.is_empty() {
        return StepView::new(title, true, "Claimed.");
    }
    let step = StepView::new(title, false, "Your certificate is then available immediately.");
    open.iter().fold(step, |step, offering| {
        let system = offering.offering.system;
        let text =
            if system.is_credit() { format!("Claim {}", system.name()) } else { "Confirm participation".to_owned() };
        step.with(at(standing, &format!("claim/{}", offering.offering.id)), text)
    })
}

fn is_claimed(standing: &RegistrationStatus, offering: &OfferingStatus) -> bool {
    offering.credit.is_some()
        || standing.evidence.claims.iter().any(|claim| claim.said.offering == offering.offering.id)
}

/// The page on which an unmet rule can be met, once the steps before it are done.
pub(super) fn action(standing: &RegistrationStatus, offering: &OfferingStatus, step: &Step) -> Option<Link> {
    let action = |href, text: &str| Some(Link { href, text: text.to_owned() });
    match step {
        Step::FrontMatter => action(at(standing, "front-matter"), "Read it"),
        Step::Play { item } => action(play(standing, item), "Open the activity"),
        Step::Assessment if !assessment::content_is_complete(standing) => None,
        Step::Assessment => action(at(standing, "assessment"), "Go to the assessment"),
        Step::Feedback => {
            let passed = standing.evidence.attempts.iter().map(|proof| &proof.said).find(|said| said.passed)?;
            action(at(standing, &format!("assessment/{}", passed.attempt)), "See the feedback")
        }
        Step::Evaluation => action(at(standing, "evaluation"), "Go to the evaluation"),
        Step::Claim if offering.credit.is_some() || !claims::is_ready(&offering.decision) => None,
        Step::Claim => action(at(standing, &format!("claim/{}", offering.offering.id)), "Claim"),
        Step::Profile | Step::Coordinator => None,
    }
}
