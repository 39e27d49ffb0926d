//! How the provider of a page writes dates, times and numbers.

use crate::config::Locale;
use crate::service::App;
use credit::Fraction;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::borrow::Borrow;

/// The provider's locale and time zone.
#[derive(Debug, Clone)]
pub struct Formats {
    locale: Locale,
    zone: TimeZone,
}

impl Formats {
    /// Those of the provider of `app`. The time zone was checked at the start; if it is gone since, times are shown in UTC
    /// and say so.
    pub fn of(app: &App) -> Self {
        let provider = &app.config.provider;
        let zone = TimeZone::get(&provider.time_zone).unwrap_or(TimeZone::UTC);
        Self { locale: provider.locale, zone }
    }

    /// The provider's locale.
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// The provider's time zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// A date: `January 15, 2026`.
    pub fn date(&self, date: impl Borrow<Date>) -> String {
        self.locale.date(*date.borrow())
    }

    /// An instant in the provider's time zone: `January 15, 2026, 2:05 PM EST`.
    pub fn moment(&self, at: Timestamp) -> String {
        self.locale.moment(at, &self.zone)
    }

    /// An instant to the second, for a table.
    pub fn second(&self, at: Timestamp) -> String {
        self.locale.second(at, &self.zone)
    }

    /// A count: `1,234`.
    pub fn count(&self, count: u64) -> String {
        self.locale.count(count)
    }

    /// A share: `80%`.
    pub fn percent(&self, share: impl Borrow<Fraction>) -> String {
        // Rule reasons, which are frozen, have a space before the sign; pages have the locale's form.
        let written = share.borrow().percent();
        self.locale.percent(written.trim_end_matches([' ', '%']))
    }
}

impl Default for Formats {
    fn default() -> Self {
        Self { locale: Locale::default(), zone: TimeZone::UTC }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_the_sign_of_the_locale() {
        for (share, written) in [("0.8", "80%"), ("0.625", "62.5%"), ("1", "100%")] {
            assert_eq!(Formats::default().percent(share.parse::<Fraction>().unwrap()), written);
        }
    }
}
