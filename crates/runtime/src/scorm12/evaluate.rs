//! From what content reports to what counts: the one place where statuses, scores and times are decided.

use super::interaction::InteractionRecord;
use super::state::{ScoState, Visit};
use super::{model, oddity};
use crate::commit::Commit;
use crate::happening::Happening;
use crate::objection::{Objection, Reason};
use crate::seat_time::seconds_between;
use crate::session::{EntryMode, Phase};
use crate::status::{Completion, Status, Success};
use crate::time::Hundredths;
use base::decimal::Decimal;
use base::hash::Sha256;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What the manifest says about the item that is played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rules {
    /// It speaks to the run-time; with the raw score from which it is passed (`adlcp:masteryscore`), if any.
    Sco { mastery: Option<Decimal> },
    /// It does not (SCORM 1.2 CAM §2.2.1): it is complete once it was shown.
    Asset,
}

/// How many objections are kept with a commit. The commit itself is kept as it came.
const MOST_OBJECTIONS: usize = 1000;

/// What a commit led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    pub state: ScoState,
    pub visit: Visit,
    /// In the order in which they are reported.
    pub happenings: Vec<Happening>,
    pub objections: Vec<Objection>,
}

/// Applies a commit that was received at `now` to a visit that has not ended.
pub(crate) fn evaluate(state: ScoState, visit: Visit, commit: &Commit, rules: &Rules, now: Timestamp) -> Evaluation {
    let mut after = Evaluation { state, visit, happenings: Vec::new(), objections: Vec::new() };
    after.visit.sequence = commit.sequence;
    after.visit.attend(commit.attended, now);
    // The learner has left already: what arrives now was sent before that, and resumes nothing.
    let gone = commit.left && !commit.terminated && after.visit.phase == Phase::Suspended;
    if gone {
        after.visit.phase = Phase::Running;
    } else if commit.initialized || commit.terminated || !commit.earlier.is_empty() || !commit.values.is_empty() {
        after.begin();
    }
    let score = after.state.score.clone();
    after.objections.extend(commit.refused.iter().cloned());
    let mut used = after.used_room();
    for values in commit.earlier.iter().chain([&commit.values]) {
        after.replace_interactions(values, &mut used);
        for (element, value) in values {
            match after.check(element, value, &mut used) {
                Ok(()) => after.set(element, value, now),
                Err(reason) => after.objections.push(Objection::new(element, value, reason)),
            }
        }
    }
    after.count_time(now);
    after.report_answers();
    after.report_comments();
    if after.state.score != score && after.state.score.raw.is_some() {
        after.happenings.push(Happening::Scored);
    }
    let end = match (commit.terminated, commit.left) {
        (true, _) if after.visit.exit == "suspend" => End::Suspended,
        (true, _) => End::Finished,
        (false, true) => End::Suspended,
        (false, false) => End::No,
    };
    oddity::observe(&mut after, &commit.all_values(), end, rules, now);
    if after.visit.phase == Phase::Running {
        let reached = after.reached(end, rules);
        after.reach(reached, rules);
    }
    if commit.terminated {
        after.end();
    } else if commit.left && after.visit.phase == Phase::Running {
        after.visit.phase = Phase::Suspended;
        after.happenings.extend((!gone).then_some(Happening::Suspended));
    }
    after.objections.truncate(MOST_OBJECTIONS);
    after
}

/// Suspends a running visit that did not end by itself. `None` when there is nothing to suspend.
pub(crate) fn suspend(state: ScoState, visit: Visit, rules: &Rules, now: Timestamp) -> Option<Evaluation> {
    if visit.phase != Phase::Running {
        return None;
    }
    let mut after = Evaluation { state, visit, happenings: Vec::new(), objections: Vec::new() };
    oddity::observe(&mut after, &BTreeMap::new(), End::Suspended, rules, now);
    let reached = after.reached(End::Suspended, rules);
    after.reach(reached, rules);
    after.visit.phase = Phase::Suspended;
    after.happenings.push(Happening::Suspended);
    Some(after)
}

/// Whether a commit is the last of its visit, and how content is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    No,
    /// To be continued.
    Suspended,
    /// For good (`LMSFinish` without `cmi.core.exit` "suspend").
    Finished,
}

