//! A learner's way through an activity: registration, front matter, assessment, evaluation.

pub mod assessment;
pub mod enrolment;
pub mod evaluation;
pub mod registrations;
