//! `/xapi/activities`: an activity with the server's canonical definition (Part 3 §2.5).

use super::caller::{Caller, ReadDefinitions};
use super::negotiation::RequestVersion;
use super::refusal::bad_parameters;
use super::{parameters, tagged};
use crate::http::Problem;
use crate::service::App;
use crate::service::records::definitions;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use xapi::parameters::Parameters;

/// `GET` and `HEAD`.
pub(super) async fn get(
    app: Data<App>,
    _caller: Caller<ReadDefinitions>,
    RequestVersion(version): RequestVersion,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let given = parameters::decode(req.query_string())?;
    let mut read = Parameters::of(&given, &["activityId"], version);
    read.require("activityId");
    let id = read.iri("activityId");
    let id = read.finish(id).map_err(bad_parameters)?.unwrap_or_default();
    let held = definitions::get(&app, &id).await?;
    let definition = held.map(|held| format!(",\"definition\":{held}")).unwrap_or_default();
    let id = serde_json::Value::from(id);
    Ok(tagged::json(format!("{{\"objectType\":\"Activity\",\"id\":{id}{definition}}}")))
}
