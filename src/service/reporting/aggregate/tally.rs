//! Counting a group: incrementally, exactly, and in bounded memory.

use super::key::{at, ifi};
use base::decimal::Decimal;
use std::collections::HashSet;
use xapi::fixed::Fixed;
use xapi::json::{Kind, Value};
use xapi::{Token, duration, token};

/// What can be computed besides the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// How many different actors.
    Actors,
    /// `result.score.scaled`.
    Score,
    /// `result.duration`.
    Duration,
}

impl Measure {
    /// Their names in requests.
    pub const NAMES: [(&'static str, Self); 3] =
        [("actors", Self::Actors), ("score", Self::Score), ("duration", Self::Duration)];
}

/// What was counted in one group. Numbers are written as JSON writes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// How many statements.
    pub count: u64,
    pub actors: Option<u64>,
    pub score: Option<Scores>,
    pub duration: Option<Durations>,
}

/// The scaled scores of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scores {
    /// How many statements have one.
    pub count: u64,
    pub average: Option<String>,
    /// With every digit that its sender wrote.
    pub min: Option<String>,
    pub max: Option<String>,
}

/// The durations of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Durations {
    /// How many statements have one that can be counted.
    pub count: u64,
    /// How many have one that cannot be counted, since it has years or months.
    pub uncertain: u64,
    /// Their sum.
    pub seconds: String,
    pub average: Option<String>,
}

/// A group while it is being counted.
#[derive(Debug, Default)]
pub(super) struct RunningTally {
    count: u64,
    actors: HashSet<Token>,
    scores: u64,
    score: Fixed,
    lowest: Option<(Decimal, String)>,
    highest: Option<(Decimal, String)>,
    durations: u64,
    uncertain: u64,
    seconds: Fixed,
}

/// Approximately how many bytes one actor uses in memory.
const ACTOR_BYTES: usize = 32;

impl RunningTally {
    /// Counts one statement; returns approximately how many bytes of memory it used.
    pub(super) fn add(&mut self, root: Value<'_>, measures: &[Measure]) -> usize {
        self.count += 1;
        measures.iter().map(|measure| self.measure(root, *measure)).sum()
    }

    fn measure(&mut self, root: Value<'_>, measure: Measure) -> usize {
        match measure {
            Measure::Actors => {
                let actor = root.get("actor").and_then(ifi).map(|ifi| token::agent(&ifi));
                if actor.is_some_and(|actor| self.actors.insert(actor)) { ACTOR_BYTES } else { 0 }
            }
            Measure::Score => {
                if let Some(scaled) = at(root, &["result", "score", "scaled"]) {
                    self.score(scaled);
                }
                0
            }
            Measure::Duration => {
                if let Some(text) = at(root, &["result", "duration"]).and_then(Value::string) {
                    self.duration(&text);
                }
                0
            }
        }
    }

    fn score(&mut self, scaled: Value<'_>) {
        let raw = scaled.raw();
        let sum =
            Some(raw).filter(|_| scaled.kind() == Kind::Number).and_then(Fixed::of).and_then(|it| self.score.plus(it));
        let Some(sum) = sum else { return };
        (self.score, self.scores) = (sum, self.scores + 1);
        let value = Decimal::of(raw);
        if self.lowest.as_ref().is_none_or(|(lowest, _)| value < *lowest) {
            self.lowest = Some((value.clone(), raw.to_owned()));
        }
        if self.highest.as_ref().is_none_or(|(highest, _)| value > *highest) {
            self.highest = Some((value, raw.to_owned()));
        }
    }

    fn duration(&mut self, text: &str) {
        match duration::seconds(text).and_then(|length| self.seconds.plus(length)) {
            Some(sum) => (self.seconds, self.durations) = (sum, self.durations + 1),
            None => self.uncertain += 1,
        }
    }

    /// The result.
    pub(super) fn finish(self, measures: &[Measure]) -> Tally {
        let requested = |measure| measures.contains(&measure);
        let text = |number: Fixed| number.to_string();
        Tally {
            count: self.count,
            actors: requested(Measure::Actors).then(|| u64::try_from(self.actors.len()).unwrap_or(u64::MAX)),
            score: requested(Measure::Score).then(|| Scores {
                count: self.scores,
                average: self.score.mean(self.scores).map(text),
                min: self.lowest.map(|(_, raw)| raw),
                max: self.highest.map(|(_, raw)| raw),
            }),
            duration: requested(Measure::Duration).then(|| Durations {
                count: self.durations,
                uncertain: self.uncertain,
                seconds: text(self.seconds),
                average: self.seconds.mean(self.durations).map(text),
            }),
        }
    }
}
