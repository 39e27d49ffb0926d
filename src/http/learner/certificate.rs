//! The certificate, as a page and as PDF.

use crate::http::Problem;
use crate::http::auth::Learner;
use crate::http::pages::{Page, Section, prose, render};
use crate::service::crediting::certificates::{self, PdfError, Qr};
use crate::service::ledger::credits::{self, CreditId, CreditRecord};
use crate::service::{Account, App};
use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{self, Data, Path};
use askama::Template;
use credit::certificate::Certificate;
use std::sync::Arc;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "learner/certificate.html")]
struct CertificatePage {
    page: Page,
    certificate: Certificate,
    facts: Vec<(&'static str, String)>,
    qr: Qr,
    active: bool,
    credit: Uuid,
    registration: String,
}

/// `GET /credits/{id}`.
pub(super) async fn page(app: Data<App>, learner: Learner, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let record = mine(&app, &learner.0, *id).await?;
    let certificate = certificates::certificate(&app, &record).await?;
    Ok(render(&CertificatePage {
        page: Page::new(&app, certificate.heading()).seen_by(&learner.0).at(Section::Transcript),
        facts: certificate.facts(),
        qr: Qr::of(&certificate.verify_url).map_err(Problem::internal)?,
        active: record.is_active(),
        credit: record.id.0,
        registration: record.registration.to_string(),
        certificate,
    }))
}

/// `GET /credits/{id}/certificate.pdf`: of an active credit.
pub(super) async fn pdf(app: Data<App>, learner: Learner, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let record = mine(&app, &learner.0, *id).await?;
    if !record.is_active() {
        let sentence = "this credit was revoked, so it no longer has a certificate; the page of the credit says more";
        return Err(Problem::conflict("not-active", sentence));
    }
    let certificate = certificates::certificate(&app, &record).await?;
    let name = format!("certificate-{}.pdf", certificate.code);
    let fonts = Arc::clone(&app.fonts);
    let made = web::block(move || certificates::pdf(&certificate, &fonts)).await.map_err(Problem::internal)?;
    let bytes = match made {
        Ok(bytes) => bytes,
        Err(error @ PdfError::Letters(_)) => {
            tracing::warn!(credit = %record.id.0, "a certificate cannot be made as PDF: certificates.fonts lacks a font");
            let way_on = "until the people who run this server have added it, print the page of the certificate from your browser";
            return Err(Problem::conflict("no-font", format!("{error}; {way_on}")));
        }
        Err(error) => return Err(Problem::internal(error)),
    };
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(bytes))
}

async fn mine(app: &App, account: &Account, id: Uuid) -> Result<CreditRecord, Problem> {
    let record = credits::get(app, CreditId(id)).await?.filter(|record| record.learner == account.id);
    record.ok_or_else(|| Problem::not_found("you have no such credit; your transcript lists those that you have"))
}
