//! `POST /api/v1/statements/validate`: what would happen to statements if they were sent to `/xapi/statements`.

use crate::http::Problem;
use crate::http::auth::Writer;
use crate::http::xapi::body::{media_type, read};
use crate::http::xapi::negotiation::{VERSION, default_version};
use crate::http::xapi::parameters::decode;
use crate::service::App;
use crate::service::reporting::{StatementFindings, ValidationReport, validate};
use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use xapi::version::UnknownVersion;
use xapi::{Fault, Version};

/// The findings, and the version by whose rules they were made.
#[derive(Serialize)]
struct ValidateResponse {
    version: &'static str,
    valid: bool,
    faults: Vec<Fault>,
    statements: Vec<StatementFindings>,
}

/// Checks one statement, or an array of them.
pub(super) async fn post(
    app: Data<App>,
    writer: Writer,
    req: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let version = version(&app, &req)?;
    match media_type(&req).as_str() {
        "application/json" => {}
        "multipart/mixed" => {
            let detail = "send the statements alone, as application/json: the bytes of attachments and signatures are \
                          checked when they are sent to /xapi/statements";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "statements-only", detail));
        }
        _ => {
            let detail = "send statements with Content-Type: application/json";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", detail));
        }
    }
    let body = read(payload, app.config.limits.body_bytes).await?;
    let ValidationReport { valid, faults, statements } = validate(&app, &writer.authority, version, &body).await?;
    Ok(HttpResponse::Ok().json(ValidateResponse { version: version.as_str(), valid, faults, statements }))
}

/// As the header or the parameter says; otherwise the configured default.
fn version(app: &App, req: &HttpRequest) -> Result<Version, Problem> {
    let given = decode(req.query_string())?;
    let parameter = match given.as_slice() {
        [] => None,
        [(name, text)] if name == "version" => Some(text.as_str()),
        _ => {
            let detail = "this address takes only the parameter `version`, once";
            return Err(Problem::bad_request("invalid-parameters", detail));
        }
    };
    let header = req.headers().get(VERSION).map(|value| value.to_str().unwrap_or_default());
    let read = |text: &str| {
        text.parse().map_err(|error: UnknownVersion| Problem::bad_request("version-unknown", error.to_string()))
    };
    match (header.map(read).transpose()?, parameter.map(read).transpose()?) {
        (Some(header), Some(parameter)) if header != parameter => {
            let detail = "the header X-Experience-API-Version and the parameter `version` have different versions";
            Err(Problem::bad_request("version-unclear", detail))
        }
        (Some(said), _) | (None, Some(said)) => Ok(said),
        (None, None) => Ok(default_version(&app.config)),
    }
}
