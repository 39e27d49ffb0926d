//! Setting text in lines: where they break, and where each piece of them is.

use super::fonts::Fonts;
use super::shaping::{Faces, Glyph, Style};
use super::text::Text;
use std::cell::OnceCell;
use std::ops::Range;
use unicode_bidi::ParagraphBidiInfo;

/// A piece of a line in one face and one direction, with its place in the line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    pub(super) face: usize,
    pub(super) text: String,
    /// From left to right.
    pub(super) glyphs: Vec<Glyph>,
    /// From the start of the line, in points.
    pub(super) x: f32,
}

/// A line of text.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Line {
    /// From left to right.
    pub(super) pieces: Vec<Piece>,
    /// Without the spaces at its end, in points.
    pub(super) width: f32,
    /// How far its glyphs reach above and below the base line, in points.
    pub(super) rise: f32,
    pub(super) depth: f32,
}

/// What a line does not break within, and how far it goes, in ems.
struct Word {
    range: Range<usize>,
    advance: f32,
    /// Without the spaces at its end.
    visible: f32,
    letters: OnceCell<Vec<Word>>,
}

/// Sets text in the fonts of a certificate.
pub(super) struct Typesetter<'a> {
    pub(super) faces: Faces<'a>,
    language: &'a str,
}

impl<'a> Typesetter<'a> {
    /// For a certificate in `language`. Nothing if a font cannot be read.
    pub(super) fn new(fonts: &'a Fonts, language: &'a str) -> Option<Self> {
        Some(Self { faces: Faces::open(fonts)?, language })
    }

    /// The letters of `text` that no font has.
    pub(super) fn missing(&self, text: &str) -> Vec<char> {
        Text::new(&self.faces, text, Style::Regular, self.language).missing
    }

    /// `text` in lines no wider than `width`, broken where Unicode allows it (UAX #14); a word that is wider than a line also within.
    /// Its direction is that of its first letter with one (UAX #9); lines from right to left end together.
    pub(super) fn lines(&self, style: Style, size: f32, text: &str, width: f32) -> Vec<Line> {
        let text = Text::new(&self.faces, text, style, self.language);
        let words = self.words(&text);
        self.set(&text, &self.breaks(&text, &words, width / size), size)
    }

    /// The largest of `sizes` in which `text` fits into one line or, from half of the first size on, into two without a break within a
    /// word; or else the last. `sizes` fall.
    pub(super) fn fitting(&self, style: Style, sizes: &[f32], text: &str, width: f32) -> f32 {
        let largest = sizes.first().copied().unwrap_or_default();
        let text = Text::new(&self.faces, text, style, self.language);
        let words = self.words(&text);
        let fits = |size: f32| match self.breaks(&text, &words, width / size).len() {
            0 | 1 => true,
            2 => size * 2.0 <= largest && words.iter().all(|word| word.visible * size <= width),
            _ => false,
        };
        sizes.iter().copied().find(|size| fits(*size)).or(sizes.last().copied()).unwrap_or_default()
    }

    /// The words of `text`, each with the spaces after it: where lines may break.
    fn words(&self, text: &Text) -> Vec<Word> {
        let mut start = 0;
        let ends = unicode_linebreak::linebreaks(&text.content).map(|(end, _)| end);
        ends.map(|end| self.word(text, std::mem::replace(&mut start, end)..end)).collect()
    }

    fn word(&self, text: &Text, range: Range<usize>) -> Word {
        let (advance, visible) = (self.advance(text, range.clone()), self.advance(text, trimmed(text, &range)));
        Word { range, advance, visible, letters: OnceCell::new() }
    }

