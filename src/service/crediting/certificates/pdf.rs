//! A certificate as PDF: one landscape page, tagged for assistive technology (PDF/UA-1), with its fonts inside.

use super::fonts::{Fonts, MissingLetters};
use super::layout::{Line, Typesetter};
use super::qr::{Qr, QrError};
use super::shaping::{Glyph, Style};
use credit::certificate::Certificate;
use krilla::Document;
use krilla::SerializeSettings;
use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, Node, SpanTag, Tag, TagGroup, TagKind, TagTree};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use std::collections::BTreeMap;
use std::num::NonZeroU16;

/// Why a certificate could not be made. A fault of the program or of its fonts, never of the learner.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("a font of the certificate cannot be read")]
    Font,
    #[error("there is {0}")]
    Letters(MissingLetters),
    #[error("the certificate's page has no room")]
    Page,
    #[error(transparent)]
    Code(#[from] QrError),
    #[error("the PDF could not be written: {0}")]
    Pdf(String),
}

/// US Letter, landscape, in points.
const PAGE: (f32, f32) = (792.0, 612.0);
const MARGIN: f32 = 72.0;
/// Where the facts begin, beside their names.
const FACTS: f32 = 132.0;
/// The width of a line of text.
const TEXT: f32 = PAGE.0 - 2.0 * MARGIN;
/// From one line to the next, in sizes.
const LEADING: f32 = 1.3;
/// The side of the QR code.
const CODE: f32 = 92.0;
/// Its upper edge: it stands at the foot of the page.
const CODE_TOP: f32 = PAGE.1 - MARGIN - CODE;

/// The sizes that a name is set in: the largest in which it fits.
pub(super) const NAME_SIZES: [f32; 13] = [32.0, 29.0, 26.0, 23.0, 20.0, 18.0, 16.0, 14.0, 12.0, 10.5, 9.0, 8.0, 7.0];

const INK: (u8, u8, u8) = (20, 33, 42);
const SOFT: (u8, u8, u8) = (74, 90, 100);
const ACCENT: (u8, u8, u8) = (11, 90, 105);
const WARN: (u8, u8, u8) = (161, 39, 27);

/// The certificate as a PDF document.
pub fn pdf(certificate: &Certificate, fonts: &Fonts) -> Result<Vec<u8>, Error> {
    let typesetter = Typesetter::new(fonts, &certificate.language).ok_or(Error::Font)?;
    if let Some(missing) = missing_in(certificate, &typesetter) {
        return Err(Error::Letters(missing));
    }
    let mut document = Document::new_with(settings()?);
    let mut page = document.start_page_with(PageSettings::from_wh(PAGE.0, PAGE.1).ok_or(Error::Page)?);
    let writer =
        PageWriter { surface: page.surface(), fonts: BTreeMap::new(), typesetter, y: MARGIN, tags: Vec::new() };
    let mut tags = writer.write(certificate)?;
    tags.push(link(&mut page, certificate)?);
    page.finish();

    let mut tree = TagTree::new().with_lang(Some(certificate.language.clone()));
    for tag in tags {
        tree.push(tag);
    }
    document.set_tag_tree(tree);
    document.set_metadata(metadata(certificate));
    let mut outline = Outline::new();
    outline.push_child(OutlineNode::new(
        certificate.heading().to_owned(),
        XyzDestination::new(0, Point::from_xy(0.0, 0.0)),
    ));
    document.set_outline(outline);
    document.finish().map_err(|error| Error::Pdf(format!("{error:?}")))
}

/// The letters of `certificate` that no font has; nothing if it can be set.
pub fn missing_letters(certificate: &Certificate, fonts: &Fonts) -> Result<Option<MissingLetters>, Error> {
    let typesetter = Typesetter::new(fonts, &certificate.language).ok_or(Error::Font)?;
    Ok(missing_in(certificate, &typesetter))
}

fn missing_in(certificate: &Certificate, typesetter: &Typesetter<'_>) -> Option<MissingLetters> {
    let texts = [&certificate.name, &certificate.title, &certificate.accreditation, &certificate.designation];
    let facts = certificate.facts().into_iter().map(|(_, fact)| fact);
    let texts = texts.into_iter().cloned().chain(facts).collect::<Vec<_>>().join(" ");
    let letters = typesetter.missing(&texts);
    (!letters.is_empty()).then_some(MissingLetters(letters))
}

fn settings() -> Result<SerializeSettings, Error> {
    let configuration = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    let configuration = configuration.map_err(|error| Error::Pdf(format!("{error:?}")))?;
    Ok(SerializeSettings { configuration, ..SerializeSettings::default() })
}

fn metadata(certificate: &Certificate) -> Metadata {
    Metadata::new()
        .title(format!("{}: {}", certificate.heading(), certificate.title))
        .authors(vec![certificate.provider.clone()])
        .language(certificate.language.clone())
        .creator("Enduring".to_owned())
}