impl Evaluation {
    fn begin(&mut self) {
        let happening = match (self.visit.phase, self.visit.entry) {
            (Phase::Running | Phase::Ended, _) => return,
            (Phase::Suspended, _) | (Phase::Opened, EntryMode::Resume) => Happening::Resumed,
            (Phase::Opened, EntryMode::AbInitio | EntryMode::Again) => Happening::Initialized,
        };
        self.happenings.push(happening);
        self.visit.phase = Phase::Running;
        self.state.begun = true;
        self.state.finished = false;
        if self.state.latest.is_none_or(|(visit, _)| visit != self.visit.id) {
            self.state.earlier = self.state.total_time();
            self.state.latest = Some((self.visit.id, Hundredths::default()));
        }
    }

    /// How much room the values of lists take; see [`model::room`].
    fn used_room(&self) -> usize {
        let objectives: usize = self.state.values.iter().map(|(element, value)| model::cost(element, value)).sum();
        objectives + self.visit.answers.values().map(room_of).sum::<usize>()
    }

    /// Checks a value against the data model, and that there is room for it beside what takes `used` already.
    fn check(&self, element: &str, value: &str, used: &mut usize) -> Result<(), Reason> {
        model::check(element, value)?;
        let former = match interaction(element) {
            Some((index, rest)) => self.visit.answers.get(&index).and_then(|answer| answer.values.get(rest)),
            None => self.state.values.get(element),
        };
        let freed = former.map_or(0, |former| model::cost(element, former));
        let after = used.saturating_sub(freed) + model::cost(element, value);
        if after > model::room() && after > *used {
            return Err(Reason::TooMany);
        }
        *used = after;
        Ok(())
    }

    /// Empties every interaction whose identifier changes, once it is reported: what was said of one question is never kept
    /// for another (RTE §3.4.2.7: an index is one entry of the journal, and its identifier says of which question).
    fn replace_interactions(&mut self, values: &BTreeMap<String, String>, used: &mut usize) {
        for (element, id) in values {
            let Some((index, "id")) = interaction(element) else { continue };
            let changes = |answer: &InteractionRecord| answer.values.get("id").is_some_and(|known| known != id);
            if model::check(element, id).is_ok()
                && self.visit.answers.get(&index).is_some_and(changes)
                && let Some(former) = self.visit.answers.insert(index, InteractionRecord::default())
            {
                *used = used.saturating_sub(room_of(&former));
                if former.is_unreported() {
                    self.happenings.push(Happening::Answered(former.interaction()));
                }
            }
        }
    }

    /// Stores a value that fits the data model.
    fn set(&mut self, element: &str, value: &str, now: Timestamp) {
        if let Some((index, rest)) = interaction(element) {
            self.visit.answers.entry(index).or_default().values.insert(rest.to_owned(), value.to_owned());
            return;
        }
        match element {
            "cmi.core.session_time" => self.claim_time(element, value, now),
            "cmi.core.exit" => value.clone_into(&mut self.visit.exit),
            "cmi.core.lesson_status" => {
                self.state.sets_status = true;
                self.visit.lesson_status = Some(value.to_owned());
            }
            "cmi.core.score.raw" => {
                self.state.score.raw = Decimal::read(value);
                self.state.best = self.state.score.raw.clone().max(self.state.best.take());
            }
            "cmi.core.score.min" => self.state.score.min = Decimal::read(value),
            "cmi.core.score.max" => self.state.score.max = Decimal::read(value),
            _ => drop(self.state.values.insert(element.to_owned(), value.to_owned())),
        }
    }

    /// The last session time counts, but time never runs backwards.
    fn claim_time(&mut self, element: &str, value: &str, now: Timestamp) {
        let claimed = Hundredths::from_cmi(value);
        if claimed > self.visit.claimed {
            self.visit.claimed_at = Some(now);
        }
        if claimed < self.visit.claimed {
            self.objections.push(Objection::new(element, value, Reason::WentBack));
        }
        self.visit.claimed = self.visit.claimed.max(claimed);
    }

    /// What content claims counts up to the server's clock and a minute; where it claims nothing, seat time counts.
    fn count_time(&mut self, now: Timestamp) {
        let most = Hundredths::of_seconds(seconds_between(self.visit.opened, now) + CLOCK_TOLERANCE);
        let claimed = self.visit.reported_time().unwrap_or(Hundredths::of_seconds(self.visit.seat));
        if claimed > most {
            let reported = claimed.to_cmi();
            self.objections.push(Objection::new("cmi.core.session_time", &reported, Reason::AheadOfClock));
        }
        if let Some((_, time)) = self.state.latest.as_mut().filter(|(visit, _)| *visit == self.visit.id) {
            *time = claimed.min(most);
        }
    }

