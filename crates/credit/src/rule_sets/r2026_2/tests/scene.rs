//! One learner in one activity, written as a log of labeled entries: the material of the decision tests.

use super::super::{decide, rule_set};
use crate::evidence::{Evidence, Facts, LoggedStatement};
use crate::{AUTHORITY, ActiveCredit, Activity, Decision, Event, Subject, Verdict, Window, assessment};
use base::hash::Sha256;
use base::scorm_profile;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;
use xapi::StatementId;
use xapi::vocabulary::{extension, iri};

pub(super) const BASE: &str = "https://cme.example.org";

/// One entry of the log: `{label, at, stored?, event | sco | settles + verdict | voids, statement?}`. `statement` says, by JSON
/// pointer, what is different about the statement itself.
#[derive(Debug, Clone)]
pub(super) struct SceneEntry(pub Value);

/// What is different from the scene that earns credit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Variation {
    /// About the activity, by JSON pointer.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub activity: BTreeMap<String, Value>,
    /// About an entry of the log, by label and JSON pointer.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub log: BTreeMap<String, BTreeMap<String, Value>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<CreditRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offering: Option<String>,
}

/// A credit that the learner has already.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CreditRecord {
    pub offering: String,
    pub from: jiff::civil::Date,
    pub until: jiff::civil::Date,
}

impl Variation {
    pub(super) fn scene(&self) -> Scene {
        let mut scene = Scene::new(&self.activity);
        for (label, changes) in &self.log {
            let entry =
                scene.log.iter_mut().find(|entry| entry.0["label"] == label.as_str()).expect("a label of the log");
            for (pointer, value) in changes {
                change(&mut entry.0, pointer, value.clone());
            }
        }
        scene.log.retain(|entry| !self.remove.iter().any(|label| entry.0["label"] == label.as_str()));
        scene.log.extend(self.add.iter().cloned().map(SceneEntry));
        if !self.required.is_empty() {
            scene.required.clone_from(&self.required);
        }
        if let Some(active) = &self.active {
            scene.credited(&active.offering, active.from, active.until);
        }
        scene.offering = self.offering.clone().unwrap_or_else(|| "ama".to_owned());
        scene
    }
}

pub(super) struct Scene {
    pub activity: Activity,
    pub document: Sha256,
    pub required: Vec<String>,
    pub offering: String,
    pub log: Vec<SceneEntry>,
    pub active: Vec<ActiveCredit>,
    pub learner: Uuid,
    pub registration: Uuid,
}

/// Sets the value at `pointer`; its parent must be there.
pub(super) fn change(document: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap_or_else(|| panic!("nothing at {parent}")) {
        Value::Object(members) => drop(members.insert(name.to_owned(), value)),
        Value::Array(entries) => entries[name.parse::<usize>().unwrap()] = value,
        other => panic!("{pointer} is within {other}"),
    }
}

/// The id of the statement that tells the entry of this label.
pub(super) fn id(label: &str) -> StatementId {
    StatementId(Uuid::new_v5(&Uuid::NAMESPACE_URL, label.as_bytes()))
}

impl Scene {
    /// The scene that earns credit, with `changes` to the activity.
    pub(super) fn new(changes: &BTreeMap<String, Value>) -> Self {
        let mut document: Value =
            serde_json::from_str(include_str!("../../../../../../fixtures/decision/r2026_2/activity.json")).unwrap();
        change(&mut document, "/sample", json!(false));
        for (pointer, value) in changes {
            change(&mut document, pointer, value.clone());
        }
        // Some cases break on purpose what publishing would have refused: the rules do not rely on that.
        let activity: Activity = serde_json::from_value(document).unwrap();
        let log: Vec<Value> =
            serde_json::from_str(include_str!("../../../../../../fixtures/decision/r2026_2/log.json")).unwrap();
        Self {
            document: Sha256::of(activity.canonical().unwrap()),
            required: activity.required_items.clone(),
            activity,
            offering: "ama".to_owned(),
            log: log.into_iter().map(SceneEntry).collect(),
            active: Vec::new(),
            learner: Uuid::from_u128(1),
            registration: Uuid::from_u128(2),
        }
    }

    pub(super) fn credited(&mut self, offering: &str, from: jiff::civil::Date, until: jiff::civil::Date) {
        let window = Window { from, until };
        let (credit, activity) = (Uuid::from_u128(9), self.activity.id.clone());
        self.active.push(ActiveCredit { credit, activity, offering: offering.into(), window });
    }