/// One page in the making: what is written goes to `y` and moves it down.
struct PageWriter<'p, 'f> {
    surface: Surface<'p>,
    /// Those that were needed, by their faces.
    fonts: BTreeMap<usize, Font>,
    typesetter: Typesetter<'f>,
    y: f32,
    tags: Vec<Node>,
}

/// How a paragraph is set.
#[derive(Clone, Copy)]
struct ParagraphStyle {
    style: Style,
    size: f32,
    color: (u8, u8, u8),
    x: f32,
    width: f32,
}

impl ParagraphStyle {
    const fn new(style: Style, size: f32, color: (u8, u8, u8)) -> Self {
        Self { style, size, color, x: MARGIN, width: TEXT }
    }
}

impl PageWriter<'_, '_> {
    /// Writes all of it, and returns what was written, in reading order.
    fn write(mut self, certificate: &Certificate) -> Result<Vec<Node>, Error> {
        self.frame()?;
        if certificate.sample {
            self.paragraph(
                Tag::P,
                "SAMPLE: this is not a certificate.",
                ParagraphStyle::new(Style::Strong, 12.0, WARN),
            )?;
            self.y += 4.0;
        }
        let heading = Tag::Hn(NonZeroU16::MIN, Some(certificate.heading().to_owned()));
        self.paragraph(heading, certificate.heading(), ParagraphStyle::new(Style::Strong, 17.0, ACCENT))?;
        self.y += 16.0;
        let size = self.typesetter.fitting(Style::Strong, &NAME_SIZES, &certificate.name, TEXT);
        self.paragraph(Tag::P, &certificate.name, ParagraphStyle::new(Style::Strong, size, INK))?;
        self.y += 4.0;
        self.paragraph(Tag::P, &certificate.deed(), ParagraphStyle::new(Style::Regular, 13.0, SOFT))?;
        self.y += 8.0;
        self.paragraph(Tag::P, &certificate.title, ParagraphStyle::new(Style::Strong, 19.0, INK))?;
        self.y += 14.0;
        for (name, fact) in certificate.facts() {
            self.fact(name, &fact)?;
        }
        self.y += 12.0;
        self.statements([&certificate.accreditation, &certificate.designation])?;
        self.proof(certificate)?;
        self.surface.finish();
        Ok(self.tags)
    }

    /// The provider's texts, as large as the room above the QR code allows.
    fn statements(&mut self, texts: [&str; 2]) -> Result<(), Error> {
        const GAP: f32 = 4.0;
        const SIZES: [f32; 4] = [9.5, 8.5, 7.5, 6.5];
        let height = |size: f32| {
            let lines = texts.iter().flat_map(|text| self.typesetter.lines(Style::Regular, size, text, TEXT));
            lines.map(|_| size * LEADING).sum::<f32>() + GAP
        };
        let room = CODE_TOP - 2.0 * GAP - self.y;
        let size = SIZES.into_iter().find(|size| height(*size) <= room).unwrap_or(6.5);
        for text in texts {
            self.paragraph(Tag::P, text, ParagraphStyle::new(Style::Regular, size, SOFT))?;
            self.y += GAP;
        }
        Ok(())
    }

    /// A thin frame, which says nothing.
    fn frame(&mut self) -> Result<(), Error> {
        const EDGE: f32 = 30.0;
        const LINE: f32 = 1.2;
        let (right, bottom) = (PAGE.0 - EDGE, PAGE.1 - EDGE);
        let bars = [
            (EDGE, EDGE, right, EDGE + LINE),
            (EDGE, bottom - LINE, right, bottom),
            (EDGE, EDGE, EDGE + LINE, bottom),
            (right - LINE, EDGE, right, bottom),
        ];
        let mut path = PathBuilder::new();
        for (left, top, right, bottom) in bars {
            path.push_rect(Rect::from_ltrb(left, top, right, bottom).ok_or(Error::Page)?);
        }
        self.surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
        self.ink(ACCENT);
        self.surface.draw_path(&path.finish().ok_or(Error::Page)?);
        self.surface.end_tagged();
        Ok(())
    }

    fn paragraph(&mut self, tag: impl Into<TagKind>, text: &str, setting: ParagraphStyle) -> Result<(), Error> {
        let lines = self.typesetter.lines(setting.style, setting.size, text, setting.width);
        let mut group = TagGroup::new(tag);
        for line in &lines {
            self.y += setting.size * LEADING + (line.rise - setting.size).max(0.0);
            group.push(self.line(line, setting)?);
            self.y += (line.depth - setting.size * (LEADING - 1.0)).max(0.0);
        }
        self.tags.push(group.into());
        Ok(())
    }

