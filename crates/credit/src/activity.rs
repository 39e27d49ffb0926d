//! The activity document: everything that a provider decides about an enduring material before the first learner comes.
//!
//! `schemas/activity.schema.json` is its published form; `completeness` says what an incomplete one lacks. Where a body of
//! rules mandates exact words, the document carries the provider's own text: nothing legal is written in code.

use super::{Fraction, Offering};
use base::hash::Sha256;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// As the document writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self(name.to_owned())
            }
        }
    };
}

name! {
    /// An assessment or evaluation item's id, unique within its form.
    ItemId
}
name! {
    /// A choice's id, unique within its item.
    ChoiceId
}
name! {
    /// A credit offering's id, unique within its activity and kept when the activity is published again.
    OfferingId
}
name! {
    /// A bibliography entry's id, unique within its activity.
    ReferenceId
}

/// An activity document: `schemas/activity.schema.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// Unique within the provider; part of the activity's IRI.
    pub id: String,
    pub title: String,
    /// A language tag, such as `en` (RFC 5646).
    pub language: String,
    pub summary: String,
    pub format: Format,
    /// Whether it is only for trying the product out. A demo identity earns credit in a sample only (V6).
    #[serde(default)]
    pub sample: bool,
    pub provider: ProviderNames,
    pub statements: Statements,
    pub dates: Dates,
    /// What a typical learner needs for all of it.
    pub estimated_minutes: u32,
    pub objectives: Vec<String>,
    pub target_audience: Vec<String>,
    pub medium: String,
    /// Everyone who controls content: faculty, planners, reviewers.
    pub faculty: Vec<Faculty>,
    /// Required as soon as anyone has a relationship with an ineligible company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mitigation: Option<Mitigation>,
    /// Empty says that there was none; leaving it out is a gap.
    pub commercial_support: Vec<Support>,
    pub participation: Participation,
    pub bibliography: Vec<Reference>,
    pub contact: Contact,
    /// The privacy policy: its text, or a link to it.
    pub privacy: String,
    /// `none`, or what it costs and whom.
    pub fee: String,
    pub package: PackageRef,
    /// The package items that a learner must complete, in order. Empty: every item that can be launched.
    #[serde(default)]
    pub required_items: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessment: Option<Assessment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation: Option<Evaluation>,
    pub integrity: Integrity,
    pub offerings: Vec<Offering>,
}

impl Activity {
    /// The offering of this id.
    pub fn offering(&self, id: &OfferingId) -> Option<&Offering> {
        self.offerings.iter().find(|offering| offering.id == *id)
    }

    /// The bibliography entry of this id.
    pub fn reference(&self, id: &ReferenceId) -> Option<&Reference> {
        self.bibliography.iter().find(|reference| reference.id == *id)
    }

    /// The bytes by which a version is known: the document as canonical JSON.
    pub fn canonical(&self) -> Result<Vec<u8>, serde_json::Error> {
        super::canonical::of(self)
    }
}

/// The AMA's learning format, part of the designation statement and so fixed within a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    EnduringMaterial,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EnduringMaterial => f.write_str("enduring material"),
        }
    }
}

/// Who is responsible for the activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderNames {
    /// The accredited provider.
    pub name: String,
    /// The accrediting organization.
    pub accreditor: String,
    #[serde(default)]
    pub joint_providers: Vec<String>,
}

/// Texts that the provider owns. `{provider}` and the like are filled in with the document's own facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statements {
    pub accreditation: String,
    /// Shown above everything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

/// The certification period, in the provider's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dates {
    /// When it was certified for credit; nothing completed before it can be credited.
    pub certified: Date,
    pub released: Date,
    /// The most recent review; three years later at most it must be reviewed again.
    pub reviewed: Date,
    /// The last day on which it can be completed and claimed.
    pub expires: Date,
}

