//! What happened, as statements of the xAPI SCORM Profile (adlnet/xAPI-SCORM-Profile): the server writes them, never the
//! content, and only when something changed.
//!
//! Where the profile contradicts itself we use the plural paths of its §3.2. Its statuses are read from the statement
//! that ends a session, so that one repeats them all.

use super::course::Course;
use super::happening::{Happening, Interaction};
use super::status::{Completion, Status, Success};
use super::time::Hundredths;
use base::decimal::Decimal;
use base::hash::Sha256;
use base::observation::Observation;
use base::scorm_profile::{CATEGORY, activity_type, verb};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;
use xapi::vocabulary::{extension, iri};

/// What every statement about a visit includes.
#[derive(Debug, Clone)]
pub struct StatementContext<'a> {
    /// How browsers reach the app (`config.url`).
    pub base: &'a str,
    /// The learner's account, by which alone statements know them.
    pub learner: Uuid,
    pub registration: Uuid,
    pub activity: &'a str,
    pub version: u32,
    /// Of the activity version's document.
    pub document: Sha256,
    /// Of the package's bytes.
    pub package: Sha256,
    /// The identifier of the item in its manifest.
    pub item: &'a str,
    pub item_title: &'a str,
    pub session: Uuid,
    pub now: Timestamp,
}

/// The progress of a unit, whatever its standard, as its statements report it.
#[derive(Debug)]
pub(crate) struct Progress {
    /// Of the commit that led to it.
    pub(crate) sequence: u64,
    pub(crate) status: Status,
    /// The `result.score` of what is reported now.
    pub(crate) score: Option<Value>,
    /// The `result.score` that belongs to `status`.
    pub(crate) earned: Option<Value>,
    /// What the server noticed about the visit.
    pub(crate) observations: Vec<Observation>,
    /// Seconds of this visit so far, by the server's clock.
    pub(crate) seat: u64,
    /// Of this visit so far, as content says.
    pub(crate) claimed: Option<Hundredths>,
    /// Of this visit, as it counts.
    pub(crate) time: Hundredths,
}

/// The statements that report `happenings`, in their order.
pub(crate) fn write(about: &StatementContext<'_>, progress: &Progress, happenings: &[Happening]) -> Vec<Value> {
    let report = StatementReport { about, progress };
    let statement = |(number, happening)| report.statement(&format!("{}/{number}", progress.sequence), happening);
    happenings.iter().enumerate().map(statement).collect()
}

/// The statements that report the status of the whole package, where it has changed since `before`.
pub fn write_course(about: &StatementContext<'_>, before: Status, course: &Course) -> Vec<Value> {
    let mut verbs = Vec::new();
    if course.status.completion == Completion::Completed && before.completion != Completion::Completed {
        verbs.push(verb::COMPLETED);
    }
    match course.status.success {
        Success::Passed if before.success != Success::Passed => verbs.push(verb::PASSED),
        Success::Failed if before.success == Success::Unknown => verbs.push(verb::FAILED),
        _ => {}
    }
    let mut result = status(course.status);
    if let Some(score) = course.score {
        result.insert("score".to_owned(), json!({"scaled": score / 100.0, "raw": score, "min": 0, "max": 100}));
    }
    result.insert("duration".to_owned(), json!(course.time.to_iso()));
    let object = activity(&about.course_iri(), activity_type::COURSE, None);
    let statement = |name: &'static str| {
        about.statement(&format!("course/{name}"), name, &object, result.clone(), StatementSubject::Course)
    };
    verbs.into_iter().map(statement).collect()
}

/// What a statement is about, which decides its context.
#[derive(Clone, Copy, PartialEq, Eq)]
enum StatementSubject {
    Course,
    Sco,
    Interaction,
}

struct StatementReport<'a> {
    about: &'a StatementContext<'a>,
    progress: &'a Progress,
}

impl StatementReport<'_> {
    fn statement(&self, place: &str, happening: &Happening) -> Value {
        let about = self.about;
        let sco = activity(&about.sco_iri(), activity_type::LESSON, Some(about.item_title));
        let (verb, result) = match happening {
            Happening::Answered(answer) => return self.answered(place, answer),
            Happening::Initialized => (verb::INITIALIZED, Map::new()),
            Happening::Resumed => (verb::RESUMED, Map::new()),
            Happening::Commented(text) => (verb::COMMENTED, Map::from_iter([("response".to_owned(), json!(text))])),
            Happening::Scored => (verb::SCORED, self.reported(Map::new(), self.progress.score.as_ref())),
            Happening::Completed => (verb::COMPLETED, self.judged()),
            Happening::Passed => (verb::PASSED, self.judged()),
            Happening::Failed => (verb::FAILED, self.judged()),
            Happening::Suspended => (verb::SUSPENDED, self.ending()),
            Happening::Terminated => (verb::TERMINATED, self.ending()),
        };
        about.statement(place, verb, &sco, result, StatementSubject::Sco)
    }

    fn answered(&self, place: &str, answer: &Interaction) -> Value {
        let iri = iri::interaction(&self.about.sco_iri(), &answer.id);
        let mut object = activity(&iri, activity_type::INTERACTION, None);
        if let Some(definition) = object.get_mut("definition").and_then(Value::as_object_mut) {
            definition.extend(answer.definition.clone());
        }
        self.about.statement(place, verb::RESPONDED, &object, answer.result.clone(), StatementSubject::Interaction)
    }

    /// A `score`, and the seconds of this visit so far: by the server's clock, and as content says.
    fn reported(&self, mut result: Map<String, Value>, score: Option<&Value>) -> Map<String, Value> {
        if let Some(score) = score {
            result.insert("score".to_owned(), score.clone());
        }
        let mut extensions = Map::from_iter([(extension::SEAT_SECONDS.to_owned(), json!(self.progress.seat))]);
        if let Some(claimed) = self.progress.claimed {
            extensions.insert(extension::CLIENT_SECONDS.to_owned(), json!(claimed.seconds()));
        }
        result.insert("extensions".to_owned(), Value::Object(extensions));
        result
    }

    /// The statuses with the score that earned them, and what the server noticed about the visit.
    fn judged(&self) -> Map<String, Value> {
        let score = match self.progress.status.success {
            Success::Unknown => &self.progress.score,
            Success::Passed | Success::Failed => &self.progress.earned,
        };
        let mut result = self.reported(status(self.progress.status), score.as_ref());
        let observations = &self.progress.observations;
        if let (false, Some(extensions)) =
            (observations.is_empty(), result.get_mut("extensions").and_then(Value::as_object_mut))
        {
            extensions.insert(extension::OBSERVATIONS.to_owned(), json!(observations));
        }
        result
    }

    /// What the statement that ends a visit says: all statuses and the time of the visit.
    fn ending(&self) -> Map<String, Value> {
        let mut result = self.judged();
        result.insert("duration".to_owned(), json!(self.progress.time.to_iso()));
        result
    }
}

