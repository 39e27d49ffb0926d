//! Exact amounts. Credit is never a floating-point number: a quarter of an hour is 25 hundredths, not 0.25.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// An amount of credit in hundredths; written as `"0.75"`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Credits(pub u32);

impl Credits {
    /// Whether this amount is a whole number of `step`s.
    pub fn is_multiple_of(self, step: Self) -> bool {
        step.0 != 0 && self.0.is_multiple_of(step.0)
    }

    /// Every amount that a learner can claim: each multiple of `step` above nothing, up to `maximum`.
    pub fn choices(step: Self, maximum: Self) -> impl DoubleEndedIterator<Item = Self> {
        let count = maximum.0.checked_div(step.0).unwrap_or(0);
        (1..=count).map(move |n| Self(n * step.0))
    }
}

impl fmt::Display for Credits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// The text was not an amount of credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an amount of credit is written with at most two decimals and no sign, such as \"0.75\"")]
pub struct CreditsError;

impl FromStr for Credits {
    type Err = CreditsError;
    fn from_str(text: &str) -> Result<Self, CreditsError> {
        decimal::<2>(text).map(Self).ok_or(CreditsError)
    }
}

/// A share of a whole, from 0 to 1, in ten-thousandths; written as `"0.75"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fraction(u32);

impl Fraction {
    /// The whole, as ten-thousandths.
    const WHOLE: u32 = 10_000;

    /// The share that `part` is of `whole`, rounded down; nothing when there is no whole.
    pub fn floor(part: u32, whole: u32) -> Self {
        let share = (u64::from(part) * u64::from(Self::WHOLE)).checked_div(u64::from(whole)).unwrap_or(0);
        Self(u32::try_from(share).map_or(Self::WHOLE, |share| share.min(Self::WHOLE)))
    }

    /// A share that someone else wrote with as many decimals as they liked, rounded down.
    pub fn truncated(text: &str) -> Option<Self> {
        let end = text.find('.').map_or(text.len(), |point| text.len().min(point + 5));
        text.get(..end)?.parse().ok()
    }

    /// This share of `whole`, rounded up.
    pub fn of(self, whole: u64) -> u64 {
        (whole * u64::from(self.0)).div_ceil(u64::from(Self::WHOLE))
    }

    /// Whether `part` out of `whole` is at least this share. Nothing out of nothing is no share at all.
    pub fn is_reached_by(self, part: u32, whole: u32) -> bool {
        whole != 0 && u64::from(part) * u64::from(Self::WHOLE) >= u64::from(whole) * u64::from(self.0)
    }

    /// This share as a whole number of ten-thousandths.
    pub(crate) fn ten_thousandths(self) -> u32 {
        self.0
    }

    /// This share in per cent, with the decimals that it has.
    pub fn percent(self) -> String {
        let decimals = format!("{:02}", self.0 % 100);
        let decimals = decimals.trim_end_matches('0');
        let whole = self.0 / 100;
        if decimals.is_empty() { format!("{whole} %") } else { format!("{whole}.{decimals} %") }
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:04}", self.0 % Self::WHOLE);
        let digits = digits.trim_end_matches('0');
        let whole = self.0 / Self::WHOLE;
        if digits.is_empty() { write!(f, "{whole}") } else { write!(f, "{whole}.{digits}") }
    }
}

/// The text was not a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a share is a number from 0 to 1 with at most four decimals, such as \"0.75\"")]
pub struct FractionError;

impl FromStr for Fraction {
    type Err = FractionError;
    fn from_str(text: &str) -> Result<Self, FractionError> {
        decimal::<4>(text).filter(|&share| share <= Self::WHOLE).map(Self).ok_or(FractionError)
    }
}

/// `text` times ten to the power of `PLACES`, when it is a plain decimal with no more than that many decimals.
fn decimal<const PLACES: usize>(text: &str) -> Option<u32> {
    let (whole, decimals) = text.split_once('.').map_or((text, None), |(whole, decimals)| (whole, Some(decimals)));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !decimals.is_none_or(digits) {
        return None;
    }
    let decimals = decimals.unwrap_or_default();
    if decimals.len() > PLACES {
        return None;
    }
    format!("{whole}{decimals:0<PLACES$}").parse().ok()
}

macro_rules! as_text {
    ($type:ty) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

as_text!(Credits);
as_text!(Fraction);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credits_are_exact_hundredths() {
        for (text, hundredths) in [("0.75", 75), ("1", 100), ("1.5", 150), ("12.25", 1225), ("0", 0)] {
            assert_eq!(text.parse(), Ok(Credits(hundredths)), "{text}");
        }
        for text in ["", ".5", "1.", "-1", "+1", "0.755", "1e2", "1,5", "99999999999", "٣"] {
            assert_eq!(text.parse::<Credits>(), Err(CreditsError), "{text}");
        }
        assert_eq!(Credits(75).to_string(), "0.75");
        assert_eq!(Credits(1200).to_string(), "12.00");
    }

    #[test]
    fn a_claim_is_a_multiple_of_the_step() {
        assert!(Credits(75).is_multiple_of(Credits(25)));
        assert!(!Credits(80).is_multiple_of(Credits(25)));
        assert!(!Credits(80).is_multiple_of(Credits(0)));
        let choices: Vec<_> = Credits::choices(Credits(25), Credits(75)).collect();
        assert_eq!(choices, [Credits(25), Credits(50), Credits(75)]);
        assert_eq!(Credits::choices(Credits(0), Credits(75)).count(), 0);
    }

    #[test]
    fn a_minimum_is_compared_without_rounding() {
        let two_thirds: Fraction = "0.6667".parse().unwrap();
        assert!(!two_thirds.is_reached_by(2, 3));
        assert!("0.6666".parse::<Fraction>().unwrap().is_reached_by(2, 3));
        assert!("0.75".parse::<Fraction>().unwrap().is_reached_by(3, 4));
        assert!(!"0.75".parse::<Fraction>().unwrap().is_reached_by(0, 0));
        assert_eq!("1.0001".parse::<Fraction>(), Err(FractionError));
    }

    #[test]
    fn a_share_is_written_as_people_write_it() {
        for (text, written, percent) in
            [("0.75", "0.75", "75 %"), ("1", "1", "100 %"), ("0.6250", "0.625", "62.5 %"), ("0", "0", "0 %")]
        {
            let share: Fraction = text.parse().unwrap();
            assert_eq!(share.to_string(), written);
            assert_eq!(share.percent(), percent);
        }
        assert_eq!("0.25".parse::<Fraction>().unwrap().of(2701), 676);
    }
}
