//! The alternate request syntax of 1.0 (Part 3 §1.3): a posted form that represents another request. 2.0 has none.

use super::negotiation::VERSION;
use super::{body, parameters};
use crate::http::Problem;
use crate::service::App;
use actix_web::HttpMessage as _;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::header::{
    AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH,
};
use actix_web::http::{Method, Uri};
use actix_web::web::Data;
use bytes::Bytes;
use xapi::Version;

/// The form fields that represent headers.
const HEADERS: [HeaderName; 6] = [AUTHORIZATION, VERSION, CONTENT_TYPE, CONTENT_LENGTH, IF_MATCH, IF_NONE_MATCH];

/// The field that contains the body.
const CONTENT: &str = "content";

/// The most fields that a form has: more than any resource has parameters and headers.
const MOST_FIELDS: usize = 50;

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
    let most = req.app_data::<Data<App>>().map_or(0, |app| app.config.limits.body_bytes);
    let form = body::read(req.take_payload(), most).await?;
    let text = std::str::from_utf8(&form).map_err(|_| bad("the form is not UTF-8"))?;
    if text.split('&').nth(MOST_FIELDS).is_some() {
        return Err(bad("the form has more fields than any request needs; send each once"));
    }
    apply(req, method, parameters::decode(text)?)
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
