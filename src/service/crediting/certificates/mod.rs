//! Certificates: credit records in a form to show, and their check by anyone. What a certificate says is for
//! [`credit::certificate`]; here it is made of a record, and typeset as PDF.

mod fonts;
mod layout;
mod pdf;
mod qr;
mod shaping;
#[cfg(test)]
mod tests;
mod text;

pub use fonts::{FontError, Fonts, MissingLetters};
pub use pdf::{Error as PdfError, missing_letters, pdf};
pub use qr::{Qr, QrError};

use crate::service::catalogue::activities;
use crate::service::ledger::credits::{self, CreditRecord, CreditState};
use crate::service::{ActivityVersion, App};
use credit::certificate::Certificate;

/// What the certificate of `credit` says.
pub async fn certificate(app: &App, credit: &CreditRecord) -> Result<Certificate, activities::Error> {
    let version = activities::version(app, &credit.activity, credit.version).await?;
    Ok(certify(app, credit, &version))
}

fn certify(app: &App, credit: &CreditRecord, version: &ActivityVersion) -> Certificate {
    let activity = &version.document;
    let code = format_code(&credit.code);
    Certificate {
        name: credit.name.clone(),
        provider: activity.provider.name.clone(),
        joint_providers: activity.provider.joint_providers.clone(),
        title: activity.title.clone(),
        format: activity.format,
        completed: app.config.provider.locale.date(credit.completed),
        system: credit.system,
        amount: credit.amount,
        accreditation: activity.accreditation_statement(),
        designation: activity
            .offering(&credit.offering)
            .map_or_else(String::new, |o| activity.designation_statement(o)),
        verify_url: format!("{}/verify/{code}", app.config.url),
        code,
        language: activity.language.clone(),
        sample: activity.sample,
    }
}

/// A code in groups of four, as people read it aloud. [`credits::by_code`] reads it back.
pub fn format_code(code: &str) -> String {
    let letters: Vec<char> = code.chars().filter(|c| *c != '-').collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// What anyone may know about a certificate whose code they have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateCheck {
    pub certificate: Certificate,
    /// Of the person: enough to compare with the paper, and no more.
    pub initials: String,
    pub valid: bool,
}

/// The certificate with this code, however it was typed.
pub async fn check(app: &App, code: &str) -> Result<Option<CertificateCheck>, activities::Error> {
    let Some(credit) = credits::by_code(app, code).await? else { return Ok(None) };
    let certificate = certificate(app, &credit).await?;
    let valid = credit.standing == CreditState::Active;
    Ok(Some(CertificateCheck { initials: initials(&certificate.name), certificate, valid }))
}

/// `Alex Morgan, MD` becomes `A. M.`
fn initials(name: &str) -> String {
    let person = name.split(',').next().unwrap_or_default();
    let letters = person.split_whitespace().filter_map(|part| part.chars().next());
    letters.map(|letter| format!("{letter}.")).collect::<Vec<_>>().join(" ")
}
