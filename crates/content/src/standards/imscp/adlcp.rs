//! The values that `adlcp:` elements give an item (SCORM 1.2 CAM §2.3). What cannot be read counts as absent.

use super::Item;
use crate::findings::{Code, Findings, cut};
use crate::outline::{Branch, OutlineEntry};
use crate::report;
use crate::xml::Node;

/// What `adlcp:` elements say about an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// `adlcp:masteryscore`, 0 to 100.
    pub mastery_score: Option<String>,
    /// `adlcp:maxtimeallowed`, as `HHHH:MM:SS.SS`.
    pub max_time_allowed: Option<String>,
    /// `adlcp:timelimitaction`.
    pub time_limit_action: Option<String>,
    /// `adlcp:datafromlms`: the SCO's `cmi.launch_data`.
    pub launch_data: Option<String>,
    /// `adlcp:prerequisites`, as written.
    pub prerequisites: Option<String>,
}

/// Reads the values of the item `node`, which is at `place`. Launch data longer than `launch_data_length` characters is
/// reported.
pub(in crate::standards) fn read(
    node: &Node,
    launch_data_length: usize,
    place: String,
    findings: &mut Findings,
) -> Values {
    let text = |name: &str| node.child_any_case(name).and_then(Node::words);
    let launch_data = node.child_any_case("datafromlms").map(|data| data.text.trim().to_owned());
    let mut reader = ValuesReader { place, findings };
    Values {
        mastery_score: reader.mastery_score(text("masteryscore")),
        max_time_allowed: reader.max_time_allowed(text("maxtimeallowed")),
        time_limit_action: reader.time_limit_action(text("timelimitaction")),
        launch_data: reader.launch_data(launch_data, launch_data_length),
        prerequisites: reader.prerequisites(text("prerequisites")),
    }
}

impl Branch for Item<Values> {
    fn branches(&self) -> &[Self] {
        &self.items
    }

    fn entry(&self) -> OutlineEntry<'_> {
        let Self { id, title, launch, visible, values, .. } = self;
        let prerequisites = values.prerequisites.as_deref();
        OutlineEntry { depth: 0, id, title, launch: launch.as_ref(), visible: *visible, prerequisites }
    }

    fn item(&self) -> report::Item {
        let Values { mastery_score, max_time_allowed, time_limit_action, launch_data, .. } = self.values.clone();
        report::Item {
            mastery_score,
            max_time_allowed,
            time_limit_action,
            launch_data,
            ..report::Item::of(self.entry())
        }
    }
}

struct ValuesReader<'a> {
    /// The item's place in the manifest.
    place: String,
    findings: &'a mut Findings,
}

impl ValuesReader<'_> {
    /// `adlcp:masteryscore`: a number from 0 to 100.
    fn mastery_score(&mut self, text: Option<String>) -> Option<String> {
        let is_score = |text: &str| {
            text.chars().all(|c| c.is_ascii_digit() || c == '.')
                && text.parse::<f64>().is_ok_and(|score| (0.0..=100.0).contains(&score))
        };
        self.readable(text, "masteryscore", "a number from 0 to 100", is_score)
    }

    /// `adlcp:maxtimeallowed`: `HHHH:MM:SS.SS`.
    fn max_time_allowed(&mut self, text: Option<String>) -> Option<String> {
        self.readable(text, "maxtimeallowed", "a time such as 01:30:00", is_timespan)
    }

    /// `adlcp:timelimitaction`: one of four.
    fn time_limit_action(&mut self, text: Option<String>) -> Option<String> {
        const ACTIONS: [&str; 4] = ["exit,message", "exit,no message", "continue,message", "continue,no message"];
        let text = text.map(|text| text.to_ascii_lowercase().replace(", ", ","));
        self.readable(text, "timelimitaction", "one of the four that the standard lists", |text| {
            ACTIONS.contains(&text)
        })
    }

    /// `adlcp:datafromlms`: kept completely, whatever length the standard allows.
    fn launch_data(&mut self, text: Option<String>, length: usize) -> Option<String> {
        let text = text.filter(|text| !text.is_empty())?;
        if text.chars().count() > length {
            let message = format!("The item's datafromlms has {} characters.", text.chars().count());
            self.findings.add(Code::LaunchDataTooLong, self.place.as_str(), message);
        }
        Some(text)
    }

    /// `adlcp:prerequisites`: AICC script, kept as written.
    fn prerequisites(&mut self, text: Option<String>) -> Option<String> {
        let text = text?;
        if text.split_whitespace().any(|word| matches!(word.to_ascii_lowercase().as_str(), "and" | "or" | "not")) {
            let message = format!("The prerequisites \"{}\" are written in words, not in AICC script.", cut(&text));
            self.findings.add(Code::PrerequisitesNotation, self.place.as_str(), message);
        }
        Some(text)
    }

    fn readable(
        &mut self,
        text: Option<String>,
        name: &str,
        expected: &str,
        is_readable: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let text = text?;
        if is_readable(&text) {
            return Some(text);
        }
        let message = format!("The item's {name} is \"{}\", and should be {expected}.", cut(&text));
        self.findings.add(Code::ValueUnreadable, self.place.as_str(), message);
        None
    }
}

/// CMITimespan (SCORM 1.2 RTE §3.4): two to four digits of hours, two of minutes, two of seconds, and at most two
/// after a point.
fn is_timespan(text: &str) -> bool {
    let digits = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    let [hours, minutes, seconds] = text.split(':').collect::<Vec<_>>()[..] else { return false };
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    digits(hours, 2..=4) && digits(minutes, 2..=2) && digits(seconds, 2..=2) && digits(fraction, 1..=2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timespans_are_those_of_the_standard() {
        for text in ["02:30:00", "0000:00:00.00", "9999:59:59.9"] {
            assert!(is_timespan(text), "{text}");
        }
        for text in ["", "2:30:00", "02:30", "PT2H", "02:30:00.123", "02:30:00.", "00:00:00:00"] {
            assert!(!is_timespan(text), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_counts_as_absent_and_is_reported() {
        let mut findings = Findings::default();
        let mut values = ValuesReader { place: "imsmanifest.xml:1:1".to_owned(), findings: &mut findings };
        assert_eq!(values.mastery_score(Some("80".to_owned())), Some("80".to_owned()));
        assert_eq!(values.mastery_score(Some("80 %".to_owned())), None);
        assert_eq!(values.mastery_score(Some("101".to_owned())), None);
        assert_eq!(values.time_limit_action(Some("Exit, message".to_owned())), Some("exit,message".to_owned()));
        assert_eq!(values.prerequisites(Some("a AND b".to_owned())), Some("a AND b".to_owned()));
        let codes: Vec<_> = findings.finish(None).into_iter().map(|finding| (finding.code, finding.count)).collect();
        assert_eq!(codes, [("value-unreadable".to_owned(), 2), ("prerequisites-notation".to_owned(), 1)]);
    }
}
