//! How a provider writes dates, times and numbers for people. The API and the log never use it: they have ISO 8601.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

/// A region whose conventions are known here, by its BCP 47 tag. The language of the pages stays American English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "String")]
pub enum Locale {
    #[default]
    EnUs,
    EnGb,
}

/// The tag of a locale that is not supported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a supported locale; write en-US or en-GB")]
pub struct UnknownLocale(String);

impl TryFrom<String> for Locale {
    type Error = UnknownLocale;

    fn try_from(tag: String) -> Result<Self, UnknownLocale> {
        match tag.as_str() {
            "en-US" => Ok(Self::EnUs),
            "en-GB" => Ok(Self::EnGb),
            _ => Err(UnknownLocale(tag)),
        }
    }
}

impl Locale {
    /// A date: `October 1, 2026` or `1 October 2026`.
    pub fn date(self, date: Date) -> String {
        let form = match self {
            Self::EnUs => "%B %-d, %Y",
            Self::EnGb => "%-d %B %Y",
        };
        date.strftime(form).to_string()
    }

    /// An instant to the minute, as the clocks of `zone` show it: `October 1, 2026, 2:05 PM EDT` or
    /// `1 October 2026, 14:05 BST`.
    pub fn moment(self, at: Timestamp, zone: &TimeZone) -> String {
        let form = match self {
            Self::EnUs => "%B %-d, %Y, %-I:%M %p %Z",
            Self::EnGb => "%-d %B %Y, %H:%M %Z",
        };
        at.to_zoned(zone.clone()).strftime(form).to_string()
    }

    /// An instant to the second, short enough for a table: `Oct 1, 2026, 2:05:09 PM EDT` or `1 Oct 2026, 14:05:09 BST`.
    pub fn second(self, at: Timestamp, zone: &TimeZone) -> String {
        let form = match self {
            Self::EnUs => "%b %-d, %Y, %-I:%M:%S %p %Z",
            Self::EnGb => "%-d %b %Y, %H:%M:%S %Z",
        };
        at.to_zoned(zone.clone()).strftime(form).to_string()
    }

    /// A number with a percent sign: `62.5%`.
    pub fn percent(self, decimal: &str) -> String {
        match self {
            Self::EnUs | Self::EnGb => format!("{decimal}%"),
        }
    }

    /// A count with thousands separators: `1,234,567`.
    pub fn count(self, count: u64) -> String {
        let separator = match self {
            Self::EnUs | Self::EnGb => ',',
        };
        let digits = count.to_string();
        let mut written = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                written.push(separator);
            }
            written.push(digit);
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_locale_writes_dates_and_times_in_its_own_way() {
        let (date, at) = (jiff::civil::date(2026, 10, 1), "2026-10-01T13:05:09Z".parse().unwrap());
        let zone = TimeZone::UTC;
        for (locale, day, moment, second) in [
            (Locale::EnUs, "October 1, 2026", "October 1, 2026, 1:05 PM UTC", "Oct 1, 2026, 1:05:09 PM UTC"),
            (Locale::EnGb, "1 October 2026", "1 October 2026, 13:05 UTC", "1 Oct 2026, 13:05:09 UTC"),
        ] {
            assert_eq!(locale.date(date), day);
            assert_eq!(locale.moment(at, &zone), moment);
            assert_eq!(locale.second(at, &zone), second);
        }
    }

    #[test]
    fn numbers_have_their_separators() {
        for (count, written) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(Locale::EnUs.count(count), written);
        }
        assert_eq!(Locale::EnGb.percent("62.5"), "62.5%");
    }

    #[test]
    fn an_unknown_locale_is_refused_with_what_can_be_written() {
        let refused = Locale::try_from("de-AT".to_owned()).unwrap_err().to_string();
        assert_eq!(refused, "\"de-AT\" is not a supported locale; write en-US or en-GB");
    }
}
