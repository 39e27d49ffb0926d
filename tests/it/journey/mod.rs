//! The whole journey of a learner: the real program and a real browser, from sign-in to certificate.

mod sample;
mod walk;
