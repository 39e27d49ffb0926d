//! A query as others can use it: its address, and a command.

use super::form::xapi;
use crate::service::App;
use crate::xapi::query::Filter;

/// One query, for use elsewhere.
pub(super) struct Elsewhere {
    /// The address of the same query at `/xapi`.
    pub url: String,
    /// A command that asks it.
    pub curl: String,
}

impl Elsewhere {
    /// The query that `filter` is.
    pub(super) fn of(app: &App, filter: &Filter) -> Self {
        Self::at(xapi(&format!("{}/xapi/statements", app.config.url), filter))
    }

    /// The query at this address, in which everything that a shell would understand is encoded.
    pub(super) fn at(url: String) -> Self {
        let curl = format!("curl --user \"$KEY:$SECRET\" --header 'X-Experience-API-Version: 2.0.0' '{url}'");
        Self { url, curl }
    }
}
