//! The status of a decision and of the credit that resulted from it.

use super::{Badge, Tone};
use crate::service::crediting::certificates::CertificateCheck;
use crate::service::crediting::holds;
use crate::service::learning::registrations::{OfferingStatus, RegistrationStatus};
use crate::service::ledger::credits::CreditRecord;
use credit::Outcome;

/// Who reads the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    Learner,
    Coordinator,
    /// Anyone who checks a credit from outside.
    Auditor,
}

/// The status of an offering for a learner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditStatus {
    /// Credit was awarded and counts.
    Awarded,
    /// Participation was recorded, without credit.
    Recorded,
    /// What was recorded no longer counts.
    Revoked,
    /// Every rule is met.
    Complete,
    /// A person must decide about an integrity signal.
    Held,
    /// Something is missing.
    InProgress,
}

impl CreditStatus {
    /// Of a credit that was recorded.
    pub fn of_credit(credit: &CreditRecord) -> Self {
        match (credit.is_active(), credit.system.is_credit()) {
            (true, true) => Self::Awarded,
            (true, false) => Self::Recorded,
            (false, _) => Self::Revoked,
        }
    }

    /// Of one offering.
    pub fn of_offering(offering: &OfferingStatus) -> Self {
        match (&offering.credit, offering.decision.outcome) {
            (Some(credit), _) => Self::of_credit(credit),
            (None, Outcome::Award { .. }) => Self::Complete,
            (None, Outcome::Held) => Self::Held,
            (None, Outcome::Open) if offering.open_signals().next().is_some() => Self::Held,
            (None, Outcome::Open) => Self::InProgress,
        }
    }

    /// Of a whole registration: what counts comes before what was revoked, and both before what is still open.
    pub fn of_registration(standing: &RegistrationStatus) -> Self {
        let credits = standing.offerings.iter().filter_map(|offering| offering.credit.as_ref());
        let recorded: Vec<Self> = credits.map(Self::of_credit).collect();
        let first = [Self::Awarded, Self::Recorded, Self::Revoked].into_iter().find(|status| recorded.contains(status));
        first.unwrap_or(if holds::is_held(standing) { Self::Held } else { Self::InProgress })
    }

    /// What `reader` sees.
    pub fn badge(self, reader: Reader) -> Badge {
        Badge::new(self.tone(), self.word(reader))
    }

    /// How good the news is.
    pub fn tone(self) -> Tone {
        match self {
            Self::Awarded | Self::Recorded => Tone::Good,
            Self::Revoked => Tone::Bad,
            Self::Held => Tone::Warn,
            Self::Complete | Self::InProgress => Tone::Neutral,
        }
    }

    /// What `reader` sees, in words.
    pub fn word(self, reader: Reader) -> &'static str {
        match (self, reader) {
            (Self::Awarded | Self::Recorded, Reader::Auditor) => "Valid",
            (Self::Awarded, Reader::Learner | Reader::Coordinator) => "Credit awarded",
            (Self::Recorded, Reader::Learner | Reader::Coordinator) => "Participation recorded",
            (Self::Revoked, _) => "Revoked",
            (Self::Complete, _) => "Every rule is met",
            (Self::Held, Reader::Coordinator) => "Needs your decision",
            (Self::Held, Reader::Learner | Reader::Auditor) => "Under review",
            (Self::InProgress, _) => "In progress",
        }
    }
}

/// The status of a certificate, for anyone who checks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateStatus {
    Valid,
    /// Made to try the product out.
    Sample,
    Revoked,
}

impl CertificateStatus {
    /// Of a certificate that was issued here.
    pub fn of(checked: &CertificateCheck) -> Self {
        match (checked.valid, checked.certificate.sample) {
            (false, _) => Self::Revoked,
            (true, true) => Self::Sample,
            (true, false) => Self::Valid,
        }
    }

    /// The heading of the page.
    pub fn title(self) -> &'static str {
        match self {
            Self::Valid => "This certificate is valid",
            Self::Sample => "This is a sample, not a certificate",
            Self::Revoked => "This certificate is no longer valid",
        }
    }

    /// What it means.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Valid => "It was issued here and is valid. Compare these details with the certificate that you have.",
            Self::Sample => "It was made here to try the product out. It is not evidence of any credit.",
            Self::Revoked => "It was issued here and later revoked. Ask the person or the provider named below.",
        }
    }

    /// Its badge; the page says separately that a certificate is a sample.
    pub fn badge(self) -> Option<Badge> {
        match self {
            Self::Valid => Some(CreditStatus::Awarded.badge(Reader::Auditor)),
            Self::Sample => None,
            Self::Revoked => Some(CreditStatus::Revoked.badge(Reader::Auditor)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reader_learns_the_same_in_their_own_words() {
        for (status, tone, words) in [
            (CreditStatus::Awarded, Tone::Good, ["Credit awarded", "Credit awarded", "Valid"]),
            (CreditStatus::Recorded, Tone::Good, ["Participation recorded", "Participation recorded", "Valid"]),
            (CreditStatus::Revoked, Tone::Bad, ["Revoked", "Revoked", "Revoked"]),
            (CreditStatus::Held, Tone::Warn, ["Under review", "Needs your decision", "Under review"]),
            (CreditStatus::Complete, Tone::Neutral, ["Every rule is met"; 3]),
            (CreditStatus::InProgress, Tone::Neutral, ["In progress"; 3]),
        ] {
            let readers = [Reader::Learner, Reader::Coordinator, Reader::Auditor];
            assert_eq!((status.tone(), readers.map(|reader| status.word(reader))), (tone, words));
        }
    }
}
