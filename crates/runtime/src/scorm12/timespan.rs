//! Times as SCORM 1.2 writes them: `CMITimespan` and `CMITime` (RTE §3.4.1).

use crate::time::{Hundredths, Parts};

impl Hundredths {
    /// Reads a `CMITimespan`: `HHHH:MM:SS` with up to two decimals. Tools write hours with any number of digits, and
    /// minutes and seconds up to 99; both are understood.
    pub fn from_cmi(text: &str) -> Option<Self> {
        let (hours, minutes, seconds, fraction) = clock(text)?;
        let total = hours.checked_mul(60)?.checked_add(minutes)?.checked_mul(60)?.checked_add(seconds)?;
        Some(Self(total.checked_mul(100)?.checked_add(fraction)?))
    }

    /// As a `CMITimespan`: `HHHH:MM:SS.SS`, at most `9999:59:59.99`.
    pub fn to_cmi(self) -> String {
        let Parts { hours, minutes, seconds, fraction } = self.parts();
        if hours > 9999 {
            return "9999:59:59.99".to_owned();
        }
        format!("{hours:04}:{minutes:02}:{seconds:02}.{fraction:02}")
    }
}

/// Whether `text` is a `CMITime`: a time of day, `HH:MM:SS` with up to two decimals.
pub(super) fn is_time_of_day(text: &str) -> bool {
    clock(text).is_some_and(|(hours, minutes, seconds, _)| hours < 24 && minutes < 60 && seconds < 60)
}

/// `H+:MM:SS(.S|.SS)`, the fraction in hundredths.
fn clock(text: &str) -> Option<(u64, u64, u64, u64)> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, digits)) => (whole, hundredths(digits)?),
        None => (text, 0),
    };
    let mut parts = whole.split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || minutes.len() != 2 || seconds.len() != 2 {
        return None;
    }
    Some((digits(hours)?, digits(minutes)?, digits(seconds)?, fraction))
}

fn hundredths(text: &str) -> Option<u64> {
    match text.len() {
        1 => Some(digits(text)? * 10),
        2 => digits(text),
        _ => None,
    }
}

fn digits(text: &str) -> Option<u64> {
    let plain = (1..=9).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timespans_are_read_and_written_as_the_standards_do() {
        for (text, hundredths, cmi, iso) in [
            ("00:00:00", Some(0), "0000:00:00.00", "PT0S"),
            ("0000:01:30", Some(9_000), "0000:01:30.00", "PT1M30S"),
            ("01:00:00.5", Some(360_050), "0001:00:00.50", "PT1H0.50S"),
            ("0002:03:04.05", Some(738_405), "0002:03:04.05", "PT2H3M4.05S"),
            ("17496:00:00", Some(6_298_560_000), "9999:59:59.99", "PT17496H"),
            ("00:99:99", Some(603_900), "0001:40:39.00", "PT1H40M39S"),
            ("", None, "", ""),
            ("1:2:3", None, "", ""),
            ("00:00", None, "", ""),
            ("00:00:00.123", None, "", ""),
            ("-1:00:00", None, "", ""),
            ("99999999999999999999:00:00", None, "", ""),
            ("PT5M", None, "", ""),
        ] {
            let read = Hundredths::from_cmi(text);
            assert_eq!(read.map(|h| h.0), hundredths, "{text}");
            if let Some(read) = read {
                assert_eq!((read.to_cmi().as_str(), read.to_iso().as_str()), (cmi, iso), "{text}");
            }
        }
    }

    #[test]
    fn a_time_of_day_stays_within_a_day() {
        assert!(is_time_of_day("23:59:59.9"));
        assert!(!is_time_of_day("24:00:00"));
        assert!(!is_time_of_day("12:60:00"));
    }
}
