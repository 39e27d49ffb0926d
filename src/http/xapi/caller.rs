//! The calling program (Part 3 §4.0), as a type that says which right the call needs.

use crate::http::Problem;
use crate::http::auth::authorization::{missing, program};
use crate::http::auth::{Error, origin};
use crate::service::App;
use crate::service::people::credentials::Right;
use crate::service::records::programs::Program;
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use std::marker::PhantomData;

/// A right that a call needs.
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
    /// Enough to read; [`Program::access`] says whether it includes what others wrote.
    ReadOwnStatements,
    ReadState,
    WriteState,
    ReadProfiles,
    WriteProfiles,
    ReadDefinitions,
}

/// A program that has the right `N`.
#[derive(Debug)]
pub(super) struct Caller<N> {
    pub program: Program,
    needs: PhantomData<N>,
}

impl<N: Needs> FromRequest for Caller<N> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let app = req.app_data::<Data<App>>().ok_or_else(|| Problem::internal("a route has no App"))?;
            if origin::is_foreign(&req, &app.config) {
                return Err(Error::Foreign.into());
            }
            let Some(program) = program(&req).await? else { return Err(missing(&req)?.into()) };
            if program.may(N::RIGHT) {
                Ok(Self { program, needs: PhantomData })
            } else {
                Err(Error::Scope(N::RIGHT).into())
            }
        })
    }
}
