//! What the server stores about a learner's progress in one SCO, and about one visit to it.

use super::interaction::InteractionRecord;
use crate::seat_time;
use crate::session::{EntryMode, Phase};
use crate::status::Status;
use crate::time::Hundredths;
use base::decimal::Decimal;
use base::hash::Sha256;
use base::observation::Observation;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A score as content reported it, each part 0 to 100 (RTE §3.4.2.1.8).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    pub raw: Option<Decimal>,
    pub min: Option<Decimal>,
    pub max: Option<Decimal>,
}

/// What the server stores about one learner's progress in one SCO.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoState {
    /// What content set and may read again, by full element names.
    pub values: BTreeMap<String, String>,
    /// The best status that was reached, which no later commit revokes.
    pub status: Status,
    /// The score reported last.
    pub score: Score,
    /// The highest raw score reported.
    pub best: Option<Decimal>,
    /// The score that earned the success in `status`: what statements report with it, whatever is reported later.
    #[serde(default)]
    pub earned: Option<Score>,
    /// Whether content was ever started.
    pub begun: bool,
    /// Whether content has ever set a status itself.
    #[serde(rename = "spoken")]
    pub sets_status: bool,
    /// Whether the last visit ended finished, so that the next one does not resume.
    pub finished: bool,
    /// Of all visits before the latest.
    pub earlier: Hundredths,
    /// The latest visit that content was started in, and its time so far.
    pub latest: Option<(Uuid, Hundredths)>,
}

impl ScoState {
    /// How content is entered now. Resuming is offered unless the last visit ended normally *and* the SCO is complete:
    /// many tools never say `suspend`, and nobody should lose their place for it.
    pub fn entry(&self) -> EntryMode {
        match (self.begun, self.finished) {
            (false, _) => EntryMode::AbInitio,
            (true, false) => EntryMode::Resume,
            (true, true) => EntryMode::Again,
        }
    }

    /// `cmi.core.total_time`: of all visits so far.
    pub fn total_time(&self) -> Hundredths {
        self.latest.map_or(self.earlier, |(_, time)| self.earlier.plus(time))
    }
}

/// Visits of before were stored without it, and are believed.
fn was_delivered() -> bool {
    true
}

/// One visit to one SCO: from a launch to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The play session.
    pub id: Uuid,
    pub entry: EntryMode,
    pub phase: Phase,
    pub opened: Timestamp,
    /// The sequence of the last commit that was stored; 0 before the first.
    pub sequence: u64,
    /// Seconds in which the server saw the content in view.
    pub seat: u64,
    /// When seat time was last counted.
    pub counted: Timestamp,
    /// The session time as content reported it.
    pub claimed: Option<Hundredths>,
    /// When content first reported that session time.
    #[serde(default)]
    pub claimed_at: Option<Timestamp>,
    /// Whether the server has delivered the file that starts the item. Without it, no attention counts as seat time.
    #[serde(default = "was_delivered")]
    pub delivered: bool,
    /// What the server noticed.
    #[serde(default)]
    pub observations: BTreeSet<Observation>,
    /// The session time of earlier loads of the page in this visit: content counts from zero in each.
    #[serde(default)]
    pub claimed_before: Option<Hundredths>,
    /// The `cmi.core.lesson_status` that content set in this visit.
    pub lesson_status: Option<String>,
    /// The `cmi.core.exit` that content set in this visit.
    pub exit: String,
    /// The interactions of this visit, by their index.
    pub answers: BTreeMap<u32, InteractionRecord>,
    /// The SHA-256 of the comments that a statement last reported.
    pub comments: Option<Sha256>,
}

/// How far clocks of several servers may be apart. A visit whose instants are further ahead began before a clock was set back.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(1);

impl Visit {
    /// A visit that begins now.
    pub fn new(id: Uuid, entry: EntryMode, now: Timestamp) -> Self {
        Self {
            id,
            entry,
            phase: Phase::Opened,
            opened: now,
            sequence: 0,
            seat: 0,
            counted: now,
            claimed: None,
            claimed_at: None,
            delivered: false,
            observations: BTreeSet::new(),
            claimed_before: None,
            lesson_status: None,
            exit: String::new(),
            answers: BTreeMap::new(),
            comments: None,
        }
    }

    /// The page was loaded again within the visit: content starts once more, and counts its time from zero.
    pub fn load_again(&mut self) {
        self.claimed_before = self.reported_time();
        self.claimed = None;
    }

    /// The session time as content reported it, over all loads.
    pub(crate) fn reported_time(&self) -> Option<Hundredths> {
        match (self.claimed_before, self.claimed) {
            (Some(before), Some(now)) => Some(before.plus(now)),
            (before, now) => before.or(now),
        }
    }

    /// Counts seat time: what the browser says was attended, never more than has passed since it was last counted, and
    /// never more than one heartbeat counts for; and nothing before content was delivered, since there was nothing to see.
    pub fn attend(&mut self, attended: u64, now: Timestamp) {
        self.realign(now);
        if attended == 0 || !self.delivered {
            return;
        }
        self.seat += seat_time::credible(attended, self.counted, now);
        self.counted = self.counted.max(now);
    }

    /// Moves the visit's instants back with a clock that was set back: otherwise no time would pass until it has caught up. What
    /// has passed so far stays as it was measured.
    fn realign(&mut self, now: Timestamp) {
        let last = self.counted.max(self.opened).max(self.claimed_at.unwrap_or(self.opened));
        let ahead = last.duration_since(now);
        if ahead > CLOCKS_DIFFER {
            for instant in [&mut self.opened, &mut self.counted].into_iter().chain(&mut self.claimed_at) {
                *instant = instant.saturating_sub(ahead).unwrap_or(now);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attention_without_content_is_no_seat_time() {
        let start: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let mut visit = Visit::new(Uuid::nil(), EntryMode::AbInitio, start);
        visit.attend(30, start + jiff::SignedDuration::from_secs(30));
        assert_eq!(visit.seat, 0);
    }

    #[test]
    fn seat_time_never_outruns_the_servers_clock_nor_a_heartbeat() {
        let start: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let at = |seconds| start + jiff::SignedDuration::from_secs(seconds);
        for (beats, seat) in [
            (vec![(30, 30), (60, 30)], 60),
            (vec![(30, 3600)], 30),
            (vec![(3600, 3600)], 60),
            (vec![(30, 30), (31, 30), (32, 30)], 32),
            (vec![(30, 0), (60, 30)], 30),
            (vec![(30, 30), (10, 30)], 30),
            // The clock was an hour ahead for one heartbeat.
            (vec![(30, 30), (3660, 30), (90, 30), (120, 30), (150, 30)], 120),
        ] {
            let mut visit = Visit { delivered: true, ..Visit::new(Uuid::nil(), EntryMode::AbInitio, start) };
            for (second, attended) in &beats {
                visit.attend(*attended, at(*second));
            }
            assert_eq!(visit.seat, seat, "{beats:?}");
        }
    }
}
