//! ANCC contact hours.

use super::{CreditSystem, Eligibility};
use crate::Profession;
use crate::template::Placeholder;

pub(super) const SYSTEM: CreditSystem = CreditSystem {
    name: "ANCC contact hours",
    is_credit: true,
    certificate: "Certificate of completion",
    deed: "completed",
    designation: &[Placeholder::Provider, Placeholder::Maximum],
    trademarks: &[],
    step: None,
    eligible: Some(Eligibility { professions: &[Profession::Nurse, Profession::NursePractitioner], whom: "nurses" }),
};
