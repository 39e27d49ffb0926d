//! Rule sets: everything that decides about credit, a folder for each set.
//!
//! A rule set has a name and the day from which it is in force. It defines which statements of a log count as evidence, and decides on a
//! credit offering over that evidence. A registration is decided always by the set that was in force when it began: the
//! statement that registers the learner names it ([`pinned`]), and so does the evidence bundle of every credit. Verifying
//! recomputes a credit by the set that its bundle names.
//!
//! **A released set is frozen.** A test replays its recorded decisions (`fixtures/decision/`) and fails when one byte differs.
//! Changed rules are a new set:
//!
//! 1. Copy the newest folder to the new name, give it its name and day, and change the rules there. Add it to
//!    [`RuleSets::released`].
//! 2. Copy `fixtures/decision/` of that set without `decisions.jsonl`, and point the new folder's tests at it.
//! 3. Write its table once, before its release: `cargo test -p enduring-credit r2027_1 -- --ignored write_the_table`. The test
//!    refuses to write over a table that exists.

mod r2026_1;
mod r2026_2;

use crate::evidence::{Evidence, Facts, LoggedStatement};
use crate::{ActiveCredit, Decision, Offering, event};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use uuid::Uuid;
use xapi::vocabulary::extension;

/// The name of a rule set, such as `2026.1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String")]
pub struct RuleSetName(Cow<'static, str>);

impl RuleSetName {
    /// The first rule set. A registration that names none is decided by it.
    pub const FIRST: Self = Self(Cow::Borrowed("2026.1"));
    /// How the first releases spelled it. Bundles with that spelling are signed and stay as they are.
    const FIRST_BEFORE: &'static str = "2026-1";
}

impl Default for RuleSetName {
    fn default() -> Self {
        Self::FIRST
    }
}

impl From<String> for RuleSetName {
    fn from(name: String) -> Self {
        if name == Self::FIRST_BEFORE { Self::FIRST } else { Self(name.into()) }
    }
}

impl fmt::Display for RuleSetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Folds the log of one registration, in its order, into evidence.
pub type Fold = fn(&Facts<'_>, &[LoggedStatement<&[u8]>]) -> Evidence;

/// Decides on one offering, given the learner's other credits.
pub type Decide = fn(&Facts<'_>, &Offering, &Evidence, &[ActiveCredit]) -> Decision;

/// A rule set.
#[derive(Debug, Clone)]
pub struct RuleSet {
    pub name: RuleSetName,
    /// The first day, where the provider is, on which registrations begin under it.
    pub from: Date,
    pub fold: Fold,
    pub decide: Decide,
}

impl RuleSet {
    /// What `log` proves.
    pub fn fold<B: AsRef<[u8]>>(&self, facts: &Facts<'_>, log: &[LoggedStatement<B>]) -> Evidence {
        let borrowed = log.iter().map(|LoggedStatement { seq, id, stored, bytes }| {
            let (seq, id, stored) = (*seq, *id, *stored);
            LoggedStatement { seq, id, stored, bytes: bytes.as_ref() }
        });
        (self.fold)(facts, &borrowed.collect::<Vec<_>>())
    }

    /// What follows from `evidence` for `offering`.
    pub fn decide(
        &self,
        facts: &Facts<'_>,
        offering: &Offering,
        evidence: &Evidence,
        credits: &[ActiveCredit],
    ) -> Decision {
        (self.decide)(facts, offering, evidence, credits)
    }
}

/// Why no decision can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the rule set {0} is not part of this program; use a release that has it")]
    Unknown(RuleSetName),
}

/// The rule sets that a program has, in the order of their days.
#[derive(Debug, Clone)]
pub struct RuleSets {
    first: RuleSet,
    later: Vec<RuleSet>,
}

impl RuleSets {
    /// Those of this release.
    pub fn released() -> Self {
        Self { first: r2026_1::rule_set(), later: vec![r2026_2::rule_set()] }
    }

    /// These and `newer`, which is in force from its day on.
    #[must_use]
    pub fn with(mut self, newer: RuleSet) -> Self {
        self.later.push(newer);
        self.later.sort_by_key(|set| set.from);
        self
    }

    /// The set under which a registration begins on `day`: the latest that is in force by then. Before the day of the first
    /// one there was no other.
    pub fn in_force(&self, day: Date) -> &RuleSet {
        self.later.iter().rev().find(|set| set.from <= day).unwrap_or(&self.first)
    }

    /// The set of this name.
    pub fn named(&self, name: &RuleSetName) -> Result<&RuleSet, Error> {
        let mut all = std::iter::once(&self.first).chain(&self.later);
        all.find(|set| set.name == *name).ok_or_else(|| Error::Unknown(name.clone()))
    }

    /// The set that decides about the registration of this log.
    pub fn of<B: AsRef<[u8]>>(&self, facts: &Facts<'_>, log: &[LoggedStatement<B>]) -> Result<&RuleSet, Error> {
        self.named(&pinned(facts, log))
    }
}

/// The name of the rule set under which a registration began: the one that the first statement of this server that registers
/// the learner names. A later statement, or a void, does not change it; a statement that names none is older than the second rule set.
pub fn pinned<B: AsRef<[u8]>>(facts: &Facts<'_>, log: &[LoggedStatement<B>]) -> RuleSetName {
    let mut beginnings = log.iter().filter_map(|logged| serde_json::from_slice(logged.bytes.as_ref()).ok());
    beginnings.find_map(|statement: Beginning| statement.rules(facts)).unwrap_or_default()
}

/// The highest number that an attempt at the assessment ever had in this log, voided ones included.
pub fn highest_attempt<B: AsRef<[u8]>>(facts: &Facts<'_>, log: &[LoggedStatement<B>]) -> u32 {
    let statements = log.iter().filter_map(|logged| serde_json::from_slice::<Beginning>(logged.bytes.as_ref()).ok());
    let numbers = statements.filter_map(|statement| {
        let event = statement.event(facts).filter(|event| event.get("kind").is_some_and(|kind| kind == "assessed"))?;
        u32::try_from(event.get("attempt")?.as_u64()?).ok()
    });
    numbers.max().unwrap_or(0)
}

/// A statement, as far as it may name a rule set or an attempt.
#[derive(Deserialize)]
struct Beginning {
    authority: Agent,
    context: Context,
    result: Outcome,
}

#[derive(Deserialize)]
struct Agent {
    account: Account,
}

#[derive(Deserialize)]
struct Account {
    #[serde(rename = "homePage")]
    home_page: String,
    name: String,
}

#[derive(Deserialize)]
struct Context {
    registration: Uuid,
    #[serde(default)]
    extensions: serde_json::Map<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct Outcome {
    extensions: serde_json::Map<String, serde_json::Value>,
}

impl Beginning {
    /// The event of ours that it carries, if this server's authority vouches for it in this registration.
    fn event(&self, facts: &Facts<'_>) -> Option<&serde_json::Value> {
        let Account { home_page, name } = &self.authority.account;
        let ours = event::is_authority(facts.base, home_page, name) && self.context.registration == facts.registration;
        self.result.extensions.get(extension::EVENT).filter(|_| ours)
    }

    /// The rule set that it names, if this server's authority says that the registration began.
    fn rules(&self, facts: &Facts<'_>) -> Option<RuleSetName> {
        let event = self.event(facts)?;
        if event.get("kind").and_then(serde_json::Value::as_str) != Some("registered") {
            return None;
        }
        let named = self.context.extensions.get(extension::RULE_SET);
        Some(named.and_then(|name| RuleSetName::deserialize(name).ok()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn later(name: &str, from: Date) -> RuleSet {
        RuleSet { name: name.to_owned().into(), from, ..r2026_1::rule_set() }
    }

    #[test]
    fn a_registration_begins_under_the_latest_set_in_force() {
        let sets = RuleSets::released().with(later("2028.1", date(2028, 1, 1))).with(later("2027.1", date(2027, 1, 1)));
        for (day, name) in [
            (date(2020, 1, 1), "2026.1"),
            (date(2026, 11, 29), "2026.1"),
            (date(2026, 11, 30), "2026.2"),
            (date(2026, 12, 31), "2026.2"),
            (date(2027, 1, 1), "2027.1"),
            (date(2027, 12, 31), "2027.1"),
            (date(2028, 1, 1), "2028.1"),
        ] {
            assert_eq!(sets.in_force(day).name.to_string(), name, "{day}");
        }
        assert!(sets.named(&"2027.1".to_owned().into()).is_ok());
        let unknown = sets.named(&"2029.1".to_owned().into()).unwrap_err().to_string();
        assert_eq!(unknown, "the rule set 2029.1 is not part of this program; use a release that has it");
    }

    #[test]
    fn the_former_spelling_names_the_same_set() {
        for written in ["\"2026-1\"", "\"2026.1\""] {
            assert_eq!(serde_json::from_str::<RuleSetName>(written).unwrap(), RuleSetName::FIRST);
        }
        assert_eq!(serde_json::to_string(&RuleSetName::FIRST).unwrap(), "\"2026.1\"");
        assert_ne!(RuleSetName::from("2027-1".to_owned()), RuleSetName::from("2027.1".to_owned()));
    }
}
