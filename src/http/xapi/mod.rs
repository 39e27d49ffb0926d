//! `/xapi`: the learning record store, for tools and content of any vendor (Part 3).
//!
//! What each resource means is in the crate `xapi` and in `crate::service`; this module has addresses, headers and bodies. A
//! handler names in its signature what its caller must be allowed to do ([`caller::Caller`]) and the version of the standard
//! that the request uses ([`negotiation::RequestVersion`]).

mod about;
mod activities;
mod agents;
mod alternate;
pub(super) mod body;
mod caller;
mod dates;
mod documents;
mod multipart;
pub(super) mod negotiation;
pub(super) mod parameters;
pub(super) mod refusal;
mod result;
pub(super) mod statements;
mod tagged;

use actix_web::guard;
use actix_web::middleware::from_fn;
use actix_web::web::{ServiceConfig, post, put, resource, route, scope, to};
use documents::{ActivityProfile, AgentProfile, State, document_resource};
use std::marker::PhantomData;

/// The routes.
pub(super) fn routes(cfg: &mut ServiceConfig) {
    let statements = resource("/statements")
        .route(get_or_head().to(statements::get))
        .route(put().to(statements::put))
        .route(post().to(statements::post))
        .default_service(to(refusal::method_not_allowed))
        .wrap(from_fn(statements::add_consistent_through));
    let reading = |path, handler: actix_web::Route| {
        resource(path).route(handler).default_service(to(refusal::method_not_allowed))
    };
    let xapi = scope("/xapi")
        .service(statements)
        .service(document_resource("/activities/state", PhantomData::<State>))
        .service(document_resource("/activities/profile", PhantomData::<ActivityProfile>))
        .service(document_resource("/agents/profile", PhantomData::<AgentProfile>))
        .service(reading("/activities", get_or_head().to(activities::get)))
        .service(reading("/agents", get_or_head().to(agents::get)))
        .service(reading("/about", get_or_head().to(about::get)));
    cfg.service(xapi.wrap(from_fn(negotiation::announce)));
}

fn get_or_head() -> actix_web::Route {
    route().guard(guard::Any(guard::Get()).or(guard::Head()))
}
