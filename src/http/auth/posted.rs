//! A form, and who posted it.

use super::audience::{Audience, admit};
use super::error::Error;
use actix_web::dev::{Payload, UrlEncoded};
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;

/// The longest form that is read, in bytes: an activity document pasted into the desk.
const LONGEST: usize = 1 << 20;

/// The fields of a form, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every value of `name`: the ticked boxes of a group.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All of them.
    pub fn all(&self) -> &[(String, String)] {
        &self.0
    }
}

impl From<Vec<(String, String)>> for Fields {
    fn from(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }
}

/// A form that someone of the audience `A` posted from one of our pages.
#[derive(Debug)]
pub struct PostedForm<A> {
    pub by: A,
    pub fields: Fields,
}

impl<A: Audience + 'static> FromRequest for PostedForm<A> {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, actix_web::Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = UrlEncoded::<Vec<(String, String)>>::new(req, payload).limit(LONGEST);
        let req = req.clone();
        Box::pin(async move {
            let fields = Fields(form.await.map_err(|_| Error::Unreadable)?);
            match admit::<A>(&req).await {
                Ok(by) => Ok(Self { by, fields }),
                Err(Error::SignedOutWhilePosting { path, .. }) => {
                    Err(Error::SignedOutWhilePosting { path, fields }.into())
                }
                Err(error) => Err(error.into()),
            }
        })
    }
}
