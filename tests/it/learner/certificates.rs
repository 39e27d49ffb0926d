//! The certificate as PDF, for names in any script.

use super::{Person, address_in, load_sample, sample};
use crate::harness::TestApp;
use credit::certificate::Certificate;
use credit::{Credits, Format, System};
use enduring::service::crediting::certificates::{Fonts, pdf};
use enduring::service::people::accounts;
use enduring::service::{AccountIssuer, Profession, Role};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a tool of Poppler, which `scripts/test` installs, prints about a PDF.
fn poppler(tool: &str, arguments: &[&str], file: &Path) -> String {
    let output = Command::new(tool).arg(file).args(arguments).output().unwrap();
    assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    // Set this to look at the certificates.
    let folder = std::env::var_os("ENDURING_CERTIFICATES").map_or_else(|| folder.to_owned(), PathBuf::from);
    let path = folder.join(format!("{name}.pdf"));
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Without joiners and the marks of direction, which pdftotext adds.
fn without_marks(text: &str) -> String {
    let is_mark = |c: char| matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|c| !is_mark(*c)).collect()
}

/// The characters of `text` but its spaces, in the order of their codes.
fn letters(text: &str) -> Vec<char> {
    let mut letters: Vec<char> = without_marks(text).chars().filter(|c| !c.is_whitespace()).collect();
    letters.sort_unstable();
    letters
}

fn of(name: &str) -> Certificate {
    Certificate {
        name: name.into(),
        provider: "Example Provider".into(),
        joint_providers: vec!["Hôpital Général 総合病院".into()],
        title: "Stroke prevention: αβγ, Дневник, 脑卒中预防".into(),
        format: Format::EnduringMaterial,
        completed: "March 12, 2026".into(),
        system: System::AmaPraCategory1,
        amount: Credits(75),
        accreditation: "Example Provider is accredited. ".repeat(6),
        designation: "Up to 0.75 AMA PRA Category 1 Credit™.".into(),
        code: "K7QF-2M9X".into(),
        verify_url: "https://cme.example.org/verify/K7QF-2M9X".into(),
        language: "en".into(),
        sample: false,
    }
}

#[test]
fn a_name_in_any_script_is_on_the_certificate_with_its_font_inside() {
    let folder = tempfile::tempdir().unwrap();
    let fonts = Fonts::embedded();
    for (script, name, font) in [
        ("latin", "Zoë Ångström-Łukasiewicz, MD", "SourceSerif4"),
        ("vietnamese", "Nguyễn Thị Thuỳ Dương", "SourceSerif4"),
        ("cyrillic", "Дмитрий Щербаков", "SourceSerif4"),
        ("greek", "Ελένη Παπαδοπούλου", "SourceSerif4"),
        ("arabic", "د. محمد عبد الله الحسيني", "ScheherazadeNew"),
        ("persian", "شیرین عبادی‌نژاد", "ScheherazadeNew"),
        ("hebrew", "ד״ר דוד בן־גוריון, MD", "NotoSerifHebrew"),
        ("devanagari", "डॉ. क्षितिज श्रीवास्तव", "NotoSerifDevanagari"),
        ("thai", "สมชาย น้ำใจดี", "NotoSansThai"),
        ("chinese", "王小明", "NotoSansSC"),
        ("japanese", "やまだ 太郎", "NotoSansJP"),
        ("korean", "김민수", "NotoSansKR"),
        ("mixed", "Dana ריברה 王小明 محمد, MD", "NotoSansSC"),
    ] {
        let file = write(folder.path(), script, &pdf(&of(name), &fonts).unwrap());
        let text = without_marks(&poppler("pdftotext", &["-"], &file));
        let (_, text) = text.split_once("Certificate of completion").unwrap();
        let (text, _) = text.split_once("completed an enduring material").unwrap();
        assert_eq!(letters(text), letters(name), "{script}: {text}");
        // From right to left, pdftotext guesses what is a word and which comes first; the layout's own tests know.
        if !["arabic", "persian", "hebrew", "mixed"].contains(&script) {
            assert_eq!(text.trim(), name, "{script}");
        }
        let listed = poppler("pdffonts", &[], &file);
        let line = listed.lines().find(|line| line.contains(font)).unwrap_or_else(|| panic!("{script}: {listed}"));
        let embedded_subset_unicode = line.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(embedded_subset_unicode.contains("yes yes yes"), "{script}: {listed}");
        assert!(std::fs::metadata(&file).unwrap().len() < 300_000, "{script}: only the glyphs that it needs");
        if script != "latin" {
            continue;
        }
        assert!(String::from_utf8_lossy(&std::fs::read(&file).unwrap()).contains("pdfuaid:part"));
    }
}