    fn report_answers(&mut self) {
        for answer in self.visit.answers.values_mut().filter(|answer| answer.is_unreported()) {
            answer.reported = Some(answer.digest());
            self.happenings.push(Happening::Answered(answer.interaction()));
        }
    }

    fn report_comments(&mut self) {
        let Some(comments) = self.state.values.get("cmi.comments").filter(|text| !text.is_empty()) else { return };
        let digest = Some(Sha256::of(comments));
        if self.visit.comments != digest {
            self.visit.comments = digest;
            self.happenings.push(Happening::Commented(comments.clone()));
        }
    }

    /// The status that the visit has reached, decided by the score or by the content.
    ///
    /// The same facts lead to the same status in whatever order and commits they arrive: the best score judges, and with a
    /// mastery score nothing is final before there is a score or the visit ends.
    fn reached(&self, end: End, rules: &Rules) -> Status {
        let mastery = match rules {
            Rules::Asset => return Status::of("completed"),
            Rules::Sco { mastery } => mastery,
        };
        let claimed = self.visit.lesson_status.as_deref();
        let left = end == End::Finished;
        let is_verdict = matches!(claimed, Some("passed" | "completed" | "failed"));
        // RTE §3.4.2.1.6: with a mastery score and a score, the score decides, not the content. It decides once the
        // content calls itself done or is left: a score on the way through is no failure yet. Content that has a mastery
        // score in its manifest and reports no score decides by its own status, once it can report none any more.
        match (mastery, &self.state.best) {
            (Some(mastery), Some(best)) if left || is_verdict => {
                return Status::of(if best >= mastery { "passed" } else { "failed" });
            }
            (Some(_), None) if is_verdict && end == End::No => return Status::of("incomplete"),
            _ => {}
        }
        match claimed {
            Some(claimed) => Status::of(claimed),
            // The same section: content that has never set a status and is left normally is completed. Content that
            // stores its place or its state could have said so too: its silence is no completion.
            None if left && !self.state.sets_status && self.visit.exit != "time-out" && !oddity::has_stored(self) => {
                Status::of("completed")
            }
            None => Status::of("incomplete"),
        }
    }

    fn reach(&mut self, reached: Status, rules: &Rules) {
        let before = self.state.status;
        let after = before.best(reached);
        self.state.status = after;
        if after.success != Success::Unknown && after.success == reached.success {
            self.earn(after.success != before.success, rules);
        }
        if after.completion == Completion::Completed && before.completion != Completion::Completed {
            self.happenings.push(Happening::Completed);
        }
        match after.success {
            Success::Passed if before.success != Success::Passed => self.happenings.push(Happening::Passed),
            Success::Failed if before.success != Success::Failed => self.happenings.push(Happening::Failed),
            _ => {}
        }
    }

    /// Keeps the score with which the success was reached: the first time, and when it is reached again with a higher one.
    fn earn(&mut self, is_first: bool, rules: &Rules) {
        let judged = matches!(rules, Rules::Sco { mastery: Some(_) });
        let mut score = self.state.score.clone();
        if judged && score.raw != self.state.best {
            // The best score judges; the bounds that were reported with it are those of the content.
            score.raw.clone_from(&self.state.best);
        }
        let known = self.state.earned.as_ref().and_then(|earned| earned.raw.as_ref());
        if score.raw.is_some() && (is_first || known.is_none_or(|known| score.raw.as_ref() > Some(known))) {
            self.state.earned = Some(score);
        } else if is_first {
            self.state.earned = None;
        }
    }

    fn end(&mut self) {
        self.visit.phase = Phase::Ended;
        let normally = matches!(self.visit.exit.as_str(), "" | "logout");
        self.state.finished = normally && self.state.status.completion == Completion::Completed;
        let suspended = self.visit.exit == "suspend";
        self.happenings.push(if suspended { Happening::Suspended } else { Happening::Terminated });
    }
}

/// How many seconds a browser's clock may be ahead of the server's over one visit.
const CLOCK_TOLERANCE: u64 = 60;

fn room_of(answer: &InteractionRecord) -> usize {
    answer.values.values().map(|value| model::cost("cmi.interactions.", value)).sum()
}

/// `cmi.interactions.3.result` is the interaction 3 and `result`.
fn interaction(element: &str) -> Option<(u32, &str)> {
    let (index, rest) = element.strip_prefix("cmi.interactions.")?.split_once('.')?;
    Some((index.parse().ok()?, rest))
}
