//! Shaping: which glyphs a run of text is drawn with, and where.

use super::fonts::{FontFile, Fonts};
use rustybuzz::ttf_parser;
use rustybuzz::{Direction, UnicodeBuffer};
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ops::Range;

/// The styles that a certificate is set in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Regular,
    Strong,
    Italic,
}

/// A glyph of a run, in units of the font's size.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Glyph {
    pub(super) id: u32,
    /// What it stands for, in the text of the run.
    pub(super) range: Range<usize>,
    pub(super) advance: f32,
    pub(super) offset: (f32, f32),
}

/// Every font, open. A face is known by a number: three for each family, one for each style.
pub(super) struct Faces<'a> {
    pub(super) fonts: &'a Fonts,
    faces: Vec<OpenFace<'a>>,
}

struct OpenFace<'a> {
    file: &'a FontFile,
    face: ttf_parser::Face<'a>,
    /// Made when the first text is set in it: that reads its tables of rules.
    shaper: OnceCell<rustybuzz::Face<'a>>,
}

impl<'a> Faces<'a> {
    /// Nothing if one of them cannot be read.
    pub(super) fn open(fonts: &'a Fonts) -> Option<Self> {
        let files = fonts.families.iter().flat_map(|family| [&family.regular, &family.strong, &family.italic]);
        let open = |file: &'a FontFile| {
            let face = ttf_parser::Face::parse(file.bytes(), 0).ok()?;
            Some(OpenFace { file, face, shaper: OnceCell::new() })
        };
        Some(Self { fonts, faces: files.map(open).collect::<Option<_>>()? })
    }

    /// The face of a family in a style.
    pub(super) fn of(family: usize, style: Style) -> usize {
        let style = match style {
            Style::Regular => 0,
            Style::Strong => 1,
            Style::Italic => 2,
        };
        family * 3 + style
    }

    /// Whether `face` is of this style.
    pub(super) fn is(face: usize, style: Style) -> bool {
        Self::of(face / 3, style) == face
    }

    /// Whether `face` has a glyph for `c`.
    pub(super) fn has(&self, face: usize, c: char) -> bool {
        self.faces.get(face).is_some_and(|open| open.face.glyph_index(c).is_some())
    }

    pub(super) fn file(&self, face: usize) -> Option<&'a FontFile> {
        self.faces.get(face).map(|open| open.file)
    }

    /// How far `glyphs` reach above and below the base line, in ems.
    pub(super) fn reach(&self, face: usize, glyphs: &[Glyph]) -> (f32, f32) {
        let Some(open) = self.faces.get(face) else { return (0.0, 0.0) };
        let em = f32::from(open.face.units_per_em());
        let boxes = glyphs.iter().filter_map(|glyph| {
            let id = ttf_parser::GlyphId(u16::try_from(glyph.id).ok()?);
            Some((open.face.glyph_bounding_box(id)?, glyph.offset.1))
        });
        boxes.fold((0.0, 0.0), |(rise, depth), (extent, y)| {
            (f32::max(rise, f32::from(extent.y_max) / em + y), f32::max(depth, -f32::from(extent.y_min) / em - y))
        })
    }

    /// The glyphs of `text`, from left to right, as `face` shapes it.
    pub(super) fn shape(&self, face: usize, text: &str, is_rtl: bool) -> Vec<Glyph> {
        let Some(open) = self.faces.get(face) else { return Vec::new() };
        let shaper = open.shaper.get_or_init(|| rustybuzz::Face::from_face(open.face.clone()));
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        buffer.set_direction(if is_rtl { Direction::RightToLeft } else { Direction::LeftToRight });
        let shaped = rustybuzz::shape(shaper, &[], buffer);
        let ems = |units: i32| {
            let units = i16::try_from(units).unwrap_or(0);
            f32::from(units) / f32::from(i16::try_from(shaper.units_per_em()).unwrap_or(i16::MAX))
        };
        let starts = shaped.glyph_infos().iter().map(|info| usize::try_from(info.cluster).unwrap_or(usize::MAX));
        let starts: BTreeSet<usize> = starts.collect();
        let end = |start: usize| starts.range(start.saturating_add(1)..).next().copied().unwrap_or(text.len());
        let glyphs = shaped.glyph_infos().iter().zip(shaped.glyph_positions());
        let glyphs = glyphs.map(|(info, position)| {
            let start = usize::try_from(info.cluster).unwrap_or(usize::MAX);
            Glyph {
                id: info.glyph_id,
                range: start..end(start),
                advance: ems(position.x_advance),
                offset: (ems(position.x_offset), ems(position.y_offset)),
            }
        });
        glyphs.collect()
    }
}
