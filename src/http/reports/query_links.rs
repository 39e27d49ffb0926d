//! A query for reuse elsewhere: its address, a command, and links to the API.

use super::form::xapi;
use crate::service::App;
use base::log::Seq;
use xapi::query::{Direction, Filter};

/// One query, for use elsewhere.
pub(super) struct QueryLinks {
    /// The texts to copy.
    pub copies: Vec<CopyField>,
    /// Downloads of its results.
    pub links: Vec<ApiLink>,
}

/// A text to copy.
pub(super) struct CopyField {
    pub id: &'static str,
    pub label: &'static str,
    pub text: String,
}

/// A link to a form of the query's results in the API.
pub(super) struct ApiLink {
    pub href: String,
    pub text: &'static str,
}

impl QueryLinks {
    /// The query of `filter`.
    pub(super) fn of(app: &App, filter: &Filter) -> Self {
        let base = &app.config.url;
        let mut query_links = Self::at(xapi(&format!("{base}/xapi/statements"), filter));
        // The API returns statements in the order of the log, whatever the order of the table.
        let filter = Filter { direction: Direction::NewestFirst, ..filter.clone() };
        let api = |name: &str, more: &str| with(xapi(&format!("/api/v1/statements/{name}"), &filter), more);
        let stream = CopyField { id: "stream", label: "Live stream", text: format!("{base}{}", stream(&filter, None)) };
        query_links.copies.push(stream);
        query_links.links = vec![
            ApiLink { href: api("export.csv", "bom=true"), text: "All as a table (CSV)" },
            ApiLink { href: api("export.jsonl", ""), text: "All as JSON Lines" },
            ApiLink { href: api("aggregate", "group_by=verb"), text: "Counts by verb (JSON)" },
            ApiLink { href: api("aggregate", "group_by=day&measure=actors"), text: "Counts by day (JSON)" },
        ];
        query_links
    }

    /// The query at this address, in which everything that a shell would interpret is encoded.
    pub(super) fn at(url: String) -> Self {
        let curl = format!("curl --user \"$KEY:$SECRET\" --header 'X-Experience-API-Version: 2.0.0' '{url}'");
        let copies = vec![
            CopyField { id: "xapi-address", label: "Address at /xapi", text: url },
            CopyField { id: "curl", label: "Command", text: curl },
        ];
        Self { copies, links: Vec::new() }
    }
}

/// The stream of statements that match the conditions of `filter` after a position, or from now on. A stream has no end and
/// is always in the order of the log, so the times of `filter` are ignored.
pub(super) fn stream(filter: &Filter, after: Option<Seq>) -> String {
    let filter = Filter { since: None, until: None, direction: Direction::NewestFirst, ..filter.clone() };
    let after = after.map(|Seq(after)| format!("format=ids&after={after}"));
    with(xapi("/api/v1/statements/stream", &filter), &after.unwrap_or_default())
}

/// `address` with more parameters.
fn with(address: String, more: &str) -> String {
    match (more.is_empty(), address.contains('?')) {
        (true, _) => address,
        (false, true) => format!("{address}&{more}"),
        (false, false) => format!("{address}?{more}"),
    }
}
