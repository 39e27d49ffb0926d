//! The extractors that are the authorization.

use super::basic::{self, Authorization};
use super::posted::Fields;
use super::refused::{Asks, Refused};
use super::{cookie, origin};
use crate::service::credentials::{self, Right};
use crate::service::{Account, App, Role, sign_in};
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;

/// Someone with the role [`Role::Learner`], signed in.
#[derive(Debug, Clone)]
pub struct Learner(pub Account);

/// Someone with the role [`Role::Designer`], signed in.
#[derive(Debug, Clone)]
pub struct Designer(pub Account);

/// Someone with the role [`Role::Coordinator`], signed in.
#[derive(Debug, Clone)]
pub struct Coordinator(pub Account);

/// Anyone who looks at a public page; signed in or not. Good for reading only.
#[derive(Debug, Clone)]
pub struct Visitor(pub Option<Account>);

/// Someone or something that may use `/api/v1`: a credential with the scope `all`, or a signed-in designer or
/// coordinator. A request with an `Authorization` header is judged by that alone.
#[derive(Debug, Clone)]
pub struct ApiCaller {
    /// As records name who did it: an account's id, or `credential:` and a key.
    pub by: String,
}

/// Those whom an extractor lets in.
pub trait Audience: Sized {
    /// Lets `account` in, or says which role it lacks.
    fn admit(account: Account) -> Result<Self, Role>;
}

macro_rules! audience {
    ($($name:ident: $role:expr,)*) => {$(
        impl Audience for $name {
            fn admit(account: Account) -> Result<Self, Role> {
                if account.roles.contains(&$role) { Ok(Self(account)) } else { Err($role) }
            }
        }

        impl FromRequest for $name {
            type Error = actix_web::Error;
            type Future = LocalBoxFuture<'static, Result<Self, actix_web::Error>>;

            fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
                let req = req.clone();
                Box::pin(async move { Ok(admit::<Self>(&req).await?) })
            }
        }
    )*};
}

audience! {
    Learner: Role::Learner,
    Designer: Role::Designer,
    Coordinator: Role::Coordinator,
}

impl Audience for ApiCaller {
    fn admit(account: Account) -> Result<Self, Role> {
        if account.roles.contains(&Role::Designer) || account.roles.contains(&Role::Coordinator) {
            Ok(Self { by: account.id.to_string() })
        } else {
            Err(Role::Designer)
        }
    }
}

impl FromRequest for ApiCaller {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, actix_web::Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            match basic::authorization(&req) {
                Authorization::None => Ok(admit::<Self>(&req).await?),
                Authorization::Basic { key, secret } => Ok(by_credential(app(&req)?, &key, &secret).await?),
                Authorization::Unreadable => Err(Refused::Credential.into()),
            }
        })
    }
}

async fn by_credential(app: &App, key: &str, secret: &str) -> Result<ApiCaller, Refused> {
    let credential = credentials::authenticate(app, key, secret).await?.ok_or(Refused::Credential)?;
    if credential.may(Right::Everything) {
        Ok(ApiCaller { by: format!("credential:{key}") })
    } else {
        Err(Refused::Scope)
    }
}

impl FromRequest for Visitor {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, actix_web::Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move { Ok(Self(signed_in(&req).await?)) })
    }
}

/// Lets the person of `req` in, if they are of this audience and a page of ours sent the request.
pub(super) async fn admit<A: Audience>(req: &HttpRequest) -> Result<A, Refused> {
    if !origin::is_ours(req, &app(req)?.config) {
        return Err(Refused::Foreign);
    }
    let asks = Asks::of(req);
    let Some(account) = signed_in(req).await? else {
        let path = req.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
        return Err(match asks {
            Asks::Page if !req.method().is_safe() => Refused::SignedOutWhilePosting { path, fields: Fields::default() },
            asks => Refused::SignedOut { path, asks },
        });
    };
    A::admit(account).map_err(Refused::WrongRole)
}

async fn signed_in(req: &HttpRequest) -> Result<Option<Account>, Refused> {
    let app = app(req)?;
    match cookie::read(req, &app.config) {
        Some(secret) => Ok(sign_in::who(app, &secret).await?),
        None => Ok(None),
    }
}

fn app(req: &HttpRequest) -> Result<&App, Refused> {
    let state = req.app_data::<Data<App>>().ok_or_else(|| Refused::Failed("a route has no App".to_owned()))?;
    Ok(state.get_ref())
}
