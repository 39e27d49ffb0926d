//! Setting text: how wide words are, and where lines break.

use credit::mark::{self, Run};
use rustybuzz::{Face, UnicodeBuffer};

/// The faces that a certificate is set in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Regular,
    Strong,
    Italic,
}

/// A piece of a line in one face, with its place in the line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    pub style: Style,
    pub text: String,
    /// From the start of the line, in points.
    pub x: f32,
}

/// A line of text.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Line {
    pub pieces: Vec<Piece>,
    /// In points.
    pub width: f32,
}

/// Measures text in the three faces.
pub(super) struct Measure<'a> {
    pub regular: Face<'a>,
    pub strong: Face<'a>,
    pub italic: Face<'a>,
}

impl Measure<'_> {
    fn face(&self, style: Style) -> &Face<'_> {
        match style {
            Style::Regular => &self.regular,
            Style::Strong => &self.strong,
            Style::Italic => &self.italic,
        }
    }

    /// Whether every character of `text` has a glyph in every face.
    pub(super) fn knows(&self, text: &str) -> bool {
        let faces = [&self.regular, &self.strong, &self.italic];
        text.chars().all(|c| faces.iter().all(|face| face.glyph_index(c).is_some()))
    }

    /// The width of `text` at `size`, in points, shaped as it will be drawn.
    pub(super) fn width(&self, style: Style, size: f32, text: &str) -> f32 {
        let face = self.face(style);
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        let glyphs = rustybuzz::shape(face, &[], buffer);
        let units: f32 =
            glyphs.glyph_positions().iter().map(|glyph| f32::from(i16::try_from(glyph.x_advance).unwrap_or(0))).sum();
        units * size / f32::from(i16::try_from(face.units_per_em()).unwrap_or(i16::MAX))
    }

    /// `text` in lines no wider than `width`, broken at spaces; the AMA's mark in italics. A word that is wider than a
    /// line stands alone on one.
    pub(super) fn lines(&self, style: Style, size: f32, text: &str, width: f32) -> Vec<Line> {
        let mut lines = vec![Line::default()];
        for (style, word) in words(text, style) {
            let advance = self.width(style, size, &word);
            let visible = self.width(style, size, word.trim_end());
            if lines.last().is_some_and(|line| !line.pieces.is_empty() && line.width + visible > width) {
                lines.push(Line::default());
            }
            if let Some(line) = lines.last_mut() {
                line.add(style, &word, advance);
            }
        }
        lines
    }
}

impl Line {
    fn add(&mut self, style: Style, word: &str, advance: f32) {
        match self.pieces.last_mut() {
            Some(piece) if piece.style == style => piece.text.push_str(word),
            _ => self.pieces.push(Piece { style, text: word.to_owned(), x: self.width }),
        }
        self.width += advance;
    }
}

/// Every word with the spaces after it, in the face that it is set in.
fn words(text: &str, style: Style) -> Vec<(Style, String)> {
    let runs = mark::runs(text).flat_map(|run| {
        let (style, text) = match run {
            Run::Plain(text) => (style, text),
            Run::Mark(text) => (Style::Italic, text),
        };
        text.split_inclusive(' ').map(move |word| (style, word.to_owned()))
    });
    runs.collect()
}
