//! Participation: for those whom an activity's credit is not for.

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
