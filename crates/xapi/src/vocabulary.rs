//! The IRIs that this server itself uses in the statements it authors, each in one place: the services write them, the
//! credit engine reads them, and `docs/credit.md` explains them to people who query them.
//!
//! Our own terms begin with `https://w3id.org/enduring/`. Ours are only what no published vocabulary names.

/// Verbs.
pub mod verb {
    /// A learner was registered for an activity version; begins a registration.
    pub const REGISTERED: &str = "http://adlnet.gov/expapi/verbs/registered";
    /// The learner was shown something: the front matter, or the feedback on an assessment.
    pub const VIEWED: &str = "http://id.tincanapi.com/verb/viewed";
    /// The learner answered one item of an assessment or of an evaluation.
    pub const ANSWERED: &str = "http://adlnet.gov/expapi/verbs/answered";
    /// The learner began an attempt at an assessment.
    pub const ATTEMPTED: &str = "http://adlnet.gov/expapi/verbs/attempted";
    /// The learner reached the assessment's minimum performance level.
    pub const PASSED: &str = "http://adlnet.gov/expapi/verbs/passed";
    /// The learner did not reach it.
    pub const FAILED: &str = "http://adlnet.gov/expapi/verbs/failed";
    /// The learner filled in the evaluation.
    pub const SUBMITTED: &str = "http://activitystrea.ms/schema/1.0/submit";
    /// The learner claimed an amount of credit and attested to it.
    pub const CLAIMED: &str = "https://w3id.org/enduring/verbs/claimed";
    /// A credit was recorded in the ledger. Follows from the evidence and is never evidence itself.
    pub const EARNED: &str = "http://id.tincanapi.com/verb/earned";
    /// A person recorded a decision about an integrity hold. The IRI keeps its first name.
    pub const SETTLED: &str = "https://w3id.org/enduring/verbs/settled";
    /// The CME office let a learner take the assessment once more than its policy says.
    pub const GRANTED: &str = "https://w3id.org/enduring/verbs/granted";
    /// The CME office began a registration again, beside the one that came to an end.
    pub const RESTARTED: &str = "https://w3id.org/enduring/verbs/restarted";
    /// Two people of the CME office awarded credit by hand.
    pub const AWARDED: &str = "https://w3id.org/enduring/verbs/awarded";
    /// The voiding verb of the standard (Part 2 §2.3.2).
    pub const VOIDED: &str = "http://adlnet.gov/expapi/verbs/voided";
}

/// Activity types.
pub mod activity_type {
    /// A CME activity.
    pub const ACTIVITY: &str = "http://adlnet.gov/expapi/activities/course";
    /// What a learner must be informed of before taking part.
    pub const FRONT_MATTER: &str = "https://w3id.org/enduring/activity-types/front-matter";
    /// The post-activity assessment.
    pub const ASSESSMENT: &str = "http://adlnet.gov/expapi/activities/assessment";
    /// One item of an assessment or evaluation.
    pub const INTERACTION: &str = "http://adlnet.gov/expapi/activities/cmi.interaction";
    /// The evaluation form.
    pub const EVALUATION: &str = "http://id.tincanapi.com/activitytype/survey";
    /// A credit offering.
    pub const OFFERING: &str = "https://w3id.org/enduring/activity-types/credit-offering";
}

