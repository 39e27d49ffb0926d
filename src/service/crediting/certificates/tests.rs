use super::fonts::Fonts;
use super::layout::{Line, Typesetter};
use super::shaping::Style;
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
    let bytes = pdf(&example(), &Fonts::embedded()).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.starts_with("%PDF-1."));
    for mark in ["/StructTreeRoot", "pdfuaid:part", "/Lang"] {
        assert!(text.contains(mark), "{mark} is missing");
    }
}

/// A name in each script, with the family of its font.
const NAMES: [(&str, usize); 11] = [
    ("Zoë Ångström-Łukasiewicz", 0),
    ("Дмитрий Щербаков", 0),
    ("Ελένη Παπαδοπούλου", 0),
    ("محمد عبد الله", 1),
    ("דָּוִד בן־גוריון", 2),
    ("क्षितिज श्रीवास्तव", 3),
    ("สมชาย น้ำใจดี", 4),
    ("王小明", 5),
    ("諸葛亮", 5),
    ("𠮷野 やまだ", 6),
    ("김민수 金", 7),
];

fn set(style: Style, size: f32, text: &str, language: &str) -> Vec<Line> {
    let fonts = Fonts::embedded();
    Typesetter::new(&fonts, language).unwrap().lines(style, size, text, WIDTH)
}

const WIDTH: f32 = 648.0;

#[test]
fn every_script_has_its_glyphs() {
    for (name, family) in NAMES {
        for style in [Style::Regular, Style::Strong, Style::Italic] {
            let lines = set(style, 32.0, name, "en");
            assert_eq!(lines.len(), 1, "{name}");
            let pieces = &lines[0].pieces;
            assert!(pieces.iter().all(|piece| piece.face / 3 == family), "{name}: {pieces:?}");
            assert!(pieces.iter().flat_map(|piece| &piece.glyphs).all(|glyph| glyph.id != 0), "{name}: {pieces:?}");
        }
    }
}

/// The letters of `name` from left to right, by the glyphs of its lines.
fn seen(name: &str) -> String {
    let lines = set(Style::Strong, 32.0, name, "en");
    let pieces = lines.iter().flat_map(|line| &line.pieces);
    let texts = pieces
        .flat_map(|piece| piece.glyphs.iter().map(|glyph| piece.text.get(glyph.range.clone()).unwrap().to_owned()));
    texts.collect()
}

#[test]
fn text_is_read_in_the_direction_of_its_letters() {
    assert_eq!(seen("אבג"), "גבא");
    assert_eq!(seen("אב גד, MD"), "MD ,דג בא");
    assert_eq!(seen("Dana אבג, MD"), "Dana גבא, MD");
    assert_eq!(seen("abc\u{202E}def\u{202C}ghi"), "abcdefghi", "an override does not turn letters around");
}

#[test]
fn arabic_letters_are_joined() {
    let glyphs = |text: &str| -> Vec<u32> {
        set(Style::Strong, 32.0, text, "en")[0].pieces.iter().flat_map(|piece| &piece.glyphs).map(|g| g.id).collect()
    };
    let joined = glyphs("ححح");
    let alone = glyphs("ح")[0];
    assert_eq!(joined.len(), 3);
    assert!(joined.iter().all(|id| *id != alone), "{joined:?} {alone}");
    assert_eq!(glyphs("क्ष").len(), 1, "one conjunct of three characters");
}

#[test]
fn chinese_characters_take_the_form_of_their_language() {
    let family = |name: &str, language: &str| set(Style::Strong, 32.0, name, language)[0].pieces[0].face / 3;
    for (name, language, expected) in
        [("直樹", "en", 5), ("直樹", "ja", 6), ("直樹", "ko-KR", 7), ("直樹さん", "en", 6), ("直樹 씨", "ja", 7)]
    {
        assert_eq!(family(name, language), expected, "{name} {language}");
    }
}

#[test]
fn names_without_a_break_shrink_and_stay_within_the_page() {
    let fonts = Fonts::embedded();
    let typesetter = Typesetter::new(&fonts, "en").unwrap();
    let words = [
        "W".repeat(80),
        "あ".repeat(80),
        "ש".repeat(80),
        "م".repeat(80),
        "ก".repeat(80),
        "W".repeat(500),
        "م".repeat(500),
    ];
    for name in words {
        let size = typesetter.fitting(Style::Strong, &pdf::NAME_SIZES, &name, WIDTH);
        let lines = typesetter.lines(Style::Strong, size, &name, WIDTH);
        assert!(size < 20.0 && lines.len() <= 8, "{name} {size}");
        assert!(lines.iter().all(|line| line.width <= WIDTH), "{name}: {lines:?}");
        let kept: usize = lines.iter().flat_map(|line| &line.pieces).map(|piece| piece.text.chars().count()).sum();
        assert_eq!(kept, name.chars().count());
    }
    assert!((typesetter.fitting(Style::Strong, &pdf::NAME_SIZES, "Alex Morgan, MD", WIDTH) - 32.0).abs() < 0.1);
}

#[test]
fn lines_from_right_to_left_end_together() {
    let lines = set(Style::Regular, 20.0, &"שלום עולם גדול ".repeat(12), "he");
    assert!(lines.len() > 1);
    let right = |line: &Line| line.pieces.iter().map(|piece| piece.x).fold(f32::MAX, f32::min) + line.width;
    let first = right(&lines[0]);
    // The spaces after a line are on its left, outside it.
    for line in &lines {
        let space = line.pieces[0].x.min(0.0);
        assert!((right(line) - space - first).abs() < 12.0, "{line:?}");
    }
}

#[test]
fn letters_without_a_font_are_named_and_other_characters_left_out() {
    let fonts = Fonts::embedded();
    let missing = |name: &str| missing_letters(&Certificate { name: name.into(), ..example() }, &fonts).unwrap();
    assert_eq!(missing("Ann\u{1F600} ✓\u{200B}Lee"), None);
    let letters = missing("தமிழ் Ann").unwrap();
    assert_eq!(letters.letters(), ['த', 'ம', 'ழ']);
    assert!(letters.to_string().contains("த (U+0BA4)") && letters.to_string().contains("Tamil"), "{letters}");
    assert!(matches!(pdf(&Certificate { name: "தமிழ்".into(), ..example() }, &fonts), Err(PdfError::Letters(_))));
    assert_eq!(seen("A\u{1F600}B"), "AB");
}

#[test]
fn a_font_of_the_configuration_has_what_those_in_the_program_lack() {
    let certificate = Certificate { name: "สมชาย".into(), ..example() };
    let mut fonts = Fonts::embedded();
    fonts.families.truncate(1);
    assert_eq!(missing_letters(&certificate, &fonts).unwrap().unwrap().letters(), ['ส', 'ม', 'ช', 'า', 'ย']);
    fonts.add(concat!(env!("OUT_DIR"), "/thai-regular.ttf").as_ref()).unwrap();
    assert_eq!(missing_letters(&certificate, &fonts).unwrap(), None);
    assert!(pdf(&certificate, &fonts).unwrap().starts_with(b"%PDF-1."));
    for (path, reason) in [("/nowhere.ttf", "/nowhere.ttf: No such file"), ("Cargo.toml", "Cargo.toml: unknown magic")]
    {
        let refused = Fonts::with(&[path.into()]).unwrap_err().to_string();
        assert!(refused.starts_with(reason), "{refused}");
    }
}
