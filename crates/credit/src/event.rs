//! What happens to a learner, as xAPI statements: the one place where an event becomes a statement and is read back.
//!
//! The standard's own members (`result.score`, `result.response` …) report to every xAPI tool what happened; the extension
//! [`extension::EVENT`] carries the event itself, exactly, and is what is read back. Actors are opaque accounts: no name,
//! email address or license is ever in a statement.

use super::{Activity, ChoiceId, Credits, Fraction, ItemId, OfferingId, Profession, RuleSetName};
use base::hash::Sha256;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fmt;
use uuid::Uuid;
use xapi::instant;
use xapi::vocabulary::{activity_type, extension, iri, verb};

/// Something that happened to a learner in one registration, and that a decision can rest on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// The learner was registered for a version of the activity.
    Registered { version: u32, document: Sha256, identity: Identity },
    /// The front matter was shown.
    Informed { shown: BTreeSet<FrontMatterPart>, document: Sha256 },
    /// One item of the assessment was answered; graded by the server.
    Answered { attempt: u32, item: ItemId, chosen: BTreeSet<ChoiceId>, correct: bool },
    /// An attempt at the assessment was graded by the server.
    Assessed(AttemptResult),
    /// Feedback on an attempt was shown.
    FeedbackShown { attempt: u32 },
    /// The evaluation form was submitted.
    Evaluated { answers: Vec<EvaluationAnswer> },
    /// An amount of credit was claimed.
    Claimed { offering: OfferingId, amount: Credits, attested: bool },
    /// A person recorded a decision about integrity signals.
    Settled { signals: BTreeSet<String>, by: Uuid, verdict: Verdict, reason: String },
    /// A person let the learner take the assessment once more than the attempt policy says.
    AttemptGranted { by: Uuid, reason: String },
    /// A person began this registration, since `from` came to an end without a way on.
    Restarted { from: Uuid, by: Uuid, reason: String },
    /// Two people awarded credit by hand, as completed on a day.
    Awarded { offering: OfferingId, amount: Credits, completed: Date, approval: JointDecision },
}

impl Event {
    /// Who did it, where it is a person of the CME office and not the learner.
    pub fn by(&self) -> Option<Uuid> {
        match self {
            Self::Settled { by, .. } | Self::AttemptGranted { by, .. } | Self::Restarted { by, .. } => Some(*by),
            Self::Awarded { approval, .. } => Some(approval.proposed_by),
            _ => None,
        }
    }

    /// Whether only rule sets since `2026.2` know it; to earlier ones it is no evidence.
    pub(crate) fn is_since_2026_2(&self) -> bool {
        matches!(self, Self::AttemptGranted { .. } | Self::Restarted { .. } | Self::Awarded { .. })
    }
}

/// An act that takes or gives credit by hand: one person proposed it, and another approved it. Both by their accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JointDecision {
    pub proposed_by: Uuid,
    /// Why, in the words of the one who proposed it.
    pub reason: String,
    pub approved_by: Uuid,
    /// Why the other agreed.
    pub approval_reason: String,
}

/// Who the learner was when they were registered, as far as a decision needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    pub assurance: Assurance,
    /// Whether a certificate can be made out to a name.
    pub named: bool,
    pub profession: Profession,
}

/// Who vouches for a learner's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Assurance {
    /// Nobody: a sign-in link for trying the product out. Earns credit in a sample only.
    Demo,
    /// A portal that signed the learner in.
    Portal,
    /// A system that registered the learner with its credential.
    Credential,
}

/// A part of the front matter that must have been shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FrontMatterPart {
    Accreditation,
    Dates,
    Objectives,
    /// Faculty, their relationships, and the statement that these were mitigated (V3).
    Disclosures,
    /// That there was commercial support and by whom, or that there was none (V4).
    CommercialSupport,
    /// The minimum performance level and the attempts allowed (V5).
    PassRule,
    /// How to complete the activity (V5).
    Completion,
}

