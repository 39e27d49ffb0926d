//! What a stored statement says, as far as a decision needs it: an event of ours, what a SCO reported, or a void.

use crate::{Event, Fraction, Tier, event};
use base::scorm_profile;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use uuid::Uuid;
use xapi::StatementId;
use xapi::vocabulary::{extension, verb};

/// A statement, read. Members that no rule looks at are passed over.
#[derive(Debug, Deserialize)]
pub(super) struct Statement {
    actor: Agent,
    verb: Named,
    object: Object,
    #[serde(default)]
    result: StatementResult,
    #[serde(default)]
    context: Context,
    timestamp: Timestamp,
    authority: Option<Agent>,
}

#[derive(Debug, Deserialize)]
struct Agent {
    account: Option<Account>,
}

#[derive(Debug, Deserialize)]
struct Account {
    #[serde(rename = "homePage")]
    home_page: String,
    name: String,
}

#[derive(Debug, Deserialize)]
struct Named {
    id: String,
}

#[derive(Debug, Deserialize)]
struct Object {
    #[serde(rename = "objectType")]
    kind: Option<String>,
    id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct StatementResult {
    completion: Option<bool>,
    success: Option<bool>,
    score: Option<Score>,
    #[serde(default)]
    extensions: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
struct Score {
    scaled: Option<serde_json::Number>,
}

#[derive(Debug, Default, Deserialize)]
struct Context {
    registration: Option<Uuid>,
    revision: Option<String>,
    #[serde(default, rename = "contextActivities")]
    activities: ContextActivities,
    #[serde(default)]
    extensions: Map<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
struct ContextActivities {
    /// One activity or many (Part 2 §2.4.6.2); read as it comes.
    #[serde(default)]
    grouping: Value,
    #[serde(default)]
    category: Value,
}

/// What a SCO reported: a statement of the xAPI SCORM Profile that the run-time authored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ScoReport {
    /// The identifier of the item in its manifest.
    pub item: String,
    pub session: String,
    pub tier: Tier,
    /// The SCO was completed, by its status or by the server's own evaluation.
    pub completed: bool,
    pub success: Option<bool>,
    pub score: Option<Fraction>,
    /// Seconds that the server saw, and that the content says, this session took so far.
    pub seat_seconds: Option<u64>,
    pub client_seconds: Option<u64>,
}

impl Statement {
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// The statement that this one voids (Part 2 §2.3.2).
    pub(super) fn voids(&self) -> Option<StatementId> {
        let refers = self.verb.id == verb::VOIDED && self.object.kind.as_deref() == Some("StatementRef");
        let target = self.object.id.as_deref().filter(|_| refers)?;
        target.parse().ok().map(StatementId)
    }

    /// Whether the server at `base` vouches for it: it set this authority itself, no client can.
    pub(super) fn is_ours(&self, base: &str) -> bool {
        let account = self.authority.as_ref().and_then(|authority| authority.account.as_ref());
        account.is_some_and(|account| event::is_authority(base, &account.home_page, &account.name))
    }

    /// Whether it is about this learner.
    pub(super) fn is_about(&self, base: &str, learner: Uuid) -> bool {
        self.actor.is(base, &learner.to_string())
    }

    pub(super) fn registration(&self) -> Option<Uuid> {
        self.context.registration
    }

    pub(super) fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    /// Whether it belongs to this version of this activity.
    pub(super) fn is_within(&self, activity: &str, version: u32) -> bool {
        self.context.revision.as_deref() == Some(version.to_string().as_str())
            && ids(&self.context.activities.grouping).contains(activity)
    }

    /// The event of ours that it carries.
    pub(super) fn event(&self) -> Option<Event> {
        let event = Event::deserialize(self.result.extensions.get(extension::EVENT)?).ok()?;
        // What was not known when this set was released is no evidence to it.
        (!event.is_since_2026_2()).then_some(event)
    }

    /// What a SCO reported with it.
    pub(super) fn sco(&self) -> Option<ScoReport> {
        if !ids(&self.context.activities.category).contains(scorm_profile::CATEGORY) {
            return None;
        }
        let text = |name| self.context.extensions.get(name).and_then(Value::as_str).map(str::to_owned);
        let seconds = |name| self.result.extensions.get(name).and_then(Value::as_u64);
        let tier = self.context.extensions.get(extension::TIER).and_then(|tier| Tier::deserialize(tier).ok());
        let verb = self.verb.id.as_str();
        let completes = matches!(verb, scorm_profile::verb::COMPLETED | scorm_profile::verb::PASSED);
        Some(ScoReport {
            item: text(extension::ITEM)?,
            session: text(extension::SESSION)?,
            tier: tier.unwrap_or(Tier::T1),
            completed: self.result.completion.unwrap_or(completes),
            success: self.result.success,
            score: self.scaled(),
            seat_seconds: seconds(extension::SEAT_SECONDS),
            client_seconds: seconds(extension::CLIENT_SECONDS),
        })
    }

    fn scaled(&self) -> Option<Fraction> {
        Fraction::truncated(&self.result.score.as_ref()?.scaled.as_ref()?.to_string())
    }
}

impl Agent {
    fn is(&self, home_page: &str, name: &str) -> bool {
        self.account.as_ref().is_some_and(|account| account.home_page == home_page && account.name == name)
    }
}

/// The ids of one activity or of a list of them.
fn ids(activities: &Value) -> BTreeSet<&str> {
    let one = std::slice::from_ref(activities);
    let all = activities.as_array().map_or(one, Vec::as_slice);
    all.iter().filter_map(|activity| activity.get("id")?.as_str()).collect()
}
