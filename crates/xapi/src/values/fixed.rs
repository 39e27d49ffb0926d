//! Sums of numbers as they are written: no float rounds them, and no order of adding changes them.

use base::decimal::Decimal;
use std::fmt;

/// How many decimal places are held. What a number has beyond them is cut off.
const PLACES: u32 = 18;
const ONE: i128 = 10_i128.pow(PLACES);

/// A number of up to 18 decimal places.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fixed(i128);

impl Fixed {
    /// The value of a JSON number; `None` beyond 10^20.
    pub fn of(number: &str) -> Option<Self> {
        Decimal::of(number).in_units(PLACES).map(Self)
    }

    /// The sum; `None` where it cannot be held.
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// So many times this; `None` where it cannot be held.
    pub(crate) fn times(self, factor: u32) -> Option<Self> {
        self.0.checked_mul(i128::from(factor)).map(Self)
    }

    /// The mean of `count` numbers whose sum this is, to six decimal places, halves away from zero; `None` of no numbers.
    pub fn mean(self, count: u64) -> Option<Self> {
        const STEP: i128 = ONE / 1_000_000;
        let divisor = i128::from(count).checked_mul(STEP).filter(|divisor| *divisor > 0)?;
        let (whole, rest) = (self.0 / divisor, self.0 % divisor);
        let away = if rest.unsigned_abs() * 2 >= divisor.unsigned_abs() { self.0.signum() } else { 0 };
        Some(Self((whole + away) * STEP))
    }
}

/// As JSON writes a number, without zeros at the end.
impl fmt::Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, fraction) =
            (self.0.unsigned_abs() / ONE.unsigned_abs(), self.0.unsigned_abs() % ONE.unsigned_abs());
        write!(f, "{sign}{whole}")?;
        let places = format!("{fraction:018}");
        match places.trim_end_matches('0') {
            "" => Ok(()),
            places => write!(f, ".{places}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(numbers: &[&str]) -> Fixed {
        numbers.iter().try_fold(Fixed::default(), |sum, number| sum.plus(Fixed::of(number)?)).unwrap()
    }

    #[test]
    fn sums_are_exact() {
        assert_eq!(sum(&["0.1"; 10]).to_string(), "1");
        assert_eq!(sum(&["0.1", "0.2", "-1e-3", "0.000000000000000001"]).to_string(), "0.299000000000000001");
        assert_eq!(sum(&["-0.5", "0.25"]).to_string(), "-0.25");
        assert_eq!(sum(&[]).to_string(), "0");
    }

    #[test]
    fn a_mean_is_rounded_to_six_places_with_halves_away_from_zero() {
        for (total, count, mean) in [
            ("1", 3, "0.333333"),
            ("2", 3, "0.666667"),
            ("-2", 3, "-0.666667"),
            ("0.000001", 2, "0.000001"),
            ("-0.000001", 2, "-0.000001"),
            ("0.0000009", 2, "0"),
            ("2.5", 2, "1.25"),
        ] {
            assert_eq!(Fixed::of(total).unwrap().mean(count).unwrap().to_string(), mean, "{total} / {count}");
        }
        assert_eq!(sum(&["1"]).mean(0), None);
    }

    #[test]
    fn what_cannot_be_represented_is_reported() {
        assert_eq!(Fixed::of("1e30"), None);
        let most = Fixed::of("99999999999999999999").unwrap();
        assert_eq!((most.times(2), most.plus(most)), (None, None));
    }
}
