//! Participation: for learners who are not eligible for an activity's credit.

use super::CreditSystem;

pub(super) const SYSTEM: CreditSystem = CreditSystem {
    name: "Participation",
    is_credit: false,
    certificate: "Record of participation",
    deed: "took part in",
    designation: &[],
    trademarks: &[],
    step: None,
    eligible: None,
};