impl FrontMatterPart {
    /// All that a complete information page shows.
    pub const ALL: [Self; 7] = [
        Self::Accreditation,
        Self::Dates,
        Self::Objectives,
        Self::Disclosures,
        Self::CommercialSupport,
        Self::PassRule,
        Self::Completion,
    ];
}

/// The result of a graded attempt at the assessment (trust tier T2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttemptResult {
    /// 1, 2, 3 …
    pub attempt: u32,
    pub correct: u32,
    pub total: u32,
    /// The minimum of the assessment at that time, as the learner was informed.
    pub minimum: Fraction,
    pub passed: bool,
    /// From showing the items to receiving the answers, by the server's clock.
    pub seconds: u64,
    /// Of the responses as canonical JSON; see [`super::assessment::digest`].
    pub responses: Sha256,
}

/// A learner's response to one item of the evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationAnswer {
    pub item: ItemId,
    pub response: String,
}

/// What a person decided about integrity signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// There is an explanation; the hold is lifted.
    Accepted,
    /// The evidence is not trusted; no credit rests on it.
    Upheld,
}

/// How far a piece of evidence can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Tier {
    /// Stated by a person.
    T0,
    /// Claimed by the browser.
    T1,
    /// Recomputed or graded by the server.
    T2,
    /// T2, plus identity and time checks.
    T3,
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// What an event happened in: one learner's registration for one version of an activity.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The server's own address, the root of every IRI.
    pub base: &'a str,
    pub activity: &'a Activity,
    pub version: u32,
    /// Of that version's document.
    pub document: Sha256,
    pub learner: Uuid,
    pub registration: Uuid,
    /// The rule set in force when the registration began. The statement that registers the learner names it.
    pub rules: &'a RuleSetName,
}

impl Subject<'_> {
    /// The activity's IRI.
    pub fn iri(&self) -> String {
        iri::activity(self.base, &self.activity.id)
    }

    /// The actor of statements about an account.
    pub fn agent(&self, account: Uuid) -> Value {
        json!({"objectType": "Agent", "account": {"homePage": self.base, "name": account.to_string()}})
    }
}

/// The account name of the server's own authority, at the server's own address. It is set on every statement when it is
/// stored, so that nobody else can claim it.
pub const AUTHORITY: &str = "enduring";

/// Whether the account `name` at `home_page` is the authority of the server at `base`. Only what it vouches for is evidence.
pub(crate) fn is_authority(base: &str, home_page: &str, name: &str) -> bool {
    home_page == base && name == AUTHORITY
}

/// The members of a statement beside the event, by which other tools understand it.
struct StatementForm {
    verb: (&'static str, &'static str),
    object: (String, &'static str),
    tier: Tier,
    result: Map<String, Value>,
}

impl Event {
    /// This event as a statement without an id, which happened at `at`.
    pub fn statement(&self, subject: &Subject<'_>, at: Timestamp) -> Value {
        let StatementForm { verb: (verb, display), object: (object, kind), tier, mut result } = self.form(subject);
        result.insert("extensions".to_owned(), json!({ extension::EVENT: self }));
        let mut definition = members([("type", json!(kind))]);
        let mut extensions = members([
            (extension::ACTIVITY_VERSION, json!(subject.version)),
            (extension::DOCUMENT, json!(subject.document)),
            (extension::TIER, json!(tier.to_string())),
        ]);
        if matches!(self, Self::Registered { .. }) {
            let name = json!({ subject.activity.language.as_str(): subject.activity.title });
            definition.insert("name".to_owned(), name);
            extensions.insert(extension::RULE_SET.to_owned(), json!(subject.rules));
        }
        json!({
            "actor": subject.agent(self.by().unwrap_or(subject.learner)),
            "verb": {"id": verb, "display": {"en": display}},
            "object": {"objectType": "Activity", "id": object, "definition": definition},
            "result": result,
            "context": {
                "registration": subject.registration,
                "revision": subject.version.to_string(),
                "platform": "Enduring",
                "contextActivities": {"grouping": [{"objectType": "Activity", "id": subject.iri()}]},
                "extensions": extensions,
            },
            "timestamp": instant(at),
        })
    }

