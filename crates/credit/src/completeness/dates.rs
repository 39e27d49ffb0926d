//! The certification period.

use super::{Draft, Gap};
use jiff::ToSpan as _;
use jiff::civil::Date;

/// Enduring materials are reviewed at least this often (ACCME), and offered no longer without it.
const YEARS: i64 = 3;

/// The last day of a period of three years that begins on `from`.
pub(super) fn limit(from: Date) -> Date {
    from.saturating_add(YEARS.years())
}

pub(super) fn check(draft: &Draft, gaps: &mut Vec<Gap>) {
    let Some(dates) = draft.dates else { return };
    let mut refuse = |member, code, message| gaps.push(Gap::new(format!("/dates/{member}"), code, message));
    if dates.certified > dates.released {
        let message = format!(
            "Certified on {}, after the release on {}: credit is never certified afterwards. Correct one of the dates.",
            dates.certified, dates.released
        );
        refuse("certified", "certified-after-release", message);
    }
    if dates.expires < dates.released {
        let message =
            format!("Expires on {}, before the release on {}. Correct one of them.", dates.expires, dates.released);
        refuse("expires", "expires-before-release", message);
    }
    if dates.reviewed > dates.expires {
        let message =
            format!("Reviewed on {}, after the expiration on {}. Correct one of them.", dates.reviewed, dates.expires);
        refuse("reviewed", "reviewed-after-expiration", message);
    }
    // A review that preceded the release is the one that the release rests on.
    let latest = limit(dates.reviewed.max(dates.released));
    if dates.expires > latest {
        let message = format!(
            "Expires on {}, more than {YEARS} years after the release or the last review. Review the activity, or let it \
             expire by {latest}.",
            dates.expires
        );
        refuse("expires", "period-too-long", message);
    }
}
