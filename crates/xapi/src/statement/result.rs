//! Results and scores (Part 2 §2.4.5).

use super::check::Check;
use crate::duration::is_duration;
use crate::fault::Code;
use crate::json::{Kind, Value};
use base::decimal::Decimal;

/// Checks a result.
pub(crate) fn check_result(result: Value<'_>, check: &mut Check) {
    let names = ["score", "success", "completion", "response", "duration", "extensions"];
    let Some([score, success, completion, response, duration, extensions]) = check.fields(result, names) else {
        return;
    };
    if let Some(score) = score {
        check_score(score, check);
    }
    for flag in [success, completion].into_iter().flatten() {
        check.boolean(flag);
    }
    if let Some(response) = response {
        check.string(response);
    }
    if let Some(duration) = duration {
        check.formatted(duration, "an ISO 8601 duration such as `PT1H30M`", is_duration);
    }
    if let Some(extensions) = extensions {
        check.extensions(extensions);
    }
}

/// Checks a score: `scaled` between -1 and 1, `min` below `max`, `raw` between the two (Part 2 §2.4.5.1).
fn check_score(score: Value<'_>, check: &mut Check) {
    let Some(fields) = check.fields(score, ["scaled", "raw", "min", "max"]) else { return };
    let [scaled, raw, min, max] = fields.map(|field| field.and_then(|value| number(value, check)));
    let mut refuse = |value: Value<'_>, message: &str| check.faults.at(value, Code::Rule, message);
    if let Some((value, scaled)) = &scaled
        && !(Decimal::of("-1")..=Decimal::of("1")).contains(scaled)
    {
        refuse(*value, "`scaled` must be between -1 and 1");
    }
    if let (Some((_, min)), Some((value, max))) = (&min, &max)
        && min >= max
    {
        let message = if min == max {
            "`max` must be greater than `min`; leave the score out if there is nothing to score (H5P sends 0 out of 0 then)"
        } else {
            "`max` must be greater than `min`"
        };
        refuse(*value, message);
    }
    if let (Some((value, raw)), Some((_, min))) = (&raw, &min)
        && raw < min
    {
        refuse(*value, "`raw` must not be less than `min`");
    }
    if let (Some((value, raw)), Some((_, max))) = (&raw, &max)
        && raw > max
    {
        refuse(*value, "`raw` must not be greater than `max`");
    }
}

fn number<'d>(value: Value<'d>, check: &mut Check) -> Option<(Value<'d>, Decimal)> {
    if value.kind() != Kind::Number {
        check.wrong_type(value, "a number");
        return None;
    }
    Some((value, Decimal::of(value.raw())))
}
