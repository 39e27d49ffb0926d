//! Numbers as they are written, compared and told apart digit by digit: no float rounds them.

use std::cmp::Ordering;

/// The exact value of a JSON number: `sign * 0.digits * 10^exponent`, with neither zeros in front nor behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
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
    /// The value of a JSON number. An exponent beyond ±10^15 is taken as that: no two such numbers meet in practice.
    pub fn of(number: &str) -> Self {
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

impl Decimal {
    /// So many times 10^-`places`, what is finer cut off; `None` for a value that does not fit.
    pub fn in_units(&self, places: u32) -> Option<i128> {
        let width = usize::try_from((self.exponent + i64::from(places)).max(0)).ok()?;
        if self.sign == Sign::Zero || width == 0 {
            return Some(0);
        }
        if width > 38 {
            return None;
        }
        let units: i128 = format!("{:0<width$.width$}", self.digits).parse().ok()?;
        Some(if self.sign == Sign::Negative { -units } else { units })
    }

    /// Whether nothing stands behind the point.
    pub fn is_whole(&self) -> bool {
        self.exponent >= length(&self.digits)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = || self.exponent.cmp(&other.exponent).then_with(|| self.digits.cmp(&other.digits));
        self.sign.cmp(&other.sign).then_with(|| if self.sign == Sign::Negative { size().reverse() } else { size() })
    }
}

/// One text for each value: what two equal numbers have in common.
impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.sign {
            Sign::Zero => f.write_str("0"),
            Sign::Negative => write!(f, "-0.{}e{}", self.digits, self.exponent),
            Sign::Positive => write!(f, "0.{}e{}", self.digits, self.exponent),
        }
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
}
