//! `/xapi`: the learning record store, for tools and content of any vendor (Part 3).
//!
//! What each resource means stands in `crate::xapi` and `crate::service`; here are addresses, headers and bodies. A handler
//! names in its signature what its caller must be allowed to do ([`caller::Caller`]) and by which version of the standard
//! the two speak ([`negotiation::Spoken`]).

mod about;
mod body;
mod caller;
mod negotiation;
mod parameters;
mod refusal;
mod result;
mod statements;

use actix_web::middleware::from_fn;
use actix_web::web::{ServiceConfig, get, head, post, put, resource, scope, to};

/// The routes.
pub(super) fn routes(cfg: &mut ServiceConfig) {
    let statements = resource("/statements")
        .route(get().to(statements::get))
        .route(head().to(statements::get))
        .route(put().to(statements::put))
        .route(post().to(statements::post))
        .default_service(to(refusal::method_not_allowed))
        .wrap(from_fn(statements::say_consistent_through));
    let about = resource("/about")
        .route(get().to(about::get))
        .route(head().to(about::get))
        .default_service(to(refusal::method_not_allowed));
    cfg.service(scope("/xapi").service(statements).service(about).wrap(from_fn(negotiation::announce)));
}
