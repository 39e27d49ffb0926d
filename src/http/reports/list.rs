//! The table of statements and the form that narrows it.

use super::count::Count;
use super::form::{Address, Faults, FilterQuery, Form};
use super::parts::StatementFormatter;
use super::query_links::{QueryLinks, stream};
use super::row::{Row, row};
use super::words::tail;
use super::{agent, languages};
use crate::http::Problem;
use crate::http::auth::Coordinator;
use crate::http::pages::{Formats, Page, Section, render_with, see_other};
use crate::service::records::statements::{self, StatementListing, Window};
use crate::service::{Account, App};
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use base::log::Seq;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use xapi::check::parse_uuid;
use xapi::query::{Direction, Reach};
use xapi::vocabulary::verb;

/// How many statements a page shows.
const PAGE_SIZE: usize = 25;

/// The verbs of packages and of this server's own statements.
const USUAL: [&str; 16] = [
    "http://adlnet.gov/expapi/verbs/launched",
    "http://adlnet.gov/expapi/verbs/initialized",
    "http://adlnet.gov/expapi/verbs/completed",
    "http://adlnet.gov/expapi/verbs/terminated",
    "https://w3id.org/xapi/adl/verbs/satisfied",
    verb::REGISTERED,
    verb::VIEWED,
    verb::ATTEMPTED,
    verb::ANSWERED,
    verb::PASSED,
    verb::FAILED,
    verb::SUBMITTED,
    verb::CLAIMED,
    verb::EARNED,
    verb::SETTLED,
    verb::VOIDED,
];

/// The parameters by which the standard requests one statement.
const ONE: [&str; 2] = ["statementId", "voidedStatementId"];

#[derive(Template)]
#[template(path = "reports/list.html")]
struct ListPage {
    page: Page,
    /// The fields of the first row, and those under "More filters".
    first: Vec<Field>,
    further: Vec<Field>,
    goes_further: bool,
    form: Form,
    /// What is wrong outside the fields.
    fault: Option<String>,
    id: Field,
    zone: String,
    verbs: BTreeMap<String, String>,
    /// `None` if the form has faults.
    answer: Option<ResultView>,
}

/// A field of the form, with its contents.
struct Field {
    name: &'static str,
    label: &'static str,
    hint: String,
    kind: FieldKind,
    /// The id of a list of values to choose from.
    list: Option<&'static str>,
    value: String,
    fault: Option<String>,
}

/// How a field is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FieldKind {
    Text,
    /// A date with a time.
    Moment,
}

impl FieldKind {
    /// The `type` of its input.
    fn input(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Moment => "datetime-local",
        }
    }
}

