//! `GET /api/v1/statements/aggregate`: counts and sums of statements, grouped.

use super::parameters;
use crate::http::Problem;
use crate::http::auth::Reader;
use crate::service::App;
use crate::service::reporting::{
    self, AggregateError, AggregateQuery, AggregateResult, Durations, Extent, GroupKey, Measure, Scores, Tally,
    TimeBasis,
};
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use base::log::Seq;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use xapi::fault::Code;
use xapi::instant;
use xapi::parameters::Parameters;

/// The most keys to group by at once.
const MOST_KEYS: usize = 2;

const NAMES: [&str; 7] = ["since", "until", "after", "group_by", "measure", "time", "time_zone"];

/// Counts the statements that match the filter.
pub(super) async fn get(app: Data<App>, reader: Reader, req: HttpRequest) -> Result<HttpResponse, Problem> {
    let (filter, options) =
        parameters::read(&req, &NAMES, |given| AggregateOptions::read(given, &app.config.provider.time_zone))?;
    let zone = options.zone.unwrap_or(TimeZone::UTC);
    let zone_name = zone.iana_name().unwrap_or("UTC").to_owned();
    let after = options.after.unwrap_or_default();
    let question =
        AggregateQuery { filter, after, by: options.by, measures: options.measures, moment: options.moment, zone };
    let answer = reporting::aggregate(&app, &reader.access, &question).await?;
    Ok(HttpResponse::Ok().json(response(&question, zone_name, &answer)?))
}

/// The parameters that say how to count.
struct AggregateOptions {
    after: Option<Seq>,
    by: Vec<GroupKey>,
    measures: Vec<Measure>,
    moment: TimeBasis,
    zone: Option<TimeZone>,
}

impl AggregateOptions {
    fn read(given: &mut Parameters<'_>, default_zone: &str) -> Self {
        let by = list(given, "group_by", &GroupKey::NAMES);
        if by.len() > MOST_KEYS {
            given.refuse(Code::Limit, format!("`group_by` takes {MOST_KEYS} names at most"));
        }
        let moments = |text: &str| match text {
            "timestamp" => Some(TimeBasis::Timestamp),
            "stored" => Some(TimeBasis::Stored),
            _ => None,
        };
        let zone = |name: &str| TimeZone::get(name).ok();
        Self {
            after: parameters::after(given),
            by,
            measures: list(given, "measure", &Measure::NAMES),
            moment: given.parse("time", "`timestamp` or `stored`", moments).unwrap_or_default(),
            zone: given
                .parse("time_zone", "an IANA name such as America/New_York", zone)
                .or_else(|| zone(default_zone)),
        }
    }
}

/// The values that a comma-separated list of names stands for, each once.
fn list<T: Copy + PartialEq>(given: &mut Parameters<'_>, parameter: &str, names: &[(&str, T)]) -> Vec<T> {
    let Some(text) = given.text(parameter) else { return Vec::new() };
    let mut values = Vec::new();
    for name in text.split(',') {
        match names.iter().find(|(known, _)| *known == name) {
            Some((_, value)) if values.contains(value) => {
                given.refuse(Code::Duplicate, format!("`{parameter}` names `{name}` twice"));
            }
            Some((_, value)) => values.push(*value),
            None => {
                let known: Vec<_> = names.iter().map(|(known, _)| format!("`{known}`")).collect();
                given.refuse(Code::Value, format!("`{parameter}` takes {}, joined by commas", known.join(", ")));
            }
        }
    }
    values
}

#[derive(Serialize)]
struct AggregateResponse {
    groups: Vec<GroupView>,
    total: GroupView,
    complete: bool,
    after: u64,
    through: u64,
    consistent_through: String,
    time_zone: String,
}

#[derive(Serialize)]
struct GroupView {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<BTreeMap<&'static str, Box<RawValue>>>,
    count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    actors: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<ScoresView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<DurationsView>,
}

#[derive(Serialize)]
struct ScoresView {
    count: u64,
    average: Option<Box<RawValue>>,
    min: Option<Box<RawValue>>,
    max: Option<Box<RawValue>>,
}

#[derive(Serialize)]
struct DurationsView {
    count: u64,
    uncertain: u64,
    seconds: Box<RawValue>,
    average: Option<Box<RawValue>>,
}

fn response(
    question: &AggregateQuery,
    time_zone: String,
    answer: &AggregateResult,
) -> Result<AggregateResponse, Problem> {
    let groups = answer.groups.iter().map(|group| group_view(Some((&question.by, &group.key)), &group.tally));
    Ok(AggregateResponse {
        groups: groups.collect::<Result<_, _>>()?,
        total: group_view(None, &answer.total)?,
        complete: answer.extent == Extent::Whole,
        after: answer.after.0,
        through: answer.through.0,
        consistent_through: instant(answer.consistent_through),
        time_zone,
    })
}

fn group_view(key: Option<(&[GroupKey], &[String])>, tally: &Tally) -> Result<GroupView, Problem> {
    let named = |(by, values): (&[GroupKey], &[String])| {
        by.iter().zip(values).map(|(by, value)| Ok((by.name(), raw(value)?))).collect::<Result<_, Problem>>()
    };
    Ok(GroupView {
        key: key.map(named).transpose()?,
        count: tally.count,
        actors: tally.actors,
        score: tally.score.as_ref().map(scores_view).transpose()?,
        duration: tally.duration.as_ref().map(durations_view).transpose()?,
    })
}

fn scores_view(scores: &Scores) -> Result<ScoresView, Problem> {
    let number = |text: &Option<String>| text.as_deref().map(raw).transpose();
    let (average, min, max) = (number(&scores.average)?, number(&scores.min)?, number(&scores.max)?);
    Ok(ScoresView { count: scores.count, average, min, max })
}

fn durations_view(durations: &Durations) -> Result<DurationsView, Problem> {
    Ok(DurationsView {
        count: durations.count,
        uncertain: durations.uncertain,
        seconds: raw(&durations.seconds)?,
        average: durations.average.as_deref().map(raw).transpose()?,
    })
}

/// JSON as it was written: numbers keep every digit.
fn raw(json: &str) -> Result<Box<RawValue>, Problem> {
    RawValue::from_string(json.to_owned()).map_err(Problem::internal)
}

impl From<AggregateError> for Problem {
    fn from(error: AggregateError) -> Self {
        let sentence = error.to_string();
        let again =
            |code| Self::new(StatusCode::SERVICE_UNAVAILABLE, code, sentence.clone()).header("retry-after", "1");
        match error {
            AggregateError::TooManyGroups => Self::unprocessable("too-many-groups", sentence),
            AggregateError::TooLarge => Self::unprocessable("aggregate-too-large", sentence),
            AggregateError::Busy => again("busy"),
            AggregateError::Unsettled => again("unsettled"),
            AggregateError::Position(error) => error.into(),
            AggregateError::Store(error) => error.into(),
        }
    }
}