impl StatementContext<'_> {
    fn course_iri(&self) -> String {
        iri::activity(self.base, self.activity)
    }

    fn sco_iri(&self) -> String {
        iri::sco(&self.course_iri(), self.item)
    }

    /// A statement whose id follows from the session, the place in it and the time, so that writing it again writes the
    /// same.
    fn statement(
        &self,
        place: &str,
        verb: &str,
        object: &Value,
        result: Map<String, Value>,
        scope: StatementSubject,
    ) -> Value {
        let instant = xapi::instant(self.now);
        let name = verb.rsplit('/').next().unwrap_or(verb);
        let mut statement = json!({
            "id": Uuid::new_v5(&self.session, format!("{place}/{name}/{instant}").as_bytes()),
            "actor": {
                "objectType": "Agent",
                "account": { "homePage": self.base, "name": self.learner.to_string() },
            },
            "verb": { "id": verb, "display": { "en": name } },
            "object": object,
            "context": self.context(scope),
            "timestamp": instant,
        });
        if let (false, Some(members)) = (result.is_empty(), statement.as_object_mut()) {
            members.insert("result".to_owned(), Value::Object(result));
        }
        statement
    }

    fn context(&self, scope: StatementSubject) -> Value {
        let course = activity(&self.course_iri(), activity_type::COURSE, None);
        let attempt = activity(&iri::attempt(&self.sco_iri(), self.registration), activity_type::ATTEMPT, None);
        let category = json!({ "id": CATEGORY, "definition": { "type": activity_type::PROFILE } });
        let grouping = if scope == StatementSubject::Course { json!([course]) } else { json!([attempt, course]) };
        let mut activities =
            Map::from_iter([("category".to_owned(), json!([category])), ("grouping".to_owned(), grouping)]);
        if scope == StatementSubject::Interaction {
            let sco = activity(&self.sco_iri(), activity_type::LESSON, Some(self.item_title));
            activities.insert("parent".to_owned(), json!([sco]));
        }
        let mut extensions = Map::from_iter([
            (extension::ACTIVITY_VERSION.to_owned(), json!(self.version)),
            (extension::DOCUMENT.to_owned(), json!(self.document)),
            (extension::PACKAGE.to_owned(), json!(self.package)),
            (extension::SESSION.to_owned(), json!(self.session)),
            (extension::TIER.to_owned(), json!("T1")),
        ]);
        if scope != StatementSubject::Course {
            extensions.insert(extension::ITEM.to_owned(), json!(self.item));
        }
        json!({
            "registration": self.registration,
            "contextActivities": activities,
            "revision": self.version.to_string(),
            "platform": "Enduring",
            "extensions": extensions,
        })
    }
}

fn status(status: Status) -> Map<String, Value> {
    let mut result = Map::from_iter([("completion".to_owned(), json!(status.completion == Completion::Completed))]);
    match status.success {
        Success::Passed => drop(result.insert("success".to_owned(), json!(true))),
        Success::Failed => drop(result.insert("success".to_owned(), json!(false))),
        Success::Unknown => {}
    }
    result
}

fn activity(iri: &str, kind: &str, title: Option<&str>) -> Value {
    let mut definition = Map::from_iter([("type".to_owned(), json!(kind))]);
    // Titles come from manifests and documents of any language: "und" says that it is not known (RFC 5646 §4.1).
    definition.extend(title.map(|title| ("name".to_owned(), json!({ "und": title }))));
    json!({ "objectType": "Activity", "id": iri, "definition": definition })
}

/// A number as JSON writes it.
pub(crate) fn number(decimal: &Decimal) -> Value {
    match decimal.as_str().parse::<i64>() {
        Ok(whole) => whole.into(),
        Err(_) => decimal.nearest().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_value_in_json() {
        for (text, json) in [("33.3", json!(33.3)), ("80", json!(80)), ("80.0", json!(80.0)), ("-1", json!(-1))] {
            assert_eq!(number(&Decimal::of(text)), json, "{text}");
        }
    }
}