    pub(super) fn facts(&self) -> Facts<'_> {
        Facts {
            base: BASE,
            activity: &self.activity,
            version: 1,
            document: self.document,
            package: Sha256::of("package"),
            required_items: &self.required,
            learner: self.learner,
            registration: self.registration,
            zone: TimeZone::get("America/Chicago").unwrap(),
        }
    }

    /// The log, in the order of its times.
    pub(super) fn statements(&self) -> Vec<LoggedStatement<Vec<u8>>> {
        let mut log = self.log.clone();
        log.sort_by_key(SceneEntry::stored);
        log.iter().zip(1..).map(|(entry, seq)| self.logged(entry, seq)).collect()
    }

    pub(super) fn evidence(&self) -> Evidence {
        rule_set().fold(&self.facts(), &self.statements())
    }

    pub(super) fn decide(&self) -> Decision {
        let offering = self.activity.offering(&self.offering.as_str().into()).unwrap();
        decide(&self.facts(), offering, &self.evidence(), &self.active)
    }

    fn logged(&self, entry: &SceneEntry, seq: u64) -> LoggedStatement<Vec<u8>> {
        let id = id(entry.0["label"].as_str().unwrap());
        let mut statement = self.statement(entry);
        statement["id"] = json!(id);
        statement["stored"] = json!(xapi::instant(entry.stored()));
        if statement.get("authority").is_none() {
            statement["authority"] = json!({"account": {"homePage": BASE, "name": AUTHORITY}});
        }
        for (pointer, value) in entry.0.get("statement").and_then(Value::as_object).into_iter().flatten() {
            change(&mut statement, pointer, value.clone());
        }
        LoggedStatement { seq, id, stored: entry.stored(), bytes: serde_json::to_vec(&statement).unwrap() }
    }

    /// The digest of the answers as the fixture has them.
    fn responses() -> Sha256 {
        let log: Vec<Value> =
            serde_json::from_str(include_str!("../../../../../../fixtures/decision/r2026_2/log.json")).unwrap();
        let answers = log.iter().map(|entry| &entry["event"]).filter(|event| event["kind"] == "answered");
        let responses = answers.map(|event| {
            let item = serde_json::from_value(event["item"].clone()).unwrap();
            (item, serde_json::from_value(event["chosen"].clone()).unwrap())
        });
        assessment::digest(&responses.collect())
    }

    fn statement(&self, entry: &SceneEntry) -> Value {
        let at = entry.at();
        let subject = Subject {
            base: BASE,
            activity: &self.activity,
            version: 1,
            document: self.document,
            learner: self.learner,
            registration: self.registration,
            rules: &rule_set().name,
        };
        if let Some(event) = entry.0.get("event") {
            let text = event.to_string().replace("$document", &self.document.to_string());
            let text = text.replace("$responses", &Self::responses().to_string());
            let event: Event = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
            return event.statement(&subject, at);
        }
        if let Some(signal) = entry.0.get("settles").and_then(Value::as_str) {
            let (kind, label) = signal.split_once(':').unwrap();
            let signals = [format!("{kind}:{}", id(label))].into();
            let verdict: Verdict = serde_json::from_value(entry.0["verdict"].clone()).unwrap();
            let event = Event::Settled { signals, by: Uuid::from_u128(7), verdict, reason: "Looked at.".to_owned() };
            return event.statement(&subject, at);
        }
        if let Some(label) = entry.0.get("voids").and_then(Value::as_str) {
            return json!({
                "actor": subject.agent(Uuid::from_u128(7)),
                "verb": {"id": "http://adlnet.gov/expapi/verbs/voided"},
                "object": {"objectType": "StatementRef", "id": id(label)},
                "timestamp": xapi::instant(at),
            });
        }
        scorm(&subject, &entry.0["sco"], at)
    }
}

/// A statement of the xAPI SCORM Profile, as the run-time authors it.
fn scorm(subject: &Subject<'_>, sco: &Value, at: Timestamp) -> Value {
    let item = sco["item"].as_str().unwrap();
    let mut statement = json!({
        "actor": subject.agent(subject.learner),
        "verb": {"id": format!("http://adlnet.gov/expapi/verbs/{}", sco["verb"].as_str().unwrap())},
        "object": {"objectType": "Activity", "id": iri::sco(&subject.iri(), item)},
        "result": {"extensions": {}},
        "context": {
            "registration": subject.registration,
            "revision": "1",
            "contextActivities": {"grouping": [{"id": subject.iri()}], "category": [{"id": scorm_profile::CATEGORY}]},
            "extensions": {
                extension::ITEM: item,
                extension::SESSION: sco["session"],
                extension::TIER: sco.get("tier").cloned().unwrap_or_else(|| json!("T1")),
            },
        },
        "timestamp": xapi::instant(at),
    });
    for (member, name) in [("seat", extension::SEAT_SECONDS), ("client", extension::CLIENT_SECONDS)] {
        if let Some(seconds) = sco.get(member) {
            statement["result"]["extensions"][name] = seconds.clone();
        }
    }
    if let Some(observations) = sco.get("observations") {
        statement["result"]["extensions"][extension::OBSERVATIONS] = observations.clone();
    }
    if let Some(scaled) = sco.get("scaled") {
        statement["result"]["score"] = json!({ "scaled": scaled });
    }
    statement
}

impl SceneEntry {
    fn at(&self) -> Timestamp {
        self.0["at"].as_str().unwrap().parse().unwrap()
    }

    fn stored(&self) -> Timestamp {
        self.0.get("stored").map_or_else(|| self.at(), |stored| stored.as_str().unwrap().parse().unwrap())
    }
}
