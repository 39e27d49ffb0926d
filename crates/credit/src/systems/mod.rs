//! Credit systems: whose credit it is, and what its owner wants. One file and one table for each; adding a system is adding a
//! file here and a line to [`System`].

mod ama_pra_category_1;
mod ancc_contact_hours;
mod participation;

use crate::template::Placeholder;
use crate::{Credits, Profession, mark};
use serde::{Deserialize, Serialize};

/// Whose credit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum System {
    /// *AMA PRA Category 1 Credit™*, for physicians.
    #[serde(rename = "ama-pra-category-1")]
    AmaPraCategory1,
    /// ANCC contact hours, for nurses.
    AnccContactHours,
    /// No credit: a record that someone took part in an activity that is designated for credit.
    Participation,
}

/// What is the same about a credit system for every provider.
#[derive(Debug)]
pub(crate) struct CreditSystem {
    /// As certificates and pages write it.
    pub name: &'static str,
    /// Whether it is credit, or a record of participation only.
    pub is_credit: bool,
    /// What its certificate is called.
    pub certificate: &'static str,
    /// What someone did who has it, before the name of the activity's format.
    pub deed: &'static str,
    /// The facts that its designation statement must have.
    pub designation: &'static [Placeholder],
    /// The forms of its trademark, of which a designation statement must have one.
    pub trademarks: &'static [&'static str],
    /// The only step in which it is claimed.
    pub step: Option<Credits>,
    /// Whom it is for; anyone, where there is nothing.
    pub eligible: Option<Eligibility>,
}

/// The professions that a credit system is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Eligibility {
    pub professions: &'static [Profession],
    /// In one word.
    pub whom: &'static str,
}

impl System {
    pub(crate) fn table(self) -> &'static CreditSystem {
        match self {
            Self::AmaPraCategory1 => &ama_pra_category_1::SYSTEM,
            Self::AnccContactHours => &ancc_contact_hours::SYSTEM,
            Self::Participation => &participation::SYSTEM,
        }
    }

    /// As certificates and pages write it.
    pub fn name(self) -> &'static str {
        self.table().name
    }

    /// Whether it is credit, or a record of participation only.
    pub fn is_credit(self) -> bool {
        self.table().is_credit
    }

    /// `amount` in it, as a sentence writes it; `template` is the provider's designation statement.
    pub fn award(self, amount: Credits, template: &str) -> String {
        match self {
            Self::AmaPraCategory1 => format!("{amount} {}", mark::form(amount, template)),
            Self::AnccContactHours => format!("{amount} {}", self.name()),
            Self::Participation => self.name().to_owned(),
        }
    }
}
