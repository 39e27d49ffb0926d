//! The people: accounts and how they sign in, portals, and the credentials and tokens of programs.

pub(in crate::service) mod account_issuer;
pub mod accounts;
pub mod credentials;
pub mod demo;
pub mod issuers;
pub mod portal;
pub mod sign_in;
