//! Who calls, by HTTP Basic authentication (Part 3 §4.0), as a type that says what the call needs.

use crate::http::Problem;
use crate::service::App;
use crate::service::credentials::{self, Credential, Right};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::LocalBoxFuture;
use std::marker::PhantomData;
use std::sync::Arc;

/// Something that a call needs.
pub(super) trait Needs: 'static {
    const RIGHT: Right;
}

macro_rules! needs {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(super) struct $name;

        impl Needs for $name {
            const RIGHT: Right = Right::$name;
        }
    )*};
}

needs! {
    WriteStatements,
    /// Enough to read; see [`Caller::may`] for whether also what others wrote.
    ReadOwnStatements,
    ReadState,
    WriteState,
    ReadProfiles,
    WriteProfiles,
    ReadDefinitions,
}

/// A caller whose credential gives what `N` asks for.
#[derive(Debug)]
pub(super) struct Caller<N> {
    pub credential: Arc<Credential>,
    needs: PhantomData<N>,
}

impl<N: Needs> FromRequest for Caller<N> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let credential = authenticate(&req).await?;
            if credential.may(N::RIGHT) {
                Ok(Self { credential, needs: PhantomData })
            } else {
                Err(not_allowed(N::RIGHT))
            }
        })
    }
}

async fn authenticate(req: &HttpRequest) -> Result<Arc<Credential>, Problem> {
    let app = req.app_data::<Data<App>>().ok_or_else(|| Problem::internal("the server has no state"))?;
    let (key, secret) = basic(req.headers()).ok_or_else(|| {
        unauthorized(
            "credentials-missing",
            "send a credential by HTTP Basic authentication; `enduring credential create` makes one",
        )
    })?;
    credentials::authenticate(app, &key, &secret).await?.ok_or_else(|| {
        unauthorized("credentials-wrong", "this credential is not known here, or was revoked; check key and secret")
    })
}

/// User name and password of `Authorization: Basic` (RFC 7617).
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, encoded) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (key, secret) = decoded.split_once(':')?;
    Some((key.to_owned(), secret.to_owned()))
}

fn unauthorized(code: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, code, detail)
        .header("www-authenticate", "Basic realm=\"xAPI\", charset=\"UTF-8\"")
}

fn not_allowed(right: Right) -> Problem {
    let scopes: Vec<_> = right.scopes().iter().map(|scope| format!("`{}`", scope.as_str())).collect();
    let detail = format!("this credential may not do that; it needs the scope {} or `all`", scopes.join(", "));
    Problem::forbidden("scope-missing", detail)
}
