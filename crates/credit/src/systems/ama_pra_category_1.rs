//! *AMA PRA Category 1 Credit™*.

use super::{CreditSystem, Eligibility};
use crate::template::Placeholder;
use crate::{Credits, Profession};

pub(super) const SYSTEM: CreditSystem = CreditSystem {
    name: "AMA PRA Category 1 Credit™",
    is_credit: true,
    certificate: "Certificate of completion",
    deed: "completed",
    designation: &[Placeholder::Provider, Placeholder::Format, Placeholder::Maximum],
    trademarks: &["AMA PRA Category 1 Credit™", "AMA PRA Category 1 Credit(s)™", "AMA PRA Category 1 Credits™"],
    step: Some(Credits(25)),
    eligible: Some(Eligibility { professions: &[Profession::Physician], whom: "physicians" }),
};
