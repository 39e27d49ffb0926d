//! Voiding a statement that a credit rests on.

use crate::http::Problem;
use crate::http::auth::{Coordinator, PostedForm};
use crate::http::pages::{Page, Section, render, render_with, see_other, sentence};
use crate::service::crediting::voiding::{self, Error};
use crate::service::learning::registrations;
use crate::service::{Account, App, RegistrationId};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use uuid::Uuid;
use xapi::StatementId;

#[derive(Template)]
#[template(path = "desk/void.html")]
struct VoidPage {
    page: Page,
    registration: Uuid,
    statement: Uuid,
    refusal: Option<String>,
}

/// `GET /desk/registrations/{id}/void/{statement}`: what would happen, and a field for the reason.
pub(super) async fn confirm(app: Data<App>, coordinator: Coordinator, path: Path<(Uuid, Uuid)>) -> HttpResponse {
    render(&form(&app, &coordinator.0, *path, None))
}

/// `POST /desk/registrations/{id}/void/{statement}`.
pub(super) async fn submit(
    app: Data<App>,
    posted: PostedForm<Coordinator>,
    path: Path<(Uuid, Uuid)>,
) -> Result<HttpResponse, Problem> {
    let (Coordinator(account), (id, statement)) = (&posted.by, *path);
    let standing = registrations::status(&app, RegistrationId(id)).await?;
    let reason = posted.fields.get("reason").unwrap_or_default();
    match voiding::void(&app, &standing, StatementId(statement), account, reason).await {
        Ok(()) => Ok(see_other(&format!("/desk/registrations/{id}"))),
        Err(refused @ Error::NoReason) => {
            let page = form(&app, account, *path, Some(sentence(&refused.to_string())));
            Ok(render_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(refused) => Err(refused.into()),
    }
}

fn form(app: &App, account: &Account, (registration, statement): (Uuid, Uuid), refusal: Option<String>) -> VoidPage {
    let page = Page::new(app, "Void a statement").seen_by(account).at(Section::Desk);
    VoidPage { page, registration, statement, refusal }
}

impl From<Error> for Problem {
    fn from(refused: Error) -> Self {
        let sentence = refused.to_string();
        match refused {
            Error::NotEvidence => Self::conflict("not-evidence", sentence),
            Error::NoReason => Self::unprocessable("no-reason", sentence),
            Error::Registration(error) => error.into(),
            Error::Decision(error) => error.into(),
            Error::Statements(error) => Self::internal(error),
            Error::Store(error) => error.into(),
        }
    }
}
