//! Durations (Part 2 §4.6): ISO 8601:2004 §4.4.3.2, kept as text.

use crate::fixed::Fixed;

/// Whether `text` is a duration: `P4W`, or `P` and years, months, days, then `T` and hours, minutes, seconds; at least one
/// of them, each at most once and in this order; the last one may have a fraction.
pub fn is_duration(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('P') else { return false };
    if let Some(weeks) = rest.strip_suffix('W') {
        return is_amount(weeks);
    }
    match rest.split_once('T') {
        None => !rest.is_empty() && is_sequence(rest, "YMD", Fraction::InLast),
        Some((date, time)) => {
            !time.is_empty()
                && is_sequence(date, "YMD", Fraction::Nowhere)
                && is_sequence(time, "HMS", Fraction::InLast)
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fraction {
    InLast,
    Nowhere,
}

/// Whether `text` is amounts followed by some of `units`, in their order.
fn is_sequence(mut text: &str, units: &str, fraction: Fraction) -> bool {
    let mut units = units.chars();
    while !text.is_empty() {
        let Some((amount, unit, rest)) = text
            .find(|c: char| c.is_ascii_uppercase())
            .and_then(|at| Some((text.get(..at)?, text.get(at..=at)?, text.get(at + 1..)?)))
        else {
            return false;
        };
        let whole = amount.bytes().all(|byte| byte.is_ascii_digit());
        let may_have_fraction = rest.is_empty() && fraction == Fraction::InLast;
        if !is_amount(amount) || !(whole || may_have_fraction) || !units.any(|known| unit.starts_with(known)) {
            return false;
        }
        text = rest;
    }
    true
}

/// Digits, and perhaps a fraction after a point or a comma.
fn is_amount(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once(['.', ',']) {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(text),
    }
}

/// A duration as it is compared: what is finer than 0.01 second is cut off (Part 2 §4.6).
pub fn comparable(text: &str) -> &str {
    match text.find(['.', ',']) {
        Some(point) if text.ends_with('S') => text.get(..(point + 3).min(text.len() - 1)).unwrap_or(text),
        _ => text,
    }
}

/// How long a duration is, in seconds: a week has seven days, a day 24 hours. `None` where it has years or months, which are
/// of no certain length, or is too long to be held.
pub fn seconds(text: &str) -> Option<Fixed> {
    let text = text.strip_prefix('P')?;
    let (date, time) = text.split_once('T').unwrap_or((text, ""));
    let of_date = |unit: &str| match unit {
        "W" => Some(7 * 86_400),
        "D" => Some(86_400),
        _ => None,
    };
    let of_time = |unit: &str| match unit {
        "H" => Some(3600),
        "M" => Some(60),
        "S" => Some(1),
        _ => None,
    };
    total(date, of_date)?.plus(total(time, of_time)?)
}

/// The amounts of `text`, each times the length of its unit. An amount of zero needs no length.
fn total(mut text: &str, length: impl Fn(&str) -> Option<u32>) -> Option<Fixed> {
    let mut sum = Fixed::default();
    while let Some(at) = text.find(|c: char| c.is_ascii_uppercase()) {
        let amount = Fixed::of(&text.get(..at)?.replace(',', "."))?;
        if amount != Fixed::default() {
            sum = sum.plus(amount.times(length(text.get(at..=at)?)?)?)?;
        }
        text = text.get(at + 1..)?;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_8601_durations_are_accepted() {
        for text in [
            "PT4H35M59.14S",
            "PT16559.14S",
            "P3Y1M29DT4H35M59.14S",
            "P3Y",
            "P4W",
            "PT0S",
            "P1D",
            "PT1H0M0.1S",
            "P1YT1S",
            "PT0.5M",
            "P0.5Y",
            "PT1,5S",
            "PT0.123456789S",
        ] {
            assert!(is_duration(text), "{text}");
        }
    }

    #[test]
    fn other_texts_are_not() {
        for text in [
            "",
            "P",
            "PT",
            "P1",
            "1H",
            "P4W1D",
            "P1D4W",
            "PA1H0M0S",
            "PT1S1M",
            "P1H",
            "PT1Y",
            "P1YT",
            "PT1.S",
            "PT.5S",
            "PT0.5M1S",
            "pt1s",
            "P1M1M",
            "-PT1S",
            "PT-1S",
            "P0001-01-01T00:00:00",
            "should fail",
            "PT1S ",
            "PTéS",
        ] {
            assert!(!is_duration(text), "{text}");
        }
    }

    #[test]
    fn a_duration_of_certain_length_is_returned_in_seconds() {
        for (text, length) in [
            ("PT4H35M59.14S", Some("16559.14")),
            ("PT16559.14S", Some("16559.14")),
            ("P1W", Some("604800")),
            ("P1DT0.5H", Some("88200")),
            ("PT1,5M", Some("90")),
            ("P0Y0M1D", Some("86400")),
            ("PT0S", Some("0")),
            ("P1Y", None),
            ("P1MT1S", None),
            ("PT99999999999999999999H", None),
        ] {
            assert_eq!(seconds(text).map(|length| length.to_string()).as_deref(), length, "{text}");
        }
    }

    #[test]
    fn durations_are_compared_to_the_hundredth_and_never_rounded() {
        assert_eq!(comparable("PT1.239S"), comparable("PT1.23S"));
        assert_ne!(comparable("PT1.24S"), comparable("PT1.239S"));
        assert_eq!(comparable("PT1S"), "PT1S");
        assert_eq!(comparable("P0.555Y"), "P0.555Y");
    }
}
