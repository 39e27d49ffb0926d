//! A query as others can use it: its address, a command, and the same by way of the API.

use super::form::xapi;
use crate::service::App;
use base::log::Seq;
use xapi::query::{Direction, Filter};

/// One query, for use elsewhere.
pub(super) struct Elsewhere {
    /// What it is copied as.
    pub copies: Vec<Copy>,
    /// What of it can be had at once.
    pub links: Vec<Link>,
}

/// A text to be copied.
pub(super) struct Copy {
    pub id: &'static str,
    pub label: &'static str,
    pub text: String,
}

/// Something that the API makes of the query.
pub(super) struct Link {
    pub href: String,
    pub text: &'static str,
}

impl Elsewhere {
    /// The query that `filter` is.
    pub(super) fn of(app: &App, filter: &Filter) -> Self {
        let base = &app.config.url;
        let mut elsewhere = Self::at(xapi(&format!("{base}/xapi/statements"), filter));
        // The API answers in the order of the log, whatever the order of the table.
        let filter = Filter { direction: Direction::NewestFirst, ..filter.clone() };
        let api = |name: &str, more: &str| with(xapi(&format!("/api/v1/statements/{name}"), &filter), more);
        let stream = Copy { id: "stream", label: "Live stream", text: format!("{base}{}", stream(&filter, None)) };
        elsewhere.copies.push(stream);
        elsewhere.links = vec![
            Link { href: api("export.csv", "bom=true"), text: "All as a table (CSV)" },
            Link { href: api("export.jsonl", ""), text: "All as JSON Lines" },
            Link { href: api("aggregate", "group_by=verb"), text: "Counts by verb (JSON)" },
            Link { href: api("aggregate", "group_by=day&measure=actors"), text: "Counts by day (JSON)" },
        ];
        elsewhere
    }

    /// The query at this address, in which everything that a shell would understand is encoded.
    pub(super) fn at(url: String) -> Self {
        let curl = format!("curl --user \"$KEY:$SECRET\" --header 'X-Experience-API-Version: 2.0.0' '{url}'");
        let copies = vec![
            Copy { id: "xapi-address", label: "Address at /xapi", text: url },
            Copy { id: "curl", label: "Command", text: curl },
        ];
        Self { copies, links: Vec::new() }
    }
}

/// The stream of what answers the conditions of `filter` behind a position, or from now on. A stream has no end and no
/// order but that of the log, so the times of `filter` mean nothing to it.
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
