//! One statement: what it says, what was said about it, and its exact text.

use super::attachments::{AttachmentRow, listed};
use super::facts::{Section, sections};
use super::formatted_json::FormattedJson;
use super::languages;
use super::parts::{StatementFormatter, marks};
use super::query_links::QueryLinks;
use super::words::ForeignText;
use crate::http::Problem;
use crate::http::auth::Coordinator;
use crate::http::pages::presenter::Badge;
use crate::http::pages::{self, Formats, Page, render};
use crate::service::App;
use crate::service::records::statements;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use base::log::StoredStatement;
use uuid::Uuid;
use xapi::StatementId;
use xapi::json::{Document, Value};
use xapi::vocabulary::verb;

/// A longer statement is not formatted, only offered for download, in bytes.
const LONGEST_FORMATTED: usize = 512 << 10;

/// How many of the statements that refer to this one are shown.
const MOST_REFERRING: usize = 20;

#[derive(Template)]
#[template(path = "reports/statement.html")]
struct StatementPage {
    page: Page,
    id: Uuid,
    title: ForeignText,
    stored: String,
    voided: bool,
    /// The statements that void it, when it is voided.
    voided_by: Vec<Reference>,
    /// The statement that it voids, when it does.
    voids: Option<String>,
    /// The first that refer to it in another way.
    referring: Vec<Reference>,
    marks: Vec<Badge>,
    sections: Vec<Section>,
    attachments: Vec<AttachmentRow>,
    formatted_json: Option<FormattedJson>,
    query_links: QueryLinks,
}

/// A statement that says something about another.
struct Reference {
    id: StatementId,
    said: ForeignText,
    stored: String,
    voided: bool,
}

/// `GET /reports/statements/{id}`.
pub(super) async fn page(
    app: Data<App>,
    coordinator: Coordinator,
    id: Path<Uuid>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let stored = find(&app, *id).await?;
    let formats = Formats::of(&app);
    let mut formatter = StatementFormatter::new(&app, languages(&req));
    let text = std::str::from_utf8(&stored.bytes).map_err(Problem::internal)?;
    let document = Document::read(text).map_err(Problem::internal)?;
    let root = document.root();
    let voided_by = if stored.voided {
        referring(&app, stored.id, Some(verb::VOIDED), &mut formatter, &formats).await?
    } else {
        Vec::new()
    };
    let mut others = referring(&app, stored.id, None, &mut formatter, &formats).await?;
    others.retain(|other| voided_by.iter().all(|voiding| voiding.id != other.id));
    let title = formatter.sentence(root).await?;
    let voids = is_voiding(root).then(|| root.get("object")?.get("id")?.string().map(Into::into)).flatten();
    let name = format!("Statement {}", stored.id);
    Ok(render(&StatementPage {
        page: Page::new(&app, name).seen_by(&coordinator.0).at(pages::Section::Reports).script("copy.js"),
        id: *id,
        title,
        stored: formats.second(stored.stored),
        voided: stored.voided,
        voided_by,
        voids,
        referring: others,
        marks: root.get("result").map(|result| marks(result, formats.locale())).unwrap_or_default(),
        sections: sections(&app, &stored, root, &mut formatter, &formats).await?,
        attachments: listed(&app, &stored, root, &formatter.languages).await?,
        formatted_json: (text.len() <= LONGEST_FORMATTED).then(|| FormattedJson(text.to_owned())),
        query_links: query_links(&app, &stored),
    }))
}

/// The statement with this id, voided or not.
pub(super) async fn find(app: &App, id: Uuid) -> Result<StoredStatement, Problem> {
    let found = statements::any(app, StatementId(id)).await?;
    found.ok_or_else(|| Problem::not_found("no statement has this id; check it for a typing mistake"))
}

async fn referring(
    app: &App,
    target: StatementId,
    verb: Option<&str>,
    formatter: &mut StatementFormatter<'_>,
    formats: &Formats,
) -> Result<Vec<Reference>, Problem> {
    let mut references = Vec::new();
    for stored in statements::referring(app, target, verb, MOST_REFERRING).await? {
        let text = std::str::from_utf8(&stored.bytes).map_err(Problem::internal)?;
        let document = Document::read(text).map_err(Problem::internal)?;
        references.push(Reference {
            id: stored.id,
            said: formatter.sentence(document.root()).await?,
            stored: formats.second(stored.stored),
            voided: stored.voided,
        });
    }
    Ok(references)
}

fn is_voiding(statement: Value<'_>) -> bool {
    let id = statement.get("verb").and_then(|verb| verb.get("id")).and_then(Value::string);
    id.is_some_and(|id| id == verb::VOIDED)
}

/// A voided statement is requested by a separate parameter (Part 3 §2.1.3).
fn query_links(app: &App, stored: &StoredStatement) -> QueryLinks {
    let parameter = if stored.voided { "voidedStatementId" } else { "statementId" };
    QueryLinks::at(format!("{}/xapi/statements?{parameter}={}", app.config.url, stored.id))
}
