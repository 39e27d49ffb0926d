//! Lengths of time, and how xAPI (ISO 8601) writes them.

use serde::{Deserialize, Serialize};

/// A length of time in hundredths of a second, the precision of SCORM and of xAPI.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hundredths(pub u64);

impl Hundredths {
    /// Whole seconds.
    pub const fn of_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(100))
    }

    /// Whole seconds, the fraction dropped.
    pub const fn seconds(self) -> u64 {
        self.0 / 100
    }

    /// Both together.
    pub(crate) const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// As an ISO 8601 duration, for `result.duration` (xAPI 1.0.3 Part 2 §4.2.7).
    pub fn to_iso(self) -> String {
        let Parts { hours, minutes, seconds, fraction } = self.parts();
        let hours = if hours > 0 { format!("{hours}H") } else { String::new() };
        let minutes = if minutes > 0 { format!("{minutes}M") } else { String::new() };
        let seconds = match (seconds, fraction) {
            (0, 0) if !(hours.is_empty() && minutes.is_empty()) => String::new(),
            (_, 0) => format!("{seconds}S"),
            _ => format!("{seconds}.{fraction:02}S"),
        };
        format!("PT{hours}{minutes}{seconds}")
    }

    pub(crate) fn parts(self) -> Parts {
        let seconds = self.seconds();
        Parts { hours: seconds / 3600, minutes: seconds / 60 % 60, seconds: seconds % 60, fraction: self.0 % 100 }
    }
}

/// A length of time as a clock shows it; the fraction in hundredths.
pub(crate) struct Parts {
    pub(crate) hours: u64,
    pub(crate) minutes: u64,
    pub(crate) seconds: u64,
    pub(crate) fraction: u64,
}
