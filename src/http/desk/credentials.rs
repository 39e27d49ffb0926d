//! Listing, creating, rotating and revoking the credentials of programs.

use crate::http::Problem;
use crate::http::auth::{Coordinator, PostedForm};
use crate::http::pages::presenter::{Badge, Tone};
use crate::http::pages::{Formats, Page, Section, render, render_with, see_other, sentence};
use crate::service::people::credentials::{self, Credential, CredentialOrigin, Error, Scope};
use crate::service::{Account, App};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use jiff::SignedDuration;
use serde::Deserialize;

/// How many credentials a page shows.
const LISTED: usize = 100;

/// How long the old secret keeps working, as the page offers it.
const OVERLAPS: [(u32, &str); 5] = [
    (0, "Stops working immediately"),
    (3600, "Works for another hour"),
    (12 * 3600, "Works for another 12 hours"),
    (24 * 3600, "Works for another day"),
    (7 * 24 * 3600, "Works for another 7 days"),
];

#[derive(Template)]
#[template(path = "desk/credentials.html")]
struct CredentialsPage {
    page: Page,
    rows: Vec<CredentialRow>,
    /// The key after which the next page begins.
    next: Option<String>,
    scopes: Vec<ScopeChoice>,
    name: String,
    refusal: Option<String>,
}

/// A credential as the pages show it.
struct CredentialRow {
    key: String,
    name: String,
    scopes: Vec<&'static str>,
    created: String,
    rotated: Option<String>,
    overlap: Option<String>,
    revoked: Option<String>,
}

/// A scope that can be ticked.
struct ScopeChoice {
    scope: &'static str,
    meaning: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "desk/credential.html")]
struct CredentialPage {
    page: Page,
    row: CredentialRow,
    overlaps: [(u32, &'static str); 5],
}

#[derive(Template)]
#[template(path = "desk/secret.html")]
struct SecretPage {
    page: Page,
    row: CredentialRow,
    secret: String,
}

/// Where the list continues.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CredentialsQuery {
    after: Option<String>,
}

/// `GET /desk/credentials`.
pub(super) async fn list(
    app: Data<App>,
    coordinator: Coordinator,
    query: Query<CredentialsQuery>,
) -> Result<HttpResponse, Problem> {
    Ok(render(&list_page(&app, &coordinator.0, query.after.as_deref(), NewCredentialForm::default()).await?))
}

/// What was typed into the form, to show it again.
#[derive(Default)]
struct NewCredentialForm {
    name: String,
    scopes: Vec<String>,
    refusal: Option<String>,
}

async fn list_page(
    app: &App,
    account: &Account,
    after: Option<&str>,
    form: NewCredentialForm,
) -> Result<CredentialsPage, Problem> {
    let mut found = credentials::page(app, after, LISTED + 1).await?;
    let rest = found.len() > LISTED;
    found.truncate(LISTED);
    let next = found.last().filter(|_| rest).map(|last| last.key.clone());
    let choice = |scope: Scope| {
        let name = scope.as_str();
        ScopeChoice {
            scope: name,
            meaning: credentials::meaning(scope),
            chosen: form.scopes.iter().any(|chosen| chosen == name),
        }
    };
    Ok(CredentialsPage {
        page: Page::new(app, "Credentials").seen_by(account).at(Section::Desk),
        rows: found.iter().map(|credential| CredentialRow::new(app, credential)).collect(),
        next,
        scopes: Scope::EVERY.map(choice).into(),
        name: form.name,
        refusal: form.refusal,
    })
}

/// `POST /desk/credentials`: the response is the only page that ever shows the secret.
pub(super) async fn create(app: Data<App>, posted: PostedForm<Coordinator>) -> Result<HttpResponse, Problem> {
    let Coordinator(account) = &posted.by;
    let name = posted.fields.get("name").unwrap_or_default().to_owned();
    let scopes: Vec<String> = posted.fields.values("scope").map(str::to_owned).collect();
    let chosen = scopes.iter().filter_map(|scope| Scope::named(scope)).collect();
    match credentials::create_for(&app, CredentialOrigin::of(account), &name, chosen).await {
        Ok((credential, secret)) => {
            Ok(render_with(StatusCode::CREATED, &secret_page(&app, account, &credential, secret)))
        }
        Err(refused @ (Error::Name | Error::NoScope)) => {
            let form = NewCredentialForm { name, scopes, refusal: Some(sentence(&refused.to_string())) };
            let page = list_page(&app, account, None, form).await?;
            Ok(render_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /desk/credentials/{key}`.
pub(super) async fn page(app: Data<App>, coordinator: Coordinator, key: Path<String>) -> Result<HttpResponse, Problem> {
    let credential = credentials::get(&app, &key).await?;
    let page = Page::new(&app, credential.name.clone()).seen_by(&coordinator.0).at(Section::Desk);
    Ok(render(&CredentialPage { page, row: CredentialRow::new(&app, &credential), overlaps: OVERLAPS }))
}

/// `POST /desk/credentials/{key}/rotate`: responds as [`create`] does.
pub(super) async fn rotate(
    app: Data<App>,
    posted: PostedForm<Coordinator>,
    key: Path<String>,
) -> Result<HttpResponse, Problem> {
    let Coordinator(account) = &posted.by;
    let seconds = posted.fields.get("overlap").and_then(|seconds| seconds.parse::<u32>().ok()).ok_or(Error::Overlap)?;
    let overlap = SignedDuration::from_secs(i64::from(seconds));
    let (credential, secret) = credentials::rotate_for(&app, CredentialOrigin::of(account), &key, overlap).await?;
    Ok(render(&secret_page(&app, account, &credential, secret)))
}

/// `POST /desk/credentials/{key}/revoke`.
pub(super) async fn revoke(
    app: Data<App>,
    _posted: PostedForm<Coordinator>,
    key: Path<String>,
) -> Result<HttpResponse, Problem> {
    credentials::revoke(&app, &key).await?;
    Ok(see_other(&format!("/desk/credentials/{key}")))
}

fn secret_page(app: &App, account: &Account, credential: &Credential, secret: String) -> SecretPage {
    let page = Page::new(app, "Save this secret now").seen_by(account).at(Section::Desk).script("copy.js");
    SecretPage { page, row: CredentialRow::new(app, credential), secret }
}

impl CredentialRow {
    fn status(&self) -> Badge {
        match (&self.revoked, &self.overlap) {
            (Some(_), _) => Badge::new(Tone::Bad, "Revoked"),
            (None, Some(_)) => Badge::new(Tone::Warn, "Two secrets"),
            (None, None) => Badge::new(Tone::Good, "Valid"),
        }
    }

    fn new(app: &App, credential: &Credential) -> Self {
        let formats = Formats::of(app);
        let at = |instant| formats.moment(instant);
        Self {
            key: credential.key.clone(),
            name: credential.name.clone(),
            scopes: credential.scopes.iter().copied().map(Scope::as_str).collect(),
            created: at(credential.created),
            rotated: credential.rotated.map(at),
            overlap: credential.overlap_until(app.clock.now()).map(at),
            revoked: credential.revoked.map(at),
        }
    }
}
