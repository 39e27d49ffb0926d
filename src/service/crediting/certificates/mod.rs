//! Certificates: credit records in a form to show, and their check by anyone. What a certificate says is for
//! [`credit::certificate`]; here it is made of a record, and typeset as PDF.

mod layout;
mod pdf;
mod qr;

pub use pdf::{Fonts, pdf};
pub use qr::{Qr, QrError};

use crate::service::catalogue::activities;
use crate::service::ledger::credits::{self, CreditRecord, CreditState};
use crate::service::{ActivityVersion, App};
use credit::certificate::Certificate;

/// The faces of certificates: Source Serif 4 (SIL Open Font License), which the build takes from npm.
pub const FONTS: Fonts = Fonts {
    regular: include_bytes!(concat!(env!("OUT_DIR"), "/certificate-regular.ttf")),
    strong: include_bytes!(concat!(env!("OUT_DIR"), "/certificate-strong.ttf")),
    italic: include_bytes!(concat!(env!("OUT_DIR"), "/certificate-italic.ttf")),
};

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

#[cfg(test)]
mod tests {
    use super::*;
    use credit::{Credits, Format, System};

    #[test]
    fn a_name_is_shown_by_its_initials_alone() {
        for (name, expected) in [("Alex Morgan, MD", "A. M."), ("Émile  Zola", "É. Z."), ("", "")] {
            assert_eq!(initials(name), expected);
        }
    }

    #[test]
    fn a_code_is_written_in_groups() {
        assert_eq!(format_code("K7QF2M9XPD"), "K7QF-2M9X-PD");
    }

    fn example() -> Certificate {
        Certificate {
            name: "Zoë Ångström-Łukasiewicz, MD".into(),
            provider: "Example Provider".into(),
            joint_providers: vec!["Example Society".into()],
            title: "Risk by CHA₂DS₂-VASc, and what follows".into(),
            format: Format::EnduringMaterial,
            completed: "March 12, 2026".into(),
            system: System::AmaPraCategory1,
            amount: Credits(75),
            accreditation: "Example Provider is accredited. ".repeat(12),
            designation: "Up to 0.75 AMA PRA Category 1 Credit™.".into(),
            code: "K7QF-2M9X".into(),
            verify_url: "https://cme.example.org/verify/K7QF-2M9X".into(),
            language: "en".into(),
            sample: false,
        }
    }

    #[test]
    fn a_certificate_is_an_accessible_pdf() {
        let bytes = pdf(&example(), FONTS).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.starts_with("%PDF-1."));
        for mark in ["/StructTreeRoot", "pdfuaid:part", "/Lang"] {
            assert!(text.contains(mark), "{mark} is missing");
        }
    }

    #[test]
    fn a_name_that_the_fonts_lack_still_makes_a_certificate() {
        let bytes = pdf(&Certificate { name: "山田太郎".into(), ..example() }, FONTS).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("/StructTreeRoot") && !text.contains("pdfuaid:part"));
    }
}
