//! The items of a package, and what follows for the whole package by its standard's rules.

use super::status::Status;
use super::time::Hundredths;
use base::decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A learner's progress in one item. An item that was never opened is the default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemProgress {
    pub status: Status,
    /// The highest raw score, 0 to 100.
    pub score: Option<Decimal>,
    pub time: Hundredths,
}

/// The progress in the whole package.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Course {
    pub status: Status,
    /// 0 to 100.
    pub score: Option<f64>,
    pub time: Hundredths,
}
