//! A learner's way through an activity: registration, front matter, assessment, evaluation, claim, transcript.

pub mod assessment;
pub mod claims;
pub mod enrolment;
pub mod evaluation;
pub mod history;
pub mod registrations;
pub mod transcript;