/// The statements that the form requested.
struct ResultView {
    rows: Vec<Row>,
    /// How many there are, and what order they are in.
    shown: String,
    order: &'static str,
    count: Count,
    pager: Vec<(String, &'static str)>,
    query_links: QueryLinks,
    /// The stream that reports statements for the top of this page, if new statements belong on it.
    stream: Option<String>,
    /// An address that may find more, if nothing was found.
    wider: Option<(String, &'static str)>,
}

/// `GET /reports/statements`.
pub(super) async fn page(
    app: Data<App>,
    coordinator: Coordinator,
    given: Query<Vec<(String, String)>>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut given = given.into_inner();
    let requested_id = take_one(&mut given);
    if let Some(id) = parse_uuid(&requested_id) {
        return Ok(see_other(&format!("/reports/statements/{id}")));
    }
    let (form, mut faults, address) = Form::of(&given);
    if requested_id.is_empty() && faults.is_empty() && address == Address::Wordy {
        return Ok(see_other(&form.href()));
    }
    let formats = Formats::of(&app);
    if !requested_id.is_empty() {
        let sentence = "A statement is known by its UUID, such as 6690e6c9-3ef0-4ed3-8b37-7f3964730bee.";
        faults.insert("statementId", sentence.to_owned());
    }
    let query = form.read(formats.zone()).map_err(|more| faults.extend(more)).ok().filter(|_| faults.is_empty());
    let answer = match &query {
        Some(query) => {
            Some(result_view(&app, &form, query, &formats, StatementFormatter::new(&app, languages(&req))).await?)
        }
        None => None,
    };
    let status = if answer.is_some() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = PageContext { app: &app, account: &coordinator.0, zone: formats.zone() };
    Ok(render_with(status, &shown.page(form, query.as_ref(), &faults, requested_id, answer)))
}

/// The id of the one statement that an address requests; empty if it requests none.
fn take_one(given: &mut Vec<(String, String)>) -> String {
    let at = given.iter().position(|(name, _)| ONE.contains(&name.as_str()));
    at.map(|at| given.remove(at).1.trim().to_owned()).unwrap_or_default()
}

async fn result_view(
    app: &App,
    form: &Form,
    query: &FilterQuery,
    formats: &Formats,
    mut formatter: StatementFormatter<'_>,
) -> Result<ResultView, Problem> {
    let mut view = statements::browse(app, &query.filter, query.window, query.voided, PAGE_SIZE).await?;
    let direction = query.filter.direction;
    if direction == Direction::OldestFirst {
        view.statements.reverse();
    }
    let mut rows = Vec::new();
    for stored in &view.statements {
        rows.push(row(stored, &mut formatter, form, formats).await?);
    }
    let order = match direction {
        Direction::NewestFirst => "newest first",
        Direction::OldestFirst => "oldest first",
    };
    let shown = match rows.len() {
        1 => "1 statement".to_owned(),
        n => format!("{n} statements"),
    };
    Ok(ResultView {
        shown,
        order,
        count: Count::of(app, form, query).await?,
        pager: pager(form, direction, &view, query.window),
        query_links: QueryLinks::of(app, &query.filter),
        stream: followed(query, &view),
        wider: rows.is_empty().then(|| wider(form, query)).flatten(),
        rows,
    })
}

/// New statements belong at the top only if the newest are shown and `until` is not set.
fn followed(query: &FilterQuery, view: &StatementListing) -> Option<String> {
    let newest = view.statements.first().map_or(Seq(0), |stored| stored.seq);
    (query.window == Window::Newest && query.filter.until.is_none()).then(|| stream(&query.filter, Some(newest)))
}

/// Links to the beginning of the table, back and forward, as far as there are statements.
fn pager(form: &Form, direction: Direction, view: &StatementListing, window: Window) -> Vec<(String, &'static str)> {
    let begins = match window {
        Window::Newest | Window::Oldest => None,
        Window::Before(_) | Window::After(_) => Some(Window::Newest),
    };
    let links = match direction {
        Direction::NewestFirst => [(begins, "Newest"), (view.newer, "Newer"), (view.older, "Older")],
        Direction::OldestFirst => [(begins, "Oldest"), (view.older, "Older"), (view.newer, "Newer")],
    };
    links.into_iter().filter_map(|(window, text)| Some((form.at(window?).href(), text))).collect()
}

/// A wider filter for one that finds nothing and may look in the wrong places.
fn wider(form: &Form, query: &FilterQuery) -> Option<(String, &'static str)> {
    let filter = &query.filter;
    if filter.agent.is_some() && filter.breadth.agents == Reach::Narrow {
        let text = "Also search the context, the authority and nested statements for the agent";
        return Some((form.with("related_agents", "true").href(), text));
    }
    if filter.activity.is_some() && filter.breadth.activities == Reach::Narrow {
        let text = "Also search the context and nested statements for the activity";
        return Some((form.with("related_activities", "true").href(), text));
    }
    None
}

/// What every page of the table needs.
struct PageContext<'a> {
    app: &'a App,
    account: &'a Account,
    zone: &'a TimeZone,
}

impl PageContext<'_> {
    fn page(
        &self,
        form: Form,
        query: Option<&FilterQuery>,
        faults: &Faults,
        requested_id: String,
        answer: Option<ResultView>,
    ) -> ListPage {
        let field = |name: &'static str, label, hint: &str| Field {
            name,
            label,
            hint: hint.to_owned(),
            kind: FieldKind::Text,
            list: None,
            value: form.text(name).to_owned(),
            fault: faults.get(name).cloned(),
        };
        let mut agent = field("agent", "Who", "Mail address, account, OpenID, or JSON");
        if let Some(ifi) = query.and_then(|query| query.filter.agent.as_ref()) {
            agent.hint = agent::understood(ifi);
        }
        let instant = |name, label, hint: &str| {
            let field = field(name, label, hint);
            match form.local(name, self.zone) {
                Some(value) => Field { kind: FieldKind::Moment, value, ..field },
                None => field,
            }
        };
        let first = vec![
            agent,
            Field { list: Some("verbs"), ..field("verb", "Did what", "The verb's IRI") },
            field("activity", "To what", "The activity's IRI"),
        ];
        let further = vec![
            field("registration", "Registration", "Its UUID"),
            instant("since", "Stored after", "Excludes this instant"),
            instant("until", "Stored until", "Includes this instant"),
        ];
        let fault = faults.iter().find(|(name, _)| ["", "before", "after"].contains(name));
        let id = Field {
            value: requested_id,
            ..field("statementId", "Statement id", "A UUID; voided statements can be opened too")
        };
        let page = Page::new(self.app, "Statements").seen_by(self.account).at(Section::Reports);
        ListPage {
            page: page.script("copy.js").script("follow.js"),
            goes_further: form.goes_further() || further.iter().any(|field| field.fault.is_some()),
            first,
            further,
            fault: fault.map(|(_, sentence)| sentence.clone()),
            id,
            zone: self.app.config.provider.time_zone.clone(),
            verbs: verbs(answer.as_ref()),
            form,
            answer,
        }
    }
}

/// Verbs to choose from, with their names: the usual ones, and those that the page shows.
fn verbs(answer: Option<&ResultView>) -> BTreeMap<String, String> {
    let own = USUAL.iter().map(|id| ((*id).to_owned(), tail(id).to_owned()));
    let shown = answer.iter().flat_map(|answer| &answer.rows);
    let shown = shown.filter(|row| row.verb_href.is_some());
    own.chain(shown.map(|row| (row.verb.id.clone(), row.verb.name.short().text))).collect()
}
