//! Authentication and authorization: one file for each scheme by which a caller is identified, and the extractors that *are*
//! the authorization of every handler.
//!
//! | scheme | file | who |
//! |---|---|---|
//! | session cookie | [`session_cookie`] | a person who signed in |
//! | portal's launch token | [`portal_launch`] | a person for whom a portal vouches; becomes a session |
//! | demonstration | [`demo`] | an invented person, on a demonstration server; becomes a session |
//! | credential over HTTP Basic | [`basic`] | a program |
//! | bearer token | [`bearer`] | a program for which another issuer vouches |
//!
//! A handler that takes a [`Learner`], [`Designer`], [`Coordinator`], [`ApiCaller`], [`Author`], [`Keeper`], [`Reader`] or [`Writer`]
//! ([`audience`]) cannot be reached by anyone else, and its signature says so. The `Authorization` header is read in one place
//! ([`authorization`]). On an unsafe method each extractor also refuses a request that another site sent ([`origin`]), so no
//! form needs a token against forgery. [`PostedForm`] is a form together with the person who posted it; it reads the form first, so
//! that nothing that was typed is lost if the session has ended meanwhile.
//!
//! Absent on purpose: passwords.

mod audience;
pub(super) mod authorization;
mod basic;
mod bearer;
mod demo;
mod error;
pub(super) mod origin;
mod portal_launch;
mod posted;
pub(super) mod session_cookie;
mod sign_in;

pub use audience::{ApiCaller, Author, Coordinator, Designer, Keeper, Learner, Reader, Staff, Visitor, Writer};
pub use error::Error;
pub use posted::{Fields, PostedForm};

use actix_web::web::{self, ServiceConfig};

/// Signing in and out.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/sign-in", web::get().to(sign_in::page))
        .route("/sign-out", web::post().to(sign_in::sign_out))
        .route("/demo/{person}", web::get().to(demo::confirm))
        .route("/demo/{person}", web::post().to(demo::sign_in))
        .route("/launch", web::get().to(portal_launch::link))
        .route("/launch", web::post().to(portal_launch::form));
}
