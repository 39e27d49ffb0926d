//! The extractors that are the authorization: who may reach a handler that takes one.

use super::error::{Error, ResponseKind};
use super::posted::Fields;
use super::{authorization, origin, session_cookie};
use crate::http::serving::audit;
use crate::service::people::credentials::{CredentialOrigin, Right};
use crate::service::people::sign_in;
use crate::service::records::access::Access;
use crate::service::records::programs::Program;
use crate::service::{Account, App, Role};
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use xapi::Authority;

/// Someone with the role [`Role::Learner`], signed in.
#[derive(Debug, Clone)]
pub struct Learner(pub Account);

/// Someone with the role [`Role::Designer`], signed in.
#[derive(Debug, Clone)]
pub struct Designer(pub Account);

/// Someone with the role [`Role::Coordinator`], signed in.
#[derive(Debug, Clone)]
pub struct Coordinator(pub Account);

/// Someone with one of the roles [`Role::Designer`] and [`Role::Coordinator`], signed in.
#[derive(Debug, Clone)]
pub struct Staff(pub Account);

/// Anyone who looks at a public page; signed in or not. Good for reading only.
#[derive(Debug, Clone)]
pub struct Visitor(pub Option<Account>);

/// Someone or something that may use all of `/api/v1`: a program with the scope `all`, or a signed-in coordinator.
#[derive(Debug, Clone)]
pub struct ApiCaller {
    /// As records name who did it: an account's id, or as [`Program::by`] says.
    pub by: String,
}

/// Someone or something that may upload, read and preview packages, as the studio lets designers: a program with the scope `all`,
/// or a signed-in designer or coordinator.
#[derive(Debug, Clone)]
pub struct Author {
    /// As [`ApiCaller::by`].
    pub by: String,
}

/// Someone or something that may read statements: a program with one of the scopes for it, or a signed-in coordinator.
#[derive(Debug, Clone)]
pub struct Reader {
    /// Which statements.
    pub access: Access,
    /// As [`ApiCaller::by`].
    pub by: String,
}

/// Someone or something that may have statements checked: a program with the scope `statements/write`, or a signed-in
/// designer or coordinator. What a person has checked is never stored, so `authority` names them only in the response.
#[derive(Debug, Clone)]
pub struct Writer {
    /// Who would vouch for the statements.
    pub authority: Authority,
    /// As [`ApiCaller::by`].
    pub by: String,
}

/// The people whom an extractor admits.
pub trait Audience: Sized {
    /// Admits `account`, or returns the role that it lacks.
    fn admit(account: Account) -> Result<Self, Role>;
}

