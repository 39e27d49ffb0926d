//! Numbers as SCORM 1.2 writes them (`CMIDecimal`, RTE §3.4.1), kept as text so that none changes on its way.

use serde::{Deserialize, Deserializer, Serialize, de};
use std::cmp::Ordering;
use std::fmt;

/// A decimal number as content wrote it. Equal and ordered by value: `80` is `80.0`.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Decimal(String);

impl Decimal {
    /// Reads an optional sign, digits, and an optional fraction; nothing else is a decimal.
    pub fn read(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let fits = text.len() <= 32 && plain(whole) && plain(fraction) && !(whole.is_empty() && fraction.is_empty());
        fits.then(|| Self(text.to_owned()))
    }

    /// The nearest double, for comparing and for division.
    pub fn value(&self) -> f64 {
        self.0.parse().unwrap_or_default()
    }

    /// The same number as JSON writes it.
    pub fn json(&self) -> serde_json::Value {
        match self.0.parse::<i64>() {
            Ok(whole) => whole.into(),
            Err(_) => self.value().into(),
        }
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
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
        self.value().total_cmp(&other.value())
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::read(&text).ok_or_else(|| de::Error::custom("a decimal is digits, with at most one sign and one point"))
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    #[test]
    fn only_plain_decimals_are_read_and_they_compare_by_value() {
        for text in ["0", "85", "-1", "33.3", ".5", "5.", "100.00"] {
            assert!(Decimal::read(text).is_some(), "{text}");
        }
        for text in ["", "-", ".", "1e3", "NaN", "1,5", " 1", "+1", "1.2.3", "0x10"] {
            assert!(Decimal::read(text).is_none(), "{text}");
        }
        assert_eq!(Decimal::read("80"), Decimal::read("80.0"));
        assert!(Decimal::read("9") < Decimal::read("10"));
        assert_eq!(Decimal::read("33.3").unwrap().json(), serde_json::json!(33.3));
    }
}