    fn form(&self, subject: &Subject<'_>) -> StatementForm {
        let activity = subject.iri();
        let form = |verb, display, object, kind, tier, result| StatementForm {
            verb: (verb, display),
            object: (object, kind),
            tier,
            result,
        };
        match self {
            Self::Registered { .. } => {
                form(verb::REGISTERED, "was registered for", activity, activity_type::ACTIVITY, Tier::T2, Map::new())
            }
            Self::Informed { .. } => {
                let object = iri::front_matter(&activity);
                form(verb::VIEWED, "viewed", object, activity_type::FRONT_MATTER, Tier::T2, Map::new())
            }
            Self::Answered { item, chosen, correct, .. } => {
                let response: Vec<_> = chosen.iter().map(ChoiceId::as_str).collect();
                let result = members([("success", json!(correct)), ("response", json!(response.join("[,]")))]);
                let object = iri::assessment_item(&activity, item.as_str());
                form(verb::ANSWERED, "answered", object, activity_type::INTERACTION, Tier::T2, result)
            }
            Self::Assessed(assessed) => {
                let (verb, display) = if assessed.passed { (verb::PASSED, "passed") } else { (verb::FAILED, "failed") };
                let object = iri::assessment(&activity);
                form(verb, display, object, activity_type::ASSESSMENT, Tier::T2, assessed.result())
            }
            Self::FeedbackShown { .. } => {
                let object = iri::assessment(&activity);
                form(verb::VIEWED, "viewed feedback on", object, activity_type::ASSESSMENT, Tier::T2, Map::new())
            }
            Self::Evaluated { .. } => {
                let object = iri::evaluation(&activity);
                form(verb::SUBMITTED, "submitted", object, activity_type::EVALUATION, Tier::T0, Map::new())
            }
            Self::Claimed { offering, amount, .. } => {
                let object = iri::offering(&activity, offering.as_str());
                let result = members([("response", json!(amount))]);
                form(verb::CLAIMED, "claimed", object, activity_type::OFFERING, Tier::T0, result)
            }
            Self::Settled { reason, .. } => {
                let result = members([("response", json!(reason))]);
                form(verb::SETTLED, "settled", activity, activity_type::ACTIVITY, Tier::T0, result)
            }
            Self::AttemptGranted { reason, .. } => {
                let result = members([("response", json!(reason))]);
                let object = iri::assessment(&activity);
                form(verb::GRANTED, "granted another attempt at", object, activity_type::ASSESSMENT, Tier::T0, result)
            }
            Self::Restarted { reason, .. } => {
                let result = members([("response", json!(reason))]);
                form(verb::RESTARTED, "restarted", activity, activity_type::ACTIVITY, Tier::T0, result)
            }
            Self::Awarded { offering, approval, .. } => {
                let object = iri::offering(&activity, offering.as_str());
                let result = members([("response", json!(approval.reason))]);
                form(verb::AWARDED, "awarded", object, activity_type::OFFERING, Tier::T0, result)
            }
        }
    }
}

impl AttemptResult {
    /// The standard's own members (Part 2 §2.4.5). `scaled` is written as a decimal, never computed by a float.
    fn result(&self) -> Map<String, Value> {
        let mut score = members([("raw", json!(self.correct)), ("min", json!(0)), ("max", json!(self.total))]);
        if let Ok(scaled) = Fraction::floor(self.correct, self.total).to_string().parse() {
            score.insert("scaled".to_owned(), Value::Number(scaled));
        }
        members([
            ("score", Value::Object(score)),
            ("success", json!(self.passed)),
            ("completion", json!(true)),
            ("duration", json!(format!("PT{}S", self.seconds))),
        ])
    }
}

/// An object with these members.
fn members<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
