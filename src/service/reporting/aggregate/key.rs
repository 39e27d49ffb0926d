//! The keys that statements are grouped by.

use jiff::tz::TimeZone;
use serde_json::json;
use store::StoredStatement;
use xapi::actor::comparable_mbox;
use xapi::check::Check;
use xapi::json::{Kind, Value};
use xapi::{Ifi, Version, actor, timestamp};

/// A property to group by. A statement that does not have it is in the group `null`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupKey {
    /// The verb's id.
    Verb,
    /// The object's id, where the object is an activity.
    Activity,
    /// What identifies the actor; an anonymous group has nothing of the kind.
    Actor,
    /// `context.registration`.
    Registration,
    /// `result.success`.
    Success,
    /// `result.completion`.
    Completion,
    /// A period of time, in the time zone of the query.
    Time(TimeUnit),
}

/// The length of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    Hour,
    Day,
    /// By ISO 8601: from Monday on, and numbered in the year that its Thursday is in.
    Week,
    Month,
}

/// Which of its two times counts as the time of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeBasis {
    /// When it happened, as its sender says.
    #[default]
    Timestamp,
    /// When it was stored here.
    Stored,
}

impl GroupKey {
    /// Their names in requests.
    pub const NAMES: [(&'static str, Self); 10] = [
        ("verb", Self::Verb),
        ("activity", Self::Activity),
        ("actor", Self::Actor),
        ("registration", Self::Registration),
        ("success", Self::Success),
        ("completion", Self::Completion),
        ("hour", Self::Time(TimeUnit::Hour)),
        ("day", Self::Time(TimeUnit::Day)),
        ("week", Self::Time(TimeUnit::Week)),
        ("month", Self::Time(TimeUnit::Month)),
    ];

    /// Its name in responses.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, by)| *by == self).map_or("", |(name, _)| name)
    }

    /// The group in which `stored`, whose content is `root`, belongs, as JSON.
    pub(super) fn of(self, stored: &StoredStatement, root: Value<'_>, moment: TimeBasis, zone: &TimeZone) -> String {
        let found = match self {
            Self::Verb => at(root, &["verb", "id"]).and_then(text),
            Self::Activity => {
                root.get("object").filter(|object| is_activity(*object)).and_then(|it| text(it.get("id")?))
            }
            Self::Actor => root.get("actor").and_then(actor_key),
            Self::Registration => {
                at(root, &["context", "registration"]).and_then(text).map(|uuid| uuid.to_ascii_lowercase())
            }
            Self::Success => at(root, &["result", "success"]).map(|flag| flag.raw().to_owned()),
            Self::Completion => at(root, &["result", "completion"]).map(|flag| flag.raw().to_owned()),
            Self::Time(unit) => time(stored, root, moment).map(|at| unit.of(at, zone)),
        };
        found.unwrap_or_else(|| "null".to_owned())
    }
}

impl TimeUnit {
    /// The period that `at` is in, as a JSON string that sorts by time. Hours have the offset from UTC, since one of them
    /// occurs twice when daylight saving time ends.
    fn of(self, at: jiff::Timestamp, zone: &TimeZone) -> String {
        let form = match self {
            Self::Hour => "\"%Y-%m-%dT%H:00%:z\"",
            Self::Day => "\"%Y-%m-%d\"",
            Self::Week => "\"%G-W%V\"",
            Self::Month => "\"%Y-%m\"",
        };
        at.to_zoned(zone.clone()).strftime(form).to_string()
    }
}

/// The value at the end of a path of members.
pub(in crate::service::reporting) fn at<'d>(root: Value<'d>, path: &[&str]) -> Option<Value<'d>> {
    path.iter().try_fold(root, |value, name| value.get(name))
}

/// Whether an object is an activity, as one without a type is too (Part 2 §2.4.4).
pub(in crate::service::reporting) fn is_activity(object: Value<'_>) -> bool {
    object.get("objectType").is_none_or(|kind| kind.string().is_some_and(|kind| kind == "Activity"))
}