macro_rules! audience {
    ($($name:ident: $check:expr,)*) => {$(
        impl Audience for $name {
            fn admit(account: Account) -> Result<Self, Role> {
                let check: fn(&Account) -> Result<(), Role> = $check;
                check(&account).map(|()| Self(account))
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
    Learner: |account| plays(account, Role::Learner),
    Designer: |account| plays(account, Role::Designer),
    Coordinator: |account| plays(account, Role::Coordinator),
    Staff: is_staff,
}

/// Someone or something that may do what a whole provider depends on, such as making credentials: a program with a
/// credential for everything, or a signed-in coordinator. A designer may not: with a credential they could give themselves
/// what only coordinators have. Nor may a token, which is valid for minutes.
#[derive(Debug, Clone)]
pub struct Keeper {
    /// As [`ApiCaller::by`].
    pub by: String,
    /// What the credentials that it creates belong to.
    pub origin: CredentialOrigin,
}

/// The callers whom an extractor for both people and programs admits. A request with an `Authorization` header is
/// judged by that alone.
trait Caller: Sized {
    /// Admits a program, or returns the right that it lacks.
    fn program(program: &Program, app: &App) -> Result<Self, Right>;

    /// Admits a person, or returns the role that they lack.
    fn person(account: &Account, app: &App) -> Result<Self, Role>;
}

impl Caller for ApiCaller {
    fn program(program: &Program, _: &App) -> Result<Self, Right> {
        holds(program, Right::Everything).map(|()| Self { by: program.by() })
    }

    fn person(account: &Account, _: &App) -> Result<Self, Role> {
        plays(account, Role::Coordinator).map(|()| Self { by: account.id.to_string() })
    }
}

impl Caller for Author {
    fn program(program: &Program, _: &App) -> Result<Self, Right> {
        holds(program, Right::Everything).map(|()| Self { by: program.by() })
    }

    fn person(account: &Account, _: &App) -> Result<Self, Role> {
        is_staff(account).map(|()| Self { by: account.id.to_string() })
    }
}

impl Caller for Reader {
    fn program(program: &Program, app: &App) -> Result<Self, Right> {
        let access = program.access(app).ok_or(Right::ReadOwnStatements)?;
        Ok(Self { access, by: program.by() })
    }

    fn person(account: &Account, _: &App) -> Result<Self, Role> {
        plays(account, Role::Coordinator).map(|()| Self { access: Access::All, by: account.id.to_string() })
    }
}

impl Caller for Writer {
    fn program(program: &Program, app: &App) -> Result<Self, Right> {
        holds(program, Right::WriteStatements).map(|()| Self { authority: program.authority(app), by: program.by() })
    }

    fn person(account: &Account, app: &App) -> Result<Self, Role> {
        let by = account.id.to_string();
        is_staff(account).map(|()| Self { authority: Authority::account(&app.config.url, &by), by })
    }
}

impl Caller for Keeper {
    fn program(program: &Program, _: &App) -> Result<Self, Right> {
        holds(program, Right::KeepCredentials).map(|()| Self { by: program.by(), origin: program.origin() })
    }

    fn person(account: &Account, _: &App) -> Result<Self, Role> {
        let origin = CredentialOrigin::of(account);
        plays(account, Role::Coordinator).map(|()| Self { by: account.id.to_string(), origin })
    }
}

fn holds(program: &Program, right: Right) -> Result<(), Right> {
    if program.may(right) { Ok(()) } else { Err(right) }
}

fn plays(account: &Account, role: Role) -> Result<(), Role> {
    if account.roles.contains(&role) { Ok(()) } else { Err(role) }
}

fn is_staff(account: &Account) -> Result<(), Role> {
    plays(account, Role::Coordinator).or_else(|_| plays(account, Role::Designer))
}

macro_rules! callers {
    ($($name:ident,)*) => {$(
        impl FromRequest for $name {
            type Error = actix_web::Error;
            type Future = LocalBoxFuture<'static, Result<Self, actix_web::Error>>;

            fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
                let req = req.clone();
                Box::pin(async move { Ok(admit_caller::<Self>(&req).await?) })
            }
        }
    )*};
}

callers! {
    ApiCaller,
    Author,
    Keeper,
    Reader,
    Writer,
}

async fn admit_caller<C: Caller>(req: &HttpRequest) -> Result<C, Error> {
    let app = app(req)?;
    if origin::is_foreign(req, &app.config) {
        return Err(Error::Foreign);
    }
    match authorization::program(req).await? {
        Some(program) => C::program(&program, app).map_err(Error::Scope),
        None => C::person(&person(req).await?, app).map_err(Error::WrongRole),
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

/// Admits the person of `req`, if they belong to this audience and one of our pages sent the request.
pub(super) async fn admit<A: Audience>(req: &HttpRequest) -> Result<A, Error> {
    A::admit(person(req).await?).map_err(Error::WrongRole)
}

/// The person who is signed in, if one of our pages sent the request.
async fn person(req: &HttpRequest) -> Result<Account, Error> {
    if !origin::is_ours(req, &app(req)?.config) {
        return Err(Error::Foreign);
    }
    let kind = ResponseKind::of(req);
    if let Some(account) = signed_in(req).await? {
        audit::acts(req, account.id.to_string());
        return Ok(account);
    }
    let path = req.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    Err(match kind {
        ResponseKind::Page if !req.method().is_safe() => {
            Error::SignedOutWhilePosting { path, fields: Fields::default() }
        }
        kind => Error::SignedOut { path, kind },
    })
}

async fn signed_in(req: &HttpRequest) -> Result<Option<Account>, Error> {
    let app = app(req)?;
    match session_cookie::read(req, &app.config) {
        Some(secret) => Ok(sign_in::account_of(app, &secret).await?),
        None => Ok(None),
    }
}

pub(super) fn app(req: &HttpRequest) -> Result<&App, Error> {
    let state = req.app_data::<Data<App>>().ok_or_else(|| Error::Failed("a route has no App".to_owned()))?;
    Ok(state.get_ref())
}