/// Extensions. Every value is a string, a whole number or a boolean unless its comment says so.
pub mod extension {
    /// Context: the number of the published activity version.
    pub const ACTIVITY_VERSION: &str = "https://w3id.org/enduring/extensions/activity-version";
    /// Context: the SHA-256 of that version's document.
    pub const DOCUMENT: &str = "https://w3id.org/enduring/extensions/document-sha256";
    /// Context: the name of the rule set in force when a registration began, such as `2026.1`; of the statement that registers.
    pub const RULE_SET: &str = "https://w3id.org/enduring/extensions/rule-set";
    /// Context: the SHA-256 of the package that was played.
    pub const PACKAGE: &str = "https://w3id.org/enduring/extensions/package-sha256";
    /// Context: the play session, a UUID.
    pub const SESSION: &str = "https://w3id.org/enduring/extensions/session";
    /// Context: the identifier of the item (SCO) in its manifest.
    pub const ITEM: &str = "https://w3id.org/enduring/extensions/item";
    /// Context: the trust tier of what the statement says, `T0` to `T3`.
    pub const TIER: &str = "https://w3id.org/enduring/extensions/trust-tier";
    /// Context: the id of the credit record that the ledger holds.
    pub const CREDIT: &str = "https://w3id.org/enduring/extensions/credit";
    /// Result: seconds during which the server saw the session open and in view.
    pub const SEAT_SECONDS: &str = "https://w3id.org/enduring/extensions/seat-seconds";
    /// Result: seconds that the content says the session took.
    pub const CLIENT_SECONDS: &str = "https://w3id.org/enduring/extensions/client-seconds";
    /// Result: what the run-time noticed that a person should look at, as an array of codes; see `base::observation`.
    pub const OBSERVATIONS: &str = "https://w3id.org/enduring/extensions/observations";
    /// Result: an object that names the two people of an act by hand and their reasons; see `credit::JointDecision`.
    pub const APPROVAL: &str = "https://w3id.org/enduring/extensions/approval";
    /// Result: an object with what the event says beyond the standard's own members; see `credit::event`.
    pub const EVENT: &str = "https://w3id.org/enduring/extensions/event";
}

/// The IRIs of the activities that this server makes statements about, as functions of its own address (`config.url`).
///
/// Identifiers from documents and manifests are percent-encoded, so that any of them makes a valid IRI and no two
/// identifiers share one.
pub mod iri {
    use std::fmt::Write as _;
    use uuid::Uuid;

    /// The activity `id`.
    pub fn activity(base: &str, id: &str) -> String {
        format!("{base}/activities/{}", encoded(id))
    }

    /// An item of the activity's package: what the SCORM profile calls a SCO (§3.2).
    pub fn sco(activity: &str, item: &str) -> String {
        format!("{activity}/sco/{}", encoded(item))
    }

    /// One registration's attempt on a SCO (SCORM profile §3.2).
    pub fn attempt(sco: &str, registration: Uuid) -> String {
        format!("{sco}?attempt={registration}")
    }

    /// An interaction of a SCO (SCORM profile §3.2).
    pub fn interaction(sco: &str, id: &str) -> String {
        format!("{sco}/interactions/{}", encoded(id))
    }

    /// What a learner must be informed of before taking part.
    pub fn front_matter(activity: &str) -> String {
        format!("{activity}/front-matter")
    }

    /// The post-activity assessment.
    pub fn assessment(activity: &str) -> String {
        format!("{activity}/assessment")
    }

    /// One item of the post-activity assessment.
    pub fn assessment_item(activity: &str, item: &str) -> String {
        format!("{activity}/assessment/items/{}", encoded(item))
    }

    /// The evaluation form.
    pub fn evaluation(activity: &str) -> String {
        format!("{activity}/evaluation")
    }

    /// A credit offering.
    pub fn offering(activity: &str, id: &str) -> String {
        format!("{activity}/offerings/{}", encoded(id))
    }

    /// Percent-encodes everything but the unreserved characters (RFC 3986 §2.3), byte by byte of its UTF-8.
    pub fn encoded(text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for byte in text.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
                // Writing to a String cannot fail.
                _ => drop(write!(out, "%{byte:02X}")),
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::iri;
    use uuid::Uuid;

    #[test]
    fn any_identifier_makes_one_valid_iri() {
        let activity = iri::activity("http://localhost:8080", "af-stroke");
        assert_eq!(activity, "http://localhost:8080/activities/af-stroke");
        let sco = iri::sco(&activity, "ITEM 1/é");
        assert_eq!(sco, "http://localhost:8080/activities/af-stroke/sco/ITEM%201%2F%C3%A9");
        assert_eq!(iri::interaction(&sco, "q?1"), format!("{sco}/interactions/q%3F1"));
        assert_eq!(iri::attempt("s", Uuid::nil()), "s?attempt=00000000-0000-0000-0000-000000000000");
        assert_eq!(iri::assessment_item("a", "q1"), "a/assessment/items/q1");
    }
}
