//! `/xapi/agents`: what is known about a person (Part 3 §2.4). Identities are not linked here, so it is the requested agent.

use super::caller::{Caller, ReadDefinitions};
use super::negotiation::RequestVersion;
use super::refusal::bad_parameters;
use super::{parameters, tagged};
use crate::http::Problem;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};
use xapi::Ifi;
use xapi::json::Document;
use xapi::parameters::Parameters;

/// `GET` and `HEAD`.
pub(super) async fn get(
    _caller: Caller<ReadDefinitions>,
    RequestVersion(version): RequestVersion,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let given = parameters::decode(req.query_string())?;
    let mut read = Parameters::of(&given, &["agent"], version);
    read.require("agent");
    let agent = read.agent("agent");
    let name = read.text("agent").and_then(name);
    let Some(agent) = read.finish(agent).map_err(bad_parameters)? else {
        return Err(Problem::bad_request("invalid-parameters", "the parameter `agent` is missing"));
    };
    Ok(tagged::json(person(&agent, name).to_string()))
}

/// A Person: every property is an array.
fn person(agent: &Ifi<'_>, name: Option<String>) -> Value {
    let mut person = json!({"objectType": "Person"});
    let (property, value) = match agent {
        Ifi::Mbox(mbox) => ("mbox", json!(mbox)),
        Ifi::MboxSha1Sum(sum) => ("mbox_sha1sum", json!(sum)),
        Ifi::OpenId(openid) => ("openid", json!(openid)),
        Ifi::Account { home_page, name } => ("account", json!({"homePage": home_page, "name": name})),
    };
    if let Some(members) = person.as_object_mut() {
        members.insert(property.to_owned(), json!([value]));
        members.extend(name.map(|name| ("name".to_owned(), json!([name]))));
    }
    person
}

fn name(agent: &str) -> Option<String> {
    let document = Document::read(agent).ok()?;
    Some(document.root().get("name")?.string()?.into_owned())
}
