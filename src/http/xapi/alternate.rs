//! The alternate request syntax of 1.0 (Part 3 §1.3): a posted form that represents another request. 2.0 has none.

use super::negotiation::VERSION;
use super::{body, parameters};
use crate::http::Problem;
use crate::http::auth::authorization::program;
use crate::http::auth::{self, origin};
use crate::http::serving::readers;
use crate::service::App;
use actix_web::HttpMessage as _;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::header::{
    AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH,
};
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::web::Data;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use xapi::Version;

/// The form fields that represent headers.
const HEADERS: [HeaderName; 6] = [AUTHORIZATION, VERSION, CONTENT_TYPE, CONTENT_LENGTH, IF_MATCH, IF_NONE_MATCH];

/// The field that contains the body.
const CONTENT: &str = "content";

/// The most fields that a form has: more than any resource has parameters and headers.
const MOST_FIELDS: usize = 50;

/// The longest form that is read of somebody who is not known yet, in bytes.
const LONGEST_OF_STRANGERS: usize = 64 << 10;

/// The methods that a form may represent.
const METHODS: [Method; 5] = [Method::GET, Method::HEAD, Method::PUT, Method::POST, Method::DELETE];

/// Turns a request in the alternate syntax into the one that it represents; leaves any other unchanged.
pub(super) async fn unfold(req: &mut ServiceRequest) -> Result<(), Problem> {
    if req.method() != Method::POST {
        return Ok(());
    }
    let query = parameters::decode(req.query_string())?;
    let Some((_, method)) = query.iter().find(|(name, _)| name == "method") else { return Ok(()) };
    if query.len() > 1 {
        return Err(bad("with `method` in the query string, send every other parameter as a field of the form"));
    }
    let method = METHODS.into_iter().find(|known| known.as_str() == method);
    let method = method.ok_or_else(|| bad("`method` must be GET, HEAD, PUT, POST or DELETE"))?;
    let form = read_form(req).await?;
    let text = std::str::from_utf8(&form).map_err(|_| bad("the form is not UTF-8"))?;
    check_count(text)?;
    apply(req, method, parameters::decode(text)?)
}

/// The form. A page of another site can send one too, with a password that the browser remembers, so it is judged as the POST
/// that it is.
async fn read_form(req: &mut ServiceRequest) -> Result<Bytes, Problem> {
    let Some(app) = req.app_data::<Data<App>>().cloned() else { return Err(Problem::internal("a route has no App")) };
    if origin::is_foreign(req.request(), &app.config) {
        return Err(auth::Error::Foreign.into());
    }
    let mut form = BytesMut::new();
    let mut payload = req.take_payload();
    let mut most = LONGEST_OF_STRANGERS.min(app.config.limits.body_bytes);
    while let Some(piece) = payload.next().await {
        let mut piece = piece.map_err(|error| readers::body(&error))?;
        if form.len() + piece.len() > most && most < app.config.limits.body_bytes {
            form.extend_from_slice(&piece.split_to(most - form.len()));
            identify(req, &form).await?;
            most = app.config.limits.body_bytes;
        }
        if form.len() + piece.len() > most {
            return Err(body::too_large(most));
        }
        form.extend_from_slice(&piece);
    }
    Ok(form.freeze())
}

/// Finds out who sends a long form, by the request's own header or by what was read of the form.
async fn identify(req: &mut ServiceRequest, read: &[u8]) -> Result<(), Problem> {
    let text = String::from_utf8_lossy(read);
    // The last field may not be complete.
    let complete = text.rsplit_once('&').map_or("", |(complete, _)| complete);
    check_count(complete)?;
    let fields = parameters::decode(complete)?;
    let said = fields.into_iter().find(|(name, _)| AUTHORIZATION.as_str().eq_ignore_ascii_case(name));
    if let Some(value) = said.and_then(|(_, value)| HeaderValue::from_str(&value).ok()) {
        req.headers_mut().insert(AUTHORIZATION, value);
    }
    if program(req.request()).await?.is_some() {
        return Ok(());
    }
    let detail = format!(
        "with more than {LONGEST_OF_STRANGERS} bytes, put the field Authorization before the long ones, or send it as a header"
    );
    Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", detail))
}

fn check_count(form: &str) -> Result<(), Problem> {
    if form.split('&').nth(MOST_FIELDS).is_some() {
        return Err(bad("the form has more fields than any request needs; send each once"));
    }
    Ok(())
}

fn apply(req: &mut ServiceRequest, method: Method, form: Vec<(String, String)>) -> Result<(), Problem> {
    let mut content = None;
    let mut query = Vec::new();
    req.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in form {
        let header = HEADERS.into_iter().find(|header| header.as_str().eq_ignore_ascii_case(&name));
        match header {
            Some(header) => {
                let value = HeaderValue::from_str(&value);
                let value = value.map_err(|_| bad(&format!("the field `{name}` cannot be used as a header")))?;
                req.headers_mut().insert(header, value);
            }
            None if name == CONTENT => content = Some(value),
            None => query.push(format!("{}={}", encode(&name), encode(&value))),
        }
    }
    let version = req.headers().get(VERSION).and_then(|version| version.to_str().ok()?.parse::<Version>().ok());
    if version != Some(Version::V1) {
        return Err(bad("only xAPI 1.0 has the alternate request syntax; send the request itself"));
    }
    if content.is_none() && (method == Method::PUT || method == Method::POST) {
        return Err(bad("send the body of the request as the field `content` of the form"));
    }
    let target = format!("{}?{}", req.path(), query.join("&"));
    let target = target.parse::<Uri>().map_err(|_| bad("the fields of the form do not make a valid address"))?;
    let content = Bytes::from(content.unwrap_or_default());
    req.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(content.len()));
    let head = req.head_mut();
    head.method = method;
    head.uri = target;
    req.set_payload(Payload::from(content));
    Ok(())
}

fn encode(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

fn bad(detail: &str) -> Problem {
    Problem::bad_request("invalid-alternate-request", detail)
}
