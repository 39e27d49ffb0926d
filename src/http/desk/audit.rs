//! The audit trail, filtered and as a table to take away.

use crate::http::Problem;
use crate::http::auth::Coordinator;
use crate::http::pages::{Page, Section, render};
use crate::service::audit::{self, Act, AuditEntry, AuditFilter};
use crate::service::people::accounts;
use crate::service::reporting::guarded;
use crate::service::{AccountId, App, StoreError};
use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::{Data, Query};
use askama::Template;
use bytes::Bytes;
use futures_util::stream;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::collections::BTreeMap;

/// How many entries a page shows, and how many a piece of the table has.
const LISTED: usize = 100;
const PIECE: usize = 1000;

#[derive(Template)]
#[template(path = "desk/audit.html")]
struct AuditTrailPage {
    page: Page,
    query: AuditQuery,
    acts: Vec<(&'static str, &'static str, bool)>,
    rows: Vec<AuditRow>,
    next: Option<String>,
    /// The query string of the same filter, beginning with `?`.
    filter: String,
    days: u32,
    refusal: Option<String>,
}

struct AuditRow {
    at: String,
    by: String,
    /// The person's name today, if the account is still there.
    name: Option<String>,
    act: &'static str,
    route: String,
    about: String,
}

/// The form.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AuditQuery {
    #[serde(default)]
    by: String,
    #[serde(default)]
    act: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    after: String,
}

impl AuditQuery {
    fn filter(&self, zone: &TimeZone) -> Result<AuditFilter, String> {
        let act = match self.act.as_str() {
            "" => None,
            name => Some(Act::named(name).ok_or("Choose one of the acts in the list.")?),
        };
        let day = |text: &str, later: i64| -> Result<Option<Timestamp>, String> {
            if text.is_empty() {
                return Ok(None);
            }
            let unclear = || format!("Write a date such as 2026-11-30 instead of “{text}”.");
            let date: Date = text.parse().map_err(|_| unclear())?;
            let date = date.checked_add(jiff::Span::new().days(later)).map_err(|_| unclear())?;
            Ok(Some(date.to_zoned(zone.clone()).map_err(|_| unclear())?.timestamp()))
        };
        let by = Some(self.by.trim()).filter(|by| !by.is_empty()).map(str::to_owned);
        Ok(AuditFilter { by, act, from: day(&self.from, 0)?, to: day(&self.to, 1)? })
    }

    fn query_string(&self) -> String {
        let all = [("by", &self.by), ("act", &self.act), ("from", &self.from), ("to", &self.to)];
        let given = all.into_iter().filter(|(_, value)| !value.is_empty());
        let given: Vec<_> =
            given.map(|(name, value)| format!("{name}={}", xapi::vocabulary::iri::encoded(value))).collect();
        format!("?{}", given.join("&"))
    }
}

/// `GET /desk/audit`.
pub(super) async fn page(
    app: Data<App>,
    coordinator: Coordinator,
    query: Query<AuditQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    let page = Page::new(&app, "Audit trail").seen_by(&coordinator.0).at(Section::Desk);
    let (found, refusal) = match query.filter(page.formats.zone()) {
        Ok(filter) => {
            let after = Some(query.after.as_str()).filter(|after| !after.is_empty());
            (audit::page(&app, &filter, after, LISTED).await?, None)
        }
        Err(sentence) => (audit::AuditPage::default(), Some(sentence)),
    };
    let mut names = BTreeMap::new();
    for entry in &found.entries {
        if let Ok(id) = entry.by.parse().map(AccountId)
            && !names.contains_key(&entry.by)
        {
            names.insert(entry.by.clone(), accounts::get(&app, id).await?.map(|account| account.name));
        }
    }
    let row = |entry: &AuditEntry| AuditRow {
        at: page.formats.second(entry.at),
        by: entry.by.clone(),
        name: names.get(&entry.by).cloned().flatten().filter(|name| !name.is_empty()),
        act: entry.act.words(),
        route: entry.route.clone(),
        about: entry.about.clone(),
    };
    let rows = found.entries.iter().map(row).collect();
    let acts = Act::ALL.iter().map(|(_, name, words)| (*name, *words, query.act == *name)).collect();
    let (filter, days) = (query.query_string(), app.config.retention.audit_days);
    Ok(render(&AuditTrailPage { page, query, acts, rows, next: found.next, filter, days, refusal }))
}

/// `GET /desk/audit.csv`: all that match, the newest first.
pub(super) async fn table(
    app: Data<App>,
    _coordinator: Coordinator,
    query: Query<AuditQuery>,
) -> Result<HttpResponse, Problem> {
    let zone = crate::http::pages::Formats::of(&app).zone().clone();
    let filter = query.filter(&zone).map_err(|sentence| Problem::bad_request("invalid-query", sentence))?;
    let head = Bytes::from_static(b"time,by,act,route,about\r\n");
    let app = App::clone(&app);
    let rest = stream::try_unfold(Some(None::<String>), move |after| {
        let (app, filter) = (app.clone(), filter.clone());
        async move {
            let Some(after) = after else { return Ok::<_, StoreError>(None) };
            let found = audit::page(&app, &filter, after.as_deref(), PIECE).await?;
            let next = found.next.map(Some);
            Ok(Some((Bytes::from(lines(&found.entries)), next)))
        }
    });
    let body = stream::StreamExt::chain(stream::iter([Ok(head)]), rest);
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""))
        .streaming(body))
}

fn lines(entries: &[AuditEntry]) -> String {
    let quoted = |text: &str| format!("\"{}\"", guarded(text).replace('"', "\"\""));
    let line = |entry: &AuditEntry| {
        let fields = [&entry.by, &entry.route, &entry.about].map(|text| quoted(text));
        let [by, route, about] = fields;
        format!("{},{by},{},{route},{about}\r\n", xapi::instant(entry.at), entry.act.as_str())
    };
    entries.iter().map(line).collect()
}
