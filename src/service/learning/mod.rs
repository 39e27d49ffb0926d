//! A learner's steps through an activity: registration, front matter, assessment, evaluation.

pub mod assessment;
pub mod enrollment;
pub mod evaluation;
pub mod registrations;
pub mod restarts;
