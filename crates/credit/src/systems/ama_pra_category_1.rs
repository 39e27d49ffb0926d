//! *AMA PRA Category 1 Credit™*.

use super::{CreditSystem, Eligibility};
use crate::template::Placeholder;
use crate::{Credits, Profession, mark};

pub(super) const SYSTEM: CreditSystem = CreditSystem {
    name: mark::ONE,
    is_credit: true,
    certificate: "Certificate of completion",
    deed: "completed",
    designation: &[Placeholder::Provider, Placeholder::Format, Placeholder::Maximum],
    trademarks: &mark::FORMS,
    step: Some(Credits(25)),
    eligible: Some(Eligibility { professions: &[Profession::Physician], whom: "physicians" }),
};