    /// The letters of `word`, for a line that it does not fit into. A letter is as wide as within the word or as alone, whichever is
    /// more: joined letters differ.
    fn letters<'w>(&self, text: &Text, word: &'w Word) -> &'w [Word] {
        word.letters.get_or_init(|| {
            let starts = text.clusters.iter().copied().filter(|at| word.range.contains(at));
            let mut cuts: Vec<usize> = starts.collect();
            cuts.push(word.range.end);
            let letters = cuts.windows(2).filter_map(|pair| Some(*pair.first()?..*pair.last()?));
            let glyphs = self.glyphs(text, &word.range);
            let letter = |range: Range<usize>| {
                let within = glyphs.iter().filter(|(at, _)| range.contains(at)).map(|(_, advance)| advance).sum();
                let alone = self.word(text, range);
                Word { advance: alone.advance.max(within), visible: alone.visible.max(within), ..alone }
            };
            letters.map(letter).collect()
        })
    }

    /// The lines of `words` that are no wider than `width`, in ems.
    fn breaks(&self, text: &Text, words: &[Word], width: f32) -> Vec<Range<usize>> {
        let pieces = words
            .iter()
            .flat_map(|word| if word.visible <= width { std::slice::from_ref(word) } else { self.letters(text, word) });
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let mut reached = 0.0;
        for piece in pieces {
            match ranges.last_mut() {
                Some(range) if reached + piece.visible <= width => {
                    range.end = piece.range.end;
                    reached += piece.advance;
                }
                _ => {
                    ranges.push(piece.range.clone());
                    reached = piece.advance;
                }
            }
        }
        ranges
    }

    /// How far `range` of `text` goes, in ems.
    fn advance(&self, text: &Text, range: Range<usize>) -> f32 {
        self.glyphs(text, &range).iter().map(|(_, advance)| advance).sum()
    }

    /// The glyphs of `range`: where in the text each begins, and how far it goes, in ems.
    fn glyphs(&self, text: &Text, range: &Range<usize>) -> Vec<(usize, f32)> {
        let mut glyphs = Vec::new();
        for (range, face) in parts(text, range) {
            let part = text.content.get(range.clone()).unwrap_or_default();
            let shaped = self.faces.shape(face, part, is_rtl(part));
            glyphs.extend(shaped.iter().map(|glyph| (range.start + glyph.range.start, glyph.advance)));
        }
        glyphs
    }

    fn set(&self, text: &Text, ranges: &[Range<usize>], size: f32) -> Vec<Line> {
        let bidi = ParagraphBidiInfo::new(&text.content, None);
        let is_rtl = bidi.paragraph_level.is_rtl();
        let mut lines: Vec<Line> = ranges.iter().map(|range| self.line(text, &bidi, range.clone(), size)).collect();
        let widest = lines.iter().map(|line| line.width).fold(0.0, f32::max);
        for line in lines.iter_mut().filter(|_| is_rtl) {
            let shift = widest - line.width;
            line.pieces.iter_mut().for_each(|piece| piece.x += shift);
        }
        lines
    }

    fn line(&self, text: &Text, bidi: &ParagraphBidiInfo<'_>, range: Range<usize>, size: f32) -> Line {
        let end = trimmed(text, &range).end;
        let (levels, runs) = bidi.visual_runs(range);
        let mut line = Line::default();
        let (mut x, mut hidden) = (0.0, 0.0);
        for run in runs {
            let is_rtl = levels.get(run.start).is_some_and(unicode_bidi::Level::is_rtl);
            let mut parts = parts(text, &run);
            if is_rtl {
                parts.reverse();
            }
            for (range, face) in parts {
                let part = text.content.get(range.clone()).unwrap_or_default();
                let glyphs = self.faces.shape(face, part, is_rtl);
                let (rise, depth) = self.faces.reach(face, &glyphs);
                line.rise = line.rise.max(rise * size);
                line.depth = line.depth.max(depth * size);
                let piece = Piece { face, text: part.to_owned(), x, glyphs };
                for glyph in &piece.glyphs {
                    x += glyph.advance * size;
                    if range.start + glyph.range.start >= end {
                        hidden += glyph.advance * size;
                    }
                }
                line.pieces.push(piece);
            }
        }
        // From right to left, the spaces at the end are on the left.
        if bidi.paragraph_level.is_rtl() {
            line.pieces.iter_mut().for_each(|piece| piece.x -= hidden);
        }
        line.width = x - hidden;
        line
    }
}

/// `range` without the spaces at its end.
fn trimmed(text: &Text, range: &Range<usize>) -> Range<usize> {
    let visible = text.content.get(range.clone()).unwrap_or_default().trim_end();
    range.start..range.start + visible.len()
}

/// The parts of `range`, each with its face.
fn parts(text: &Text, range: &Range<usize>) -> Vec<(Range<usize>, usize)> {
    let within = text.segments.iter().map(|segment| {
        let part = segment.range.start.max(range.start)..segment.range.end.min(range.end);
        (part, segment.face)
    });
    within.filter(|(part, _)| part.start < part.end).collect()
}

/// Whether `part` of a text, in one font, is read from right to left.
fn is_rtl(part: &str) -> bool {
    matches!(unicode_bidi::get_base_direction(part), unicode_bidi::Direction::Rtl)
}