/// A person who controls content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faculty {
    pub name: String,
    pub credentials: String,
    /// What they did: author, planner, reviewer.
    pub role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub affiliation: Option<String>,
    /// Relevant relationships with ineligible companies in the last 24 months. Empty says that there are none; leaving it
    /// out is a gap (Standards for Integrity and Independence, Standard 3).
    pub relationships: Vec<Relationship>,
}

/// A financial relationship with an ineligible company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relationship {
    /// The company's name, and nothing else of it.
    pub company: String,
    pub nature: String,
    #[serde(default)]
    pub ended: bool,
}

/// That every relevant relationship was mitigated, and when that was documented.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mitigation {
    pub statement: String,
    pub documented: Date,
}

/// Commercial support from an ineligible company (Standard 4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Support {
    pub source: String,
    pub kind: SupportKind,
}

/// What was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SupportKind {
    Financial,
    InKind,
}

/// How a learner takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Participation {
    pub method: String,
    /// What must be done to earn credit.
    pub completion: String,
    /// Hardware and software.
    pub requirements: String,
}

/// One entry of the bibliography.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    pub id: ReferenceId,
    pub citation: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Whom a learner can contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    pub name: String,
    pub email: String,
}

/// Which package is played. A published version always names its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PackageRef {
    /// A file beside the document, imported when it is published.
    File(String),
    /// An imported package version.
    Id(Uuid),
    Sha256(Sha256),
}

/// The post-activity assessment, graded by the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assessment {
    pub title: String,
    /// The minimum performance level, of which learners are informed beforehand.
    pub minimum_score: Fraction,
    pub attempts: Attempts,
    pub shuffle: Shuffle,
    /// Empty only where a named person accepted the package's own assessment ([`Integrity::accept_t1`]).
    pub items: Vec<AssessmentItem>,
}

/// How often a learner may try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempts {
    /// No limit when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<u32>,
    /// Between the end of an attempt that failed and the next one.
    #[serde(default)]
    pub wait_minutes: u32,
}

/// What is put in another order for each attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shuffle {
    ItemsAndChoices,
    Items,
    None,
}

/// One item of the assessment. Its key never leaves the server before the attempt is graded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssessmentItem {
    pub id: ItemId,
    pub stem: String,
    pub kind: AssessmentKind,
    pub choices: Vec<Choice>,
    pub correct: Vec<ChoiceId>,
    pub rationale: String,
    #[serde(default)]
    pub references: Vec<ReferenceId>,
    /// The objective that it measures: a position in [`Activity::objectives`], from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objective: Option<usize>,
}

/// How many choices answer an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AssessmentKind {
    /// Exactly one.
    Single,
    /// A set, which counts only when it is exactly the correct one.
    Multiple,
}

/// One choice of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub id: ChoiceId,
    pub text: String,
}

/// The evaluation form: what learners say about the activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    pub title: String,
    pub items: Vec<EvaluationItem>,
}

/// One item of the evaluation form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationItem {
    pub id: ItemId,
    pub prompt: String,
    pub kind: EvaluationKind,
    #[serde(default)]
    pub required: bool,
    /// For [`EvaluationKind::Choice`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// For [`EvaluationKind::Scale`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
}

/// How an evaluation item is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvaluationKind {
    Scale,
    Choice,
    Text,
}

/// A scale with named ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    pub from: u8,
    pub to: u8,
    pub low: String,
    pub high: String,
}

/// What raises a signal on a completion, and what else the provider accepts as proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Integrity {
    /// A pass after less than this share of the estimated time is held for a person. A quarter where the document does
    /// not say.
    #[serde(default = "Integrity::seat_fraction")]
    pub minimum_seat_fraction: Fraction,
    /// Who accepted that a score claimed by the package (trust tier T1) counts, if anyone did.
    #[serde(default)]
    pub accept_t1: Option<Approval>,
}

impl Integrity {
    /// A quarter of the estimated time is asked for unless the provider says another share.
    fn seat_fraction() -> Fraction {
        Fraction::floor(1, 4)
    }
}

/// A named person's decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    pub by: String,
    pub on: Date,
    pub reason: String,
}
