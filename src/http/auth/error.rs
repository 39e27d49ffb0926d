//! Why a request is not authorized, and what the caller sees.

use super::posted::Fields;
use crate::http::{Problem, pages};
use crate::service::Role;
use crate::service::StoreError;
use crate::service::people::credentials::{Right, Scope};
use crate::service::people::issuers;
use crate::service::upkeep::limits::LimitError;
use actix_web::HttpRequest;
use actix_web::error::InternalError;
use actix_web::http::{StatusCode, header};
use askama::Template;

/// Why a request is not authorized.
#[derive(Debug)]
pub enum Error {
    /// Nobody is signed in. A page sends the browser to sign in and back to `path`.
    SignedOut { path: String, kind: ResponseKind },
    /// The session has ended, and a form was posted: it is shown again, ready to be sent again.
    SignedOutWhilePosting { path: String, fields: Fields },
    /// Someone is signed in, without the role.
    WrongRole(Role),
    /// There is no `Authorization` header, or its scheme is not accepted here.
    Unauthorized(AcceptedSchemes),
    /// The credential is unknown or revoked, or its secret is wrong.
    Credential,
    /// The token is not valid.
    Token(issuers::Error),
    /// The program, or its address, must wait.
    TooMany(LimitError),
    /// The program lacks this right.
    Scope(Right),
    /// Another site sent it.
    Foreign,
    /// The form could not be read.
    Unreadable,
    /// The body did not come to its end, or is larger than it may be.
    Body(Problem),
    /// A handler has no application state, or the store failed.
    Failed(String),
    /// The store is busy.
    Busy,
    /// The store cannot be reached.
    Unavailable,
}

/// Which schemes are accepted from programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceptedSchemes {
    Credentials,
    CredentialsAndTokens,
}

/// The form of response that the caller can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseKind {
    Page,
    Json,
}

impl ResponseKind {
    /// The form that `req` accepts.
    pub(super) fn of(req: &HttpRequest) -> Self {
        let accept = req.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
        if accept.is_some_and(|accept| accept.contains("text/html")) { Self::Page } else { Self::Json }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Busy,
            StoreError::Unavailable => Self::Unavailable,
            full @ StoreError::Full => Self::Body(full.into()),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<LimitError> for Error {
    fn from(too_many: LimitError) -> Self {
        Self::TooMany(too_many)
    }
}

impl From<issuers::Error> for Error {
    fn from(refused: issuers::Error) -> Self {
        Self::Token(refused)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::SignedOut { .. } | Error::SignedOutWhilePosting { .. } => {
                Self::new(StatusCode::UNAUTHORIZED, "signed-out", "sign in first, then repeat what you did")
            }
            Error::WrongRole(needs) => Self::forbidden("wrong-role", needs_sentence(needs)),
            Error::Unauthorized(AcceptedSchemes::Credentials) => unauthorized(
                "credentials-missing",
                "send a credential by HTTP Basic authentication; `enduring credential create` makes one",
                BASIC,
            ),
            Error::Unauthorized(AcceptedSchemes::CredentialsAndTokens) => unauthorized(
                "credentials-missing",
                "send a credential by HTTP Basic authentication, or a bearer token of an issuer that this server trusts",
                &format!("{BASIC}, {BEARER}"),
            ),
            Error::Credential => unauthorized(
                "credentials-wrong",
                "this credential is not known here, or was revoked; check key and secret",
                BASIC,
            ),
            Error::Token(refused) => token_refused(refused),
            Error::TooMany(too_many) => too_many.into(),
            Error::Scope(right) => Self::forbidden("scope-missing", lacks_sentence(right)),
            Error::Foreign => Self::forbidden(
                "foreign-request",
                "another site sent this request in your name; open the page here and repeat what you did",
            ),
            Error::Unreadable => Self::bad_request(
                "unreadable-form",
                "the form could not be read; go back, reload the page and try again",
            ),
            Error::Body(problem) => problem,
            Error::Failed(cause) => Self::internal(cause),
            Error::Busy => Self::busy(),
            Error::Unavailable => Self::unavailable(),
        }
    }
}

/// The challenges of RFC 7617 §2 and RFC 6750 §3.
const BASIC: &str = "Basic realm=\"enduring\", charset=\"UTF-8\"";
const BEARER: &str = "Bearer realm=\"enduring\"";

fn unauthorized(code: &'static str, detail: &str, challenge: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, code, detail).header("www-authenticate", challenge)
}

fn token_refused(refused: issuers::Error) -> Problem {
    let sentence = refused.to_string();
    if refused == issuers::Error::Unreachable {
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "issuer-unreachable", sentence);
        return problem.header("retry-after", "5");
    }
    let challenge = format!("{BEARER}, error=\"invalid_token\", error_description=\"{sentence}\"");
    unauthorized("token-invalid", &sentence, &challenge)
}

fn lacks_sentence(right: Right) -> String {
    if right == Right::KeepCredentials {
        return "only a credential with the scope `all` or a signed-in coordinator may do that, never a token"
            .to_owned();
    }
    let enough: Vec<_> =
        right.scopes().iter().chain(&[Scope::All]).map(|scope| format!("`{}`", scope.as_str())).collect();
    format!("this caller may not do that; it needs the scope {}", enough.join(" or "))
}

fn needs_sentence(role: Role) -> &'static str {
    match role {
        Role::Learner => "this page is for learners; sign in as one",
        Role::Designer => "this page is for instructional designers; ask your CME office for that role",
        Role::Coordinator => "this page is for CME coordinators; ask your CME office for that role",
    }
}

#[derive(Template)]
#[template(path = "auth/signed-out.html")]
struct SignedOutPage<'a> {
    page: pages::Page,
    action: &'a str,
    fields: &'a [(String, String)],
}

impl From<Error> for actix_web::Error {
    fn from(error: Error) -> Self {
        let response = match &error {
            Error::SignedOut { path, kind: ResponseKind::Page } => {
                pages::see_other(&super::sign_in::sign_in_address(path))
            }
            Error::SignedOutWhilePosting { path, fields } => {
                let page = pages::Page::plain("You have been signed out");
                let page = SignedOutPage { page, action: path, fields: fields.all() };
                pages::render_with(StatusCode::UNAUTHORIZED, &page)
            }
            _ => return Problem::from(error).into(),
        };
        InternalError::from_response(Problem::from(error), response).into()
    }
}
