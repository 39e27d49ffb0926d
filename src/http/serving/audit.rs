//! Adds to the audit trail what was done by a request, before its response is sent. One table says which requests; who sent them
//! says the extractor that admitted them, by [`acts`].
//!
//! If the entry cannot be written, the act is not undone or withheld: the server's log gets the same ids as an error.

use crate::service::App;
use crate::service::audit::{self, Act};
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, LOCATION};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _, HttpRequest};

/// Who sent a request.
struct ActingCaller(String);

/// Says who sent `req`, as records name them.
pub(in crate::http) fn acts(req: &HttpRequest, by: String) {
    req.extensions_mut().insert(ActingCaller(by));
}

/// What a request is in the trail, by its method and the beginning of its route; the first that fits counts. Everything else that
/// changes something at the desk or by the API is [`Act::Changed`], so that no new address is forgotten.
const READ: &[(&str, Act)] = &[
    ("/desk/audit", Act::ReadAudit),
    ("/reports/statements", Act::ReadStatements),
    ("/api/v1/statements/export", Act::Exported),
    ("/api/v1/statements/", Act::ReadStatements),
    ("/xapi/statements", Act::ReadStatements),
    ("/xapi/activities/state", Act::ReadDocuments),
    ("/xapi/agents/profile", Act::ReadDocuments),
    ("/api/v1/credits", Act::ReadRecords),
    ("/api/v1/registrations", Act::ReadRecords),
    ("/api/v1/sessions", Act::ReadRecords),
    ("/api/v1/ledger", Act::ReadRecords),
    ("/api/v1/erasures", Act::ReadRecords),
    ("/api/v1/proposals", Act::ReadRecords),
];
/// Pages of the desk that are about no learner.
const ABOUT_NOBODY: [&str; 2] = ["/desk/credentials", "/desk/publish"];
const CHANGED: &[(&str, &str, Act)] = &[
    ("/desk/credentials", "/rotate", Act::CredentialRotated),
    ("/desk/credentials", "/revoke", Act::CredentialRevoked),
    ("/desk/credentials", "", Act::CredentialCreated),
    ("/api/v1/credentials", "/rotate", Act::CredentialRotated),
    ("/api/v1/credentials", "", Act::CredentialCreated),
    ("/desk/publish", "", Act::Published),
    ("/api/v1/activities", "", Act::Published),
    ("/desk/registrations", "/settle", Act::Decided),
    ("/api/v1/registrations", "/settle", Act::Decided),
    ("/desk/registrations", "/propose/{act}/{of}", Act::Proposed),
    ("/desk/proposals", "", Act::Decided),
    ("/api/v1/proposals", "/approve", Act::Decided),
    ("/api/v1/proposals", "/decline", Act::Decided),
    ("/api/v1/proposals", "", Act::Proposed),
    ("/desk/privacy/erase", "", Act::Erased),
    ("/api/v1/erasures", "", Act::Erased),
    ("/launch", "", Act::SignedIn),
    ("/demo/{person}", "", Act::SignedIn),
    ("/sign-out", "", Act::SignedOut),
];

fn act_of(method: &Method, route: &str) -> Option<Act> {
    if *method == Method::DELETE && route.starts_with("/api/v1/credentials") {
        return Some(Act::CredentialRevoked);
    }
    if method.is_safe() && route != "/launch" {
        let named = READ.iter().find(|(start, _)| route.starts_with(start)).map(|(_, act)| *act);
        let is_desk = route.starts_with("/desk") && !ABOUT_NOBODY.iter().any(|area| route.starts_with(area));
        return named.or(is_desk.then_some(Act::ReadRecords));
    }
    let named = CHANGED.iter().find(|(start, end, _)| route.starts_with(start) && route.ends_with(end));
    let is_staffs = ["/desk/", "/api/v1/", "/studio/"].iter().any(|area| route.starts_with(area));
    // These change nothing.
    let is_check = route == "/api/v1/statements/validate" || route == "/desk/privacy";
    named.map(|(.., act)| *act).or((is_staffs && !is_check).then_some(Act::Changed))
}

/// Responds through `next`, and adds to the trail what was done.
pub(super) async fn keep<B: MessageBody>(req: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let response = next.call(req).await?;
    let (req, status) = (response.request(), response.status());
    let Some((app, route)) = req.app_data::<Data<App>>().zip(req.match_pattern()) else { return Ok(response) };
    let is_done = status.is_success() || status == StatusCode::SEE_OTHER;
    let act = act_of(req.method(), &route);
    let is_sign_in = act == Some(Act::SignedIn) || req.headers().contains_key(AUTHORIZATION);
    let act = match act {
        Some(act) if is_done => act,
        _ if is_sign_in && [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&status) => {
            // A program that is known and may not do this has not failed to sign in.
            if req.extensions().contains::<ActingCaller>() {
                return Ok(response);
            }
            Act::SignInFailed
        }
        _ => return Ok(response),
    };
    let by = req.extensions().get::<ActingCaller>().map_or_else(|| "nobody".to_owned(), |caller| caller.0.clone());
    if by == "nobody" && act != Act::SignInFailed {
        return Ok(response);
    }
    let created = response.headers().get(LOCATION).filter(|_| act == Act::CredentialCreated);
    let created = created.and_then(|place| place.to_str().ok()?.rsplit('/').next());
    let ids: Vec<&str> = req.match_info().iter().map(|(_, id)| id).chain(created).collect();
    if let Err(error) = audit::record(app, &by, act, &route, &ids.join(" ")).await {
        tracing::error!(%error, by, act = act.as_str(), route, about = ids.join(" "), "an entry of the audit trail was not written");
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_others_is_in_the_trail_and_nothing_else() {
        for (method, route, act) in [
            (Method::GET, "/desk", Some(Act::ReadRecords)),
            (Method::GET, "/desk/registrations/{id}", Some(Act::ReadRecords)),
            (Method::GET, "/desk/some/new/page", Some(Act::ReadRecords)),
            (Method::GET, "/desk/credentials/{key}", None),
            (Method::GET, "/desk/audit.csv", Some(Act::ReadAudit)),
            (Method::GET, "/reports", None),
            (Method::GET, "/reports/statements/{id}", Some(Act::ReadStatements)),
            (Method::GET, "/xapi/statements", Some(Act::ReadStatements)),
            (Method::HEAD, "/xapi/statements", Some(Act::ReadStatements)),
            (Method::POST, "/xapi/statements", None),
            (Method::GET, "/api/v1/statements/export.csv", Some(Act::Exported)),
            (Method::GET, "/api/v1/packages", None),
            (Method::POST, "/api/v1/statements/validate", None),
            (Method::POST, "/api/v1/some/new/address", Some(Act::Changed)),
            (Method::POST, "/desk/registrations/{id}/settle", Some(Act::Decided)),
            (Method::POST, "/desk/registrations/{id}/propose/{act}/{of}", Some(Act::Proposed)),
            (Method::POST, "/desk/registrations/{id}/restart", Some(Act::Changed)),
            (Method::POST, "/desk/proposals/{id}", Some(Act::Decided)),
            (Method::POST, "/desk/credentials/{key}/rotate", Some(Act::CredentialRotated)),
            (Method::DELETE, "/api/v1/credentials/{key}", Some(Act::CredentialRevoked)),
            (Method::GET, "/launch", Some(Act::SignedIn)),
            (Method::POST, "/demo/{person}", Some(Act::SignedIn)),
            (Method::GET, "/transcript", None),
            (Method::POST, "/registrations/{id}/assessment", None),
        ] {
            assert_eq!(act_of(&method, route), act, "{method} {route}");
        }
    }
}
