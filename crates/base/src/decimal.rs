//! Decimal numbers as they are written, compared and distinguished digit by digit: no float rounds them.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::cmp::Ordering;
use std::fmt;

/// A decimal number, kept as it was written. Equal and ordered by its exact value: `80` is `80.0`.
#[derive(Debug, Clone)]
pub struct Decimal {
    written: String,
    value: Value,
}

/// `sign * 0.digits * 10^exponent`, with neither zeros in front nor at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Value {
    sign: Sign,
    digits: String,
    exponent: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    Negative,
    Zero,
    Positive,
}

impl Decimal {
    /// The longest text that [`Decimal::read`] accepts, in bytes.
    const LONGEST: usize = 32;

    /// A JSON number. An exponent beyond ±10^15 is limited to that: no two such numbers are compared in practice.
    pub fn of(number: &str) -> Self {
        Self { written: number.to_owned(), value: Value::of(number) }
    }

    /// Reads an optional sign, digits, and an optional fraction; nothing else is a decimal (`CMIDecimal`, SCORM 1.2 RTE
    /// §3.4.1).
    pub fn read(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let fits = text.len() <= Self::LONGEST
            && plain(whole)
            && plain(fraction)
            && !(whole.is_empty() && fraction.is_empty());
        fits.then(|| Self::of(text))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// The nearest double, for division and for what accepts only doubles.
    pub fn nearest(&self) -> f64 {
        self.written.parse().unwrap_or_default()
    }

    /// One text for each value: what two equal numbers have in common.
    pub fn canonical(&self) -> String {
        let Value { sign, digits, exponent } = &self.value;
        match sign {
            Sign::Zero => "0".to_owned(),
            Sign::Negative => format!("-0.{digits}e{exponent}"),
            Sign::Positive => format!("0.{digits}e{exponent}"),
        }
    }

    /// The value in units of 10^-`places`, rounded towards zero; `None` for a value that does not fit.
    pub fn in_units(&self, places: u32) -> Option<i128> {
        let Value { sign, digits, exponent } = &self.value;
        let width = usize::try_from((exponent + i64::from(places)).max(0)).ok()?;
        if *sign == Sign::Zero || width == 0 {
            return Some(0);
        }
        if width > 38 {
            return None;
        }
        let units: i128 = format!("{digits:0<width$.width$}").parse().ok()?;
        Some(if *sign == Sign::Negative { -units } else { units })
    }

    /// Whether nothing comes after the point.
    pub fn is_whole(&self) -> bool {
        self.value.exponent >= length(&self.value.digits)
    }
}

impl Value {
    fn of(number: &str) -> Self {
        let (sign, text) = match number.strip_prefix('-') {
            Some(rest) => (Sign::Negative, rest),
            None => (Sign::Positive, number),
        };
        let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = [whole, fraction].concat();
        let significant = all.trim_start_matches('0');
        let zeros = all.len() - significant.len();
        let digits = significant.trim_end_matches('0').to_owned();
        if digits.is_empty() {
            return Self { sign: Sign::Zero, digits, exponent: 0 };
        }
        Self { sign, digits, exponent: power_of(power) + length(whole) - length_of(zeros) }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = || self.exponent.cmp(&other.exponent).then_with(|| self.digits.cmp(&other.digits));
        self.sign.cmp(&other.sign).then_with(|| if self.sign == Sign::Negative { size().reverse() } else { size() })
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value.cmp(&other.value)
    }
}

/// As it was written.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// As a text, as it was written.
impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.written)
    }
}

/// From a text that [`Decimal::read`] accepts.
impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::read(&text).ok_or_else(|| de::Error::custom("a decimal is digits, with at most one sign and one point"))
    }
}

fn power_of(text: &str) -> i64 {
    const MOST: i64 = 1_000_000_000_000_000;
    let beyond = if text.starts_with('-') { -MOST } else { MOST };
    text.trim_start_matches('+').parse().map_or(beyond, |power: i64| power.clamp(-MOST, MOST))
}

fn length(text: &str) -> i64 {
    length_of(text.len())
}

fn length_of(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_equal_however_they_are_written() {
        for same in
            [["1", "1.0"], ["0.95", "95e-2"], ["-0", "0.00"], ["1e3", "1000"], ["1E+3", "1000.000"], ["0e9", "0"]]
        {
            assert_eq!(Decimal::of(same[0]), Decimal::of(same[1]), "{same:?}");
        }
    }

    #[test]
    fn order_is_exact_to_the_last_digit() {
        let ascending = [
            "-1e400",
            "-10",
            "-1.00001",
            "-1",
            "-0.99999999999999999999",
            "0",
            "1e-400",
            "0.1",
            "0.95",
            "0.99999999999999999999",
            "1",
            "1.00000000000000000001",
            "9",
            "10",
            "1e400",
        ];
        for (low, high) in ascending.iter().zip(ascending.iter().skip(1)) {
            assert!(Decimal::of(low) < Decimal::of(high), "{low} < {high}");
        }
    }

    #[test]
    fn units_are_exact_and_what_is_finer_is_cut_off() {
        for (number, units) in [
            ("0.95", Some(950)),
            ("-0.95", Some(-950)),
            ("1", Some(1000)),
            ("12e2", Some(1_200_000)),
            ("0.0019", Some(1)),
            ("-0.0019", Some(-1)),
            ("0.0009", Some(0)),
            ("0", Some(0)),
            ("1e-400", Some(0)),
            ("1e400", None),
        ] {
            assert_eq!(Decimal::of(number).in_units(3), units, "{number}");
        }
    }

    #[test]
    fn an_absurd_exponent_is_no_trouble() {
        assert!(Decimal::of("1e99999999999999999999") > Decimal::of("1"));
        assert!(Decimal::of("1e-99999999999999999999") < Decimal::of("1"));
    }

    #[test]
    fn only_plain_decimals_are_read_and_they_compare_by_value() {
        for text in ["0", "85", "-1", "33.3", ".5", "5.", "100.00"] {
            assert_eq!(Decimal::read(text).unwrap().to_string(), text);
        }
        for text in ["", "-", ".", "1e3", "NaN", "1,5", " 1", "+1", "1.2.3", "0x10", &"1".repeat(33)] {
            assert!(Decimal::read(text).is_none(), "{text}");
        }
        assert_eq!(Decimal::read("80"), Decimal::read("80.0"));
        assert_eq!(Decimal::read(".5"), Decimal::read("0.50"));
        assert!(Decimal::read("9") < Decimal::read("10"));
    }
}