#[test]
fn a_name_without_a_break_stays_within_the_text() {
    let folder = tempfile::tempdir().unwrap();
    let fonts = Fonts::embedded();
    for (kind, letter) in [("wide", "W"), ("chinese-long", "龍"), ("arabic-long", "م"), ("thai-long", "ก")] {
        let file = write(folder.path(), kind, &pdf(&of(&letter.repeat(80)), &fonts).unwrap());
        let boxes = poppler("pdftotext", &["-bbox", "-"], &file);
        let words = boxes.lines().filter(|line| line.contains("<word"));
        let mut seen = 0;
        for word in words {
            let edge = |name: &str| -> f32 {
                let (_, rest) = word.split_once(&format!("{name}=\"")).unwrap();
                rest.split('"').next().unwrap().parse().unwrap()
            };
            assert!(edge("xMin") >= 71.0 && edge("xMax") <= 721.0, "{kind}: {word}");
            seen += word.matches(letter).count();
        }
        assert!(seen >= 80, "{kind}: {boxes}");
    }
}

async fn rename(app: &TestApp, name: &str) {
    let person = accounts::Person {
        issuer: AccountIssuer::Demo,
        subject: "learner".to_owned(),
        name: name.to_owned(),
        family_name: String::new(),
        given_name: String::new(),
        profession: Profession::Physician,
        roles: [Role::Learner].into(),
    };
    accounts::find_or_create(&app.app, &person).await.unwrap();
}

#[actix_web::test]
async fn a_learner_downloads_a_certificate_with_a_name_in_another_script() {
    let app = TestApp::start();
    load_sample(&app.app).await;
    let person = Person::demo(&app, "learner").await;
    rename(&app, "王小明").await;
    let registration = person.complete(&sample()).await;
    person.claim(&registration, "ama", "0.75").await;
    let credit = address_in(&person.get(&registration).await.html, "/credits/");
    let answer = person.client.get(format!("{}{credit}/certificate.pdf", app.url)).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"application/pdf".parse().unwrap())
    );
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "downloaded", &answer.bytes().await.unwrap());
    assert!(poppler("pdftotext", &["-"], &file).contains("王小明"));
    app.stop().await;
}

/// No font in the program has Tamil letters. Nobody gets a certificate with boxes in place of a name.
#[actix_web::test]
async fn a_name_that_no_font_has_is_said_to_both_sides_with_a_way_on() {
    let app = TestApp::start();
    load_sample(&app.app).await;
    let person = Person::demo(&app, "learner").await;
    rename(&app, "தமிழ்ச்செல்வி").await;
    let registration = person.complete(&sample()).await;
    person.claim(&registration, "ama", "0.75").await;
    let credit = address_in(&person.get(&registration).await.html, "/credits/");
    person.get(&credit).await.shows("தமிழ்ச்செல்வி");
    let refused = person.get(&format!("{credit}/certificate.pdf")).await;
    assert_eq!(refused.status, 409);
    refused.shows("Tamil").shows("print the page of the certificate from your browser");
    let coordinator = Person::demo(&app, "coordinator").await;
    let desk = coordinator.get(&format!("/desk{registration}")).await;
    desk.shows("The certificate cannot be made as PDF.").shows("Tamil").shows("certificates.fonts");
    app.stop().await;
}