    /// A fact: its name and, beside it, what it is. Read out as one paragraph.
    fn fact(&mut self, name: &str, fact: &str) -> Result<(), Error> {
        let (label, value) =
            (ParagraphStyle::new(Style::Regular, 11.5, SOFT), ParagraphStyle::new(Style::Strong, 11.5, INK));
        let value = ParagraphStyle { x: MARGIN + FACTS, width: TEXT - FACTS, ..value };
        let mut group = TagGroup::new(Tag::P);
        let names = self.typesetter.lines(label.style, label.size, &format!("{name}: "), FACTS);
        let facts = self.typesetter.lines(value.style, value.size, fact, value.width);
        self.y += label.size * 1.5;
        for line in &names {
            group.push(self.line(line, label)?);
        }
        for (at, line) in facts.iter().enumerate() {
            if at > 0 {
                self.y += value.size * LEADING;
            }
            group.push(self.line(line, value)?);
        }
        self.tags.push(group.into());
        Ok(())
    }

    fn line(&mut self, line: &Line, setting: ParagraphStyle) -> Result<Identifier, Error> {
        let tagged = self.surface.start_tagged(ContentTag::Span(SpanTag::empty()));
        self.ink(setting.color);
        for piece in &line.pieces {
            let font = self.font(piece.face)?;
            let at = Point::from_xy(setting.x + piece.x, self.y);
            let glyphs: Vec<KrillaGlyph> = piece.glyphs.iter().map(drawn).collect();
            self.surface.draw_glyphs(at, &glyphs, font, &piece.text, setting.size, false);
        }
        self.surface.end_tagged();
        Ok(tagged)
    }

    fn font(&mut self, face: usize) -> Result<Font, Error> {
        if let Some(font) = self.fonts.get(&face) {
            return Ok(font.clone());
        }
        let file = self.typesetter.faces.file(face).ok_or(Error::Font)?;
        let font = Font::new(file.data(), 0).ok_or(Error::Font)?;
        self.fonts.insert(face, font.clone());
        Ok(font)
    }

    /// The QR code at the foot of the page, and beside it how to check the certificate.
    fn proof(&mut self, certificate: &Certificate) -> Result<(), Error> {
        let path = draw_code(&certificate.verify_url, MARGIN, CODE_TOP)?;
        let alt = format!("QR code that leads to {}", certificate.verify_url);
        let tagged = self.surface.start_tagged(ContentTag::Other);
        self.ink(INK);
        self.surface.draw_path(&path);
        self.surface.end_tagged();
        self.tags.push(TagGroup::with_children(Tag::Figure(Some(alt)), vec![tagged.into()]).into());
        let beside = |style, size, color| ParagraphStyle {
            x: MARGIN + CODE + 18.0,
            width: TEXT - CODE - 18.0,
            ..ParagraphStyle::new(style, size, color)
        };
        self.y = CODE_TOP + 18.0;
        self.paragraph(Tag::P, "Anyone can check this at", beside(Style::Regular, 10.5, SOFT))?;
        self.paragraph(Tag::P, &certificate.verify_url, beside(Style::Regular, 10.5, ACCENT))?;
        self.y += 4.0;
        self.paragraph(Tag::P, &format!("Code {}", certificate.code), beside(Style::Strong, 10.5, INK))?;
        Ok(())
    }

    fn ink(&mut self, (red, green, blue): (u8, u8, u8)) {
        let paint = rgb::Color::new(red, green, blue).into();
        self.surface.set_fill(Some(Fill { paint, opacity: NormalizedF32::ONE, rule: FillRule::NonZero }));
    }
}

/// The link over the QR code.
fn link(page: &mut krilla::page::Page<'_>, certificate: &Certificate) -> Result<Node, Error> {
    let place = Rect::from_xywh(MARGIN, CODE_TOP, CODE, CODE).ok_or(Error::Page)?;
    let action = Action::Link(LinkAction::new(certificate.verify_url.clone()));
    let link = LinkAnnotation::new(place, Target::Action(action));
    let words = "Check this certificate online".to_owned();
    let tagged = page.add_tagged_annotation(Annotation::new_link(link, Some(words)));
    Ok(TagGroup::with_children(Tag::Link, vec![tagged.into()]).into())
}

/// The dark modules of the QR code for `text`, its top left corner at (`left`, `top`).
fn draw_code(text: &str, left: f32, top: f32) -> Result<Path, Error> {
    let code = Qr::of(text)?;
    let side = CODE / f32::from(code.width);
    let mut path = PathBuilder::new();
    for (column, row) in code.dark {
        let (x, y) = (left + side * f32::from(column), top + side * f32::from(row));
        path.push_rect(Rect::from_xywh(x, y, side, side).ok_or(Error::Page)?);
    }
    path.finish().ok_or(Error::Page)
}

fn drawn(glyph: &Glyph) -> KrillaGlyph {
    let (x, y) = glyph.offset;
    KrillaGlyph::new(GlyphId::new(glyph.id), glyph.advance, x, y, 0.0, glyph.range.clone(), None)
}
