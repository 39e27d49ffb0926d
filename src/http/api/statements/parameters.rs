//! The parameters that these resources share: the conditions of `/xapi/statements`, by the same names and rules.

use crate::http::Problem;
use crate::http::xapi::parameters::decode;
use crate::http::xapi::refusal::bad_parameters;
use crate::service::reporting::PositionError;
use actix_web::HttpRequest;
use base::log::Seq;
use xapi::Version;
use xapi::parameters::Parameters;
use xapi::query::Filter;

/// Which statements.
const CONDITIONS: [&str; 6] = ["agent", "verb", "activity", "registration", "related_activities", "related_agents"];

/// The conditions that `req` sets, and what `more` reads from the additional parameters `names`.
pub(super) fn read<T>(
    req: &HttpRequest,
    names: &[&str],
    more: impl FnOnce(&mut Parameters<'_>) -> T,
) -> Result<(Filter, T), Problem> {
    let given = decode(req.query_string())?;
    let known: Vec<&str> = CONDITIONS.iter().chain(names).copied().collect();
    let mut parameters = Parameters::of(&given, &known, Version::V2);
    let filter = Filter::read(&mut parameters);
    let more = more(&mut parameters);
    parameters.finish((filter, more)).map_err(bad_parameters)
}

/// The parameter `after`: a position in the log.
pub(super) fn after(parameters: &mut Parameters<'_>) -> Option<Seq> {
    parameters.parse("after", "a position in the log, such as 0 or 1234", |text| text.parse().ok().map(Seq))
}

impl From<PositionError> for Problem {
    fn from(error: PositionError) -> Self {
        Self::conflict("beyond-the-log", error.to_string())
    }
}
