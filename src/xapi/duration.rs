//! Durations (Part 2 §4.6): ISO 8601:2004 §4.4.3.2, kept as text.

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
    fn durations_are_compared_to_the_hundredth_and_never_rounded() {
        assert_eq!(comparable("PT1.239S"), comparable("PT1.23S"));
        assert_ne!(comparable("PT1.24S"), comparable("PT1.239S"));
        assert_eq!(comparable("PT1S"), "PT1S");
        assert_eq!(comparable("P0.555Y"), "P0.555Y");
    }
}
