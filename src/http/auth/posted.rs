//! A form, and who posted it.

use super::audience::{Audience, admit};
use super::error::Error;
use crate::http::Problem;
use crate::http::serving::readers;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use bytes::BytesMut;
use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;

/// The longest form that is read, in bytes: an activity document pasted into the desk.
const LONGEST: usize = 1 << 20;

/// The most fields of a form: several times what the longest assessment has.
const MOST_FIELDS: usize = 500;

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
        let (req, payload) = (req.clone(), payload.take());
        Box::pin(async move {
            let fields = read(&req, payload).await?;
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

/// The fields of the form in `payload`. They are counted before any of them is taken apart.
async fn read(req: &HttpRequest, mut payload: Payload) -> Result<Fields, Error> {
    if !req.content_type().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Error::Unreadable);
    }
    let mut form = BytesMut::new();
    while let Some(piece) = payload.next().await {
        let piece = piece.map_err(|error| Error::Body(readers::body(&error)))?;
        if form.len() + piece.len() > LONGEST {
            return Err(too_large(format!("this form is too long; send at most {LONGEST} bytes")));
        }
        form.extend_from_slice(&piece);
    }
    if form.as_ref().split(|byte| *byte == b'&').nth(MOST_FIELDS).is_some() {
        return Err(too_large(format!("this form has too many fields; send at most {MOST_FIELDS}")));
    }
    let text = std::str::from_utf8(&form).map_err(|_| Error::Unreadable)?;
    Query::<Vec<(String, String)>>::from_query(text)
        .map(|fields| Fields(fields.into_inner()))
        .map_err(|_| Error::Unreadable)
}

fn too_large(detail: String) -> Error {
    Error::Body(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", detail))
}
