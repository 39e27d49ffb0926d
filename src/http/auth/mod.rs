//! Who is asking: sign-in for people, and the extractors that *are* the authorization of every handler.
//!
//! A handler that takes a [`Learner`], [`Designer`], [`Coordinator`], [`ApiCaller`], [`Keeper`], [`Reader`] or [`Writer`]
//! cannot be reached by anyone else, and its signature says so. What programs show is read in one place ([`program`]). On an unsafe method each of them also refuses a request that another site sent
//! ([`origin`]), so no form needs a token against forgery. [`Posted`] is a form together with the person who posted it;
//! it reads the form first, so that nothing that was typed is lost when the session has ended meanwhile.
//!
//! Absent on purpose: passwords. A portal vouches for people ([`crate::service::people::portal`]); a demonstration has links.

mod address;
mod cookie;
mod extract;
mod origin;
mod pages;
mod posted;
pub(super) mod program;
mod refused;

pub use extract::{ApiCaller, Coordinator, Designer, Keeper, Learner, Reader, Staff, Visitor, Writer};
pub use posted::{Fields, Posted};
pub use refused::Refused;

use actix_web::web::{self, ServiceConfig};

/// Signing in and out.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.route("/sign-in", web::get().to(pages::sign_in))
        .route("/sign-out", web::post().to(pages::sign_out))
        .route("/demo/{person}", web::get().to(pages::ask_demo))
        .route("/demo/{person}", web::post().to(pages::sign_in_demo))
        .route("/launch", web::get().to(pages::launch_link))
        .route("/launch", web::post().to(pages::launch_form));
}
