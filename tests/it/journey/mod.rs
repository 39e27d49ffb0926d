//! The whole way, as people go it: the real program, a real browser, from sign-in to certificate.

mod sample;
mod walk;
