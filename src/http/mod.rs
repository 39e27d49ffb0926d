//! actix-web: one module per audience, and no rules.

pub mod pages;