/// What identifies the actor `value`.
pub(super) fn ifi(value: Value<'_>) -> Option<Ifi<'_>> {
    actor::actor(value, &mut Check::of_names(Version::V2))?.ifi
}

/// A JSON string, written in one way.
fn text(value: Value<'_>) -> Option<String> {
    match value.kind() {
        Kind::String(_) => serde_json::to_string(&value.string()?).ok(),
        _ => None,
    }
}

/// What identifies an actor, written so that it can be used as the parameter `agent`.
pub(in crate::service::reporting) fn actor_key(value: Value<'_>) -> Option<String> {
    let key = match ifi(value)? {
        Ifi::Mbox(mbox) => json!({"mbox": comparable_mbox(&mbox)}),
        Ifi::MboxSha1Sum(sum) => json!({"mbox_sha1sum": sum.to_ascii_lowercase()}),
        Ifi::OpenId(openid) => json!({"openid": openid}),
        Ifi::Account { home_page, name } => json!({"account": {"homePage": home_page, "name": name}}),
    };
    Some(key.to_string())
}

fn time(stored: &StoredStatement, root: Value<'_>, moment: TimeBasis) -> Option<jiff::Timestamp> {
    match moment {
        TimeBasis::Stored => Some(stored.stored),
        TimeBasis::Timestamp => timestamp::parse(&root.get("timestamp")?.string()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::Seq;
    use xapi::StatementId;
    use xapi::json::Document;

    fn key(by: GroupKey, text: &str) -> String {
        let stored = StoredStatement {
            seq: Seq(1),
            id: StatementId(uuid::Uuid::nil()),
            stored: "2026-02-03T04:05:06Z".parse().unwrap(),
            voided: false,
            bytes: bytes::Bytes::copy_from_slice(text.as_bytes()),
        };
        let document = Document::read(text).unwrap();
        by.of(&stored, document.root(), TimeBasis::Timestamp, &TimeZone::get("America/New_York").unwrap())
    }

    #[test]
    fn an_actor_is_one_however_it_is_written() {
        for (actor, written) in [
            (r#"{"mbox":"mailto:Ann@EXAMPLE.com","name":"Ann"}"#, r#"{"mbox":"mailto:Ann@example.com"}"#),
            (r#"{"account":{"name":"a","homePage":"h:1"}}"#, r#"{"account":{"homePage":"h:1","name":"a"}}"#),
            (r#"{"objectType":"Group","member":[{"mbox":"mailto:a@b.c"}]}"#, "null"),
        ] {
            assert_eq!(key(GroupKey::Actor, &format!(r#"{{"actor":{actor}}}"#)), written);
        }
    }

    #[test]
    fn times_are_in_the_time_zone_of_the_query() {
        // On 2026-11-01 at 06:00 UTC, New York goes from UTC-4 to UTC-5.
        for (instant, unit, written) in [
            ("2026-01-01T04:59:59Z", TimeUnit::Day, "\"2025-12-31\""),
            ("2026-01-01T05:00:00Z", TimeUnit::Day, "\"2026-01-01\""),
            ("2026-01-01T05:00:00Z", TimeUnit::Month, "\"2026-01\""),
            ("2026-01-01T05:00:00Z", TimeUnit::Week, "\"2026-W01\""),
            ("2027-01-01T05:00:00Z", TimeUnit::Week, "\"2026-W53\""),
            ("2026-11-01T05:30:00Z", TimeUnit::Hour, "\"2026-11-01T01:00-04:00\""),
            ("2026-11-01T06:30:00Z", TimeUnit::Hour, "\"2026-11-01T01:00-05:00\""),
        ] {
            let statement = format!(r#"{{"timestamp":"{instant}"}}"#);
            assert_eq!(key(GroupKey::Time(unit), &statement), written, "{instant}");
        }
    }

    #[test]
    fn what_a_statement_does_not_have_is_null() {
        for (by, statement, written) in [
            (GroupKey::Activity, r#"{"object":{"id":"a:1"}}"#, "\"a:1\""),
            (GroupKey::Activity, r#"{"object":{"objectType":"StatementRef","id":"x"}}"#, "null"),
            (GroupKey::Success, r#"{"result":{"success":false}}"#, "false"),
            (GroupKey::Success, r#"{"result":{}}"#, "null"),
            (GroupKey::Registration, r#"{"context":{"registration":"AB"}}"#, "\"ab\""),
        ] {
            assert_eq!(key(by, statement), written, "{statement}");
        }
    }
}
