//! Credit offerings: one activity can be offered for the credit of several systems, each in its own way.

use super::{Credits, Fraction, OfferingId, System};
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A credit offering: one credit system, for some professions, in its own window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offering {
    pub id: OfferingId,
    pub system: System,
    /// The most that a learner can claim.
    pub maximum: Credits,
    /// Claims are multiples of it.
    pub step: Credits,
    pub professions: Vec<Profession>,
    pub window: Window,
    /// The designation statement, as the system's owner wants it.
    pub designation: String,
    /// A higher minimum than the assessment's own, for this offering.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_score: Option<Fraction>,
    pub evaluation: EvaluationRule,
    pub feedback: FeedbackRule,
    /// A deadline for the claim in days from the completion date; the window's end holds in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim_within_days: Option<u32>,
}

impl Offering {
    /// The last day on which credit can be claimed, for those who completed on `completed`: expiry closes new awards, and
    /// an offering can set an earlier deadline (V12).
    pub fn last_claim_day(&self, completed: Option<Date>) -> Date {
        let until = self.window.until;
        match (completed, self.claim_within_days) {
            (Some(completed), Some(days)) => completed.saturating_add(i64::from(days).days()).min(until),
            _ => until,
        }
    }
}

/// The days on which an offering is open, both included, in the provider's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    pub from: Date,
    pub until: Date,
}

impl Window {
    /// Whether `day` is within it.
    pub fn contains(self, day: Date) -> bool {
        self.from <= day && day <= self.until
    }

    /// Whether some day is within both.
    pub fn overlaps(self, other: Self) -> bool {
        self.from <= other.until && other.from <= self.until
    }
}

/// Whether an offering needs the evaluation form (V9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvaluationRule {
    /// Once the content is complete.
    Required,
    /// As [`Self::Required`], and once the assessment is passed.
    RequiredAfterPass,
    Optional,
}

/// Whether an offering needs feedback to have been shown (V10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeedbackRule {
    Required,
    NotRequired,
}

/// A learner's profession, which decides the credit offerings that are open to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profession {
    Physician,
    PhysicianAssistant,
    Nurse,
    NursePractitioner,
    Pharmacist,
    PharmacyTechnician,
    Psychologist,
    SocialWorker,
    Dentist,
    Dietitian,
    Other,
}

impl fmt::Display for Profession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Physician => "physician",
            Self::PhysicianAssistant => "physician assistant",
            Self::Nurse => "nurse",
            Self::NursePractitioner => "nurse practitioner",
            Self::Pharmacist => "pharmacist",
            Self::PharmacyTechnician => "pharmacy technician",
            Self::Psychologist => "psychologist",
            Self::SocialWorker => "social worker",
            Self::Dentist => "dentist",
            Self::Dietitian => "dietitian",
            Self::Other => "other profession",
        })
    }
}
