//! From the items of a package to the whole. SCORM 1.2 says nothing about it; these few rules are our own.

use crate::course::{Course, ItemProgress};
use crate::status::{Completion, Status, Success};
use crate::time::Hundredths;
use base::decimal::Decimal;

/// Rolls up the items that count; an item that was never opened is a default [`ItemProgress`].
///
/// Complete when all are; passed when all are complete, and all that can be passed are; failed as soon as one is. The
/// score is the mean of those that have one, the time their sum.
pub(crate) fn roll_up(parts: &[ItemProgress]) -> Course {
    let completion = match parts.iter().map(|part| part.status.completion).min() {
        Some(Completion::Completed) => Completion::Completed,
        _ if parts.iter().any(|part| part.status.completion > Completion::Unknown) => Completion::Incomplete,
        _ => Completion::Unknown,
    };
    let any = |success| parts.iter().any(|part| part.status.success == success);
    let success = match completion {
        _ if any(Success::Failed) => Success::Failed,
        Completion::Completed if any(Success::Passed) => Success::Passed,
        _ => Success::Unknown,
    };
    let scores: Vec<f64> = parts.iter().filter_map(|part| part.score.as_ref()).map(Decimal::nearest).collect();
    let count = u32::try_from(scores.len()).map_or(f64::INFINITY, f64::from);
    let score = (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / count);
    let time = parts.iter().fold(Hundredths::default(), |sum, part| sum.plus(part.time));
    Course { status: Status { completion, success }, score, time }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_follows_from_its_items() {
        let part = |status: &str, score: Option<&str>| ItemProgress {
            status: Status::of(status),
            score: score.and_then(Decimal::read),
            time: Hundredths::of_seconds(60),
        };
        for (parts, completion, success, score) in [
            (vec![], Completion::Unknown, Success::Unknown, None),
            (vec![ItemProgress::default(), ItemProgress::default()], Completion::Unknown, Success::Unknown, None),
            (vec![part("completed", None), ItemProgress::default()], Completion::Incomplete, Success::Unknown, None),
            (vec![part("completed", None), part("completed", None)], Completion::Completed, Success::Unknown, None),
            (
                vec![part("passed", Some("80")), part("completed", None)],
                Completion::Completed,
                Success::Passed,
                Some(80.0),
            ),
            (
                vec![part("passed", Some("80")), part("incomplete", Some("20"))],
                Completion::Incomplete,
                Success::Unknown,
                Some(50.0),
            ),
            (
                vec![part("passed", Some("80")), part("failed", Some("40"))],
                Completion::Incomplete,
                Success::Failed,
                Some(60.0),
            ),
        ] {
            let course = roll_up(&parts);
            assert_eq!(
                (course.status.completion, course.status.success, course.score),
                (completion, success, score),
                "{parts:?}"
            );
        }
        assert_eq!(roll_up(&[part("completed", None), part("passed", None)]).time, Hundredths::of_seconds(120));
    }
}
