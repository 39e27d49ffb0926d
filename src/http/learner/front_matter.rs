//! What a learner reads before an activity, and starting it.

use super::mine;
use crate::http::Problem;
use crate::http::auth::{Learner, PostedForm, Visitor};
use crate::http::pages::presenter::{audience, openness};
use crate::http::pages::{Page, Section, minutes, prose, render, render_with, see_other, sentence};
use crate::service::catalogue::activities;
use crate::service::learning::enrollment::{self, Availability, Error};
use crate::service::{ActivityVersion, App, RegistrationId};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use credit::{Activity, Attempts, SupportKind};
use uuid::Uuid;

#[derive(Template)]
#[template(path = "learner/front-matter.html")]
struct FrontMatterPage<'a> {
    page: Page,
    activity: &'a Activity,
    version: u32,
    /// The address to which its form is posted.
    action: String,
    availability: Availability,
    /// A registration that the learner has already.
    earlier: Option<RegistrationId>,
    refusal: Option<String>,
}

/// `GET /activities/{activity}`: open to anyone.
pub(super) async fn page(app: Data<App>, visitor: Visitor, activity: Path<String>) -> Result<HttpResponse, Problem> {
    let version = activities::current(&app, &activity).await?;
    Ok(render(&front_matter(&app, &visitor, &version, None).await?))
}

/// `POST /activities/{activity}/begin`.
pub(super) async fn begin(
    app: Data<App>,
    posted: PostedForm<Learner>,
    activity: Path<String>,
) -> Result<HttpResponse, Problem> {
    let Learner(account) = &posted.by;
    let version = activities::current(&app, &activity).await?;
    let shown = posted.fields.get("version").and_then(|shown| shown.parse().ok());
    let read = posted.fields.get("read").is_some();
    match enrollment::begin(&app, account, &version, shown, read).await {
        Ok(registration) => Ok(see_other(&format!("/registrations/{}", registration.id))),
        Err(refused) => {
            let status = match &refused {
                Error::NotRead => StatusCode::UNPROCESSABLE_ENTITY,
                Error::Changed => StatusCode::CONFLICT,
                Error::Closed(_) => StatusCode::GONE,
                Error::Registration(_) => return Err(refused.into()),
            };
            let visitor = Visitor(Some(account.clone()));
            let page = front_matter(&app, &visitor, &version, Some(sentence(&refused.to_string()))).await?;
            Ok(render_with(status, &page))
        }
    }
}

async fn front_matter<'a>(
    app: &App,
    visitor: &Visitor,
    version: &'a ActivityVersion,
    refusal: Option<String>,
) -> Result<FrontMatterPage<'a>, Problem> {
    let activity = &version.document;
    let mut page = Page::new(app, &activity.title).at(Section::Activities);
    let mut earlier = None;
    if let Some(account) = &visitor.0 {
        page = page.seen_by(account);
        earlier = enrollment::of_learner(app, account, &version.activity).await?.map(|registration| registration.id);
    }
    let action = format!("/activities/{}/begin", activity.id);
    let availability = enrollment::availability(app, activity)?;
    Ok(FrontMatterPage { page, activity, version: version.version, action, availability, earlier, refusal })
}

/// `GET /registrations/{id}/front-matter`: what the learner's own version says, for one who was registered elsewhere and
/// has not seen it yet.
pub(super) async fn again(app: Data<App>, learner: Learner, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let standing = mine(&app, &learner.0, *id).await?;
    let (version, activity) = (standing.version.version, &standing.version.document);
    let page = Page::new(&app, &activity.title).seen_by(&learner.0).at(Section::Activities);
    let action = format!("/registrations/{}/front-matter", *id);
    let (availability, earlier, refusal) = (Availability::Open, None, None);
    Ok(render(&FrontMatterPage { page, activity, version, action, availability, earlier, refusal }))
}

/// `POST /registrations/{id}/front-matter`.
pub(super) async fn informed(
    app: Data<App>,
    posted: PostedForm<Learner>,
    id: Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let standing = mine(&app, &posted.by.0, *id).await?;
    if posted.fields.get("read").is_none() {
        return Err(Problem::unprocessable("not-read", Error::NotRead.to_string()));
    }
    enrollment::record_informed(&app, &standing.registration, &standing.version).await?;
    Ok(see_other(&format!("/registrations/{}", *id)))
}

fn attempts(attempts: &Attempts) -> String {
    let times = match attempts.maximum {
        None => "unlimited".to_owned(),
        Some(1) => "one".to_owned(),
        Some(most) => format!("up to {most}"),
    };
    match attempts.wait_minutes {
        0 => times,
        wait => format!("{times}, with {} between them", minutes(wait)),
    }
}

fn support(kind: SupportKind) -> &'static str {
    match kind {
        SupportKind::Financial => "financial support",
        SupportKind::InKind => "in-kind support",
    }
}

fn is_link(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}
