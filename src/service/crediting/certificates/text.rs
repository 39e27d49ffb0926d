//! A text before it is set: without what cannot be shown, each part with the style and the font that it is set in.

use super::fonts::{Fonts, Purpose};
use super::shaping::{Faces, Style};
use credit::mark::{self, Run};
use std::ops::Range;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_script::{Script, UnicodeScript as _};

/// Part of a text, in one font.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) range: Range<usize>,
    pub(super) face: usize,
}

/// A text that is ready to be set.
#[derive(Debug, Default)]
pub(super) struct Text {
    pub(super) content: String,
    /// Without gaps, in order.
    pub(super) segments: Vec<Segment>,
    /// Where each character begins, with the marks on it.
    pub(super) clusters: Vec<usize>,
    /// Letters that no font has; they are not in the text. Other characters that no font has, such as emoji, are left out.
    pub(super) missing: Vec<char>,
}

impl Text {
    /// `text` in `style`, the AMA's mark in italics. Chinese characters get the forms of the language that the text shows by its
    /// other letters, or else of `language`, or else of Chinese.
    pub(super) fn new(faces: &Faces<'_>, text: &str, style: Style, language: &str) -> Self {
        let order = order(faces.fonts, text, language);
        let mut ready = Self::default();
        for run in mark::runs(text) {
            let (style, text) = match run {
                Run::Plain(text) => (style, text),
                Run::Mark(text) => (Style::Italic, text),
            };
            let visible: Vec<char> = text.nfc().filter_map(visible).collect();
            let mut rest = visible.as_slice();
            while let Some((base, after)) = rest.split_first() {
                let marks = after.iter().take_while(|c| extends(**c)).count();
                let (marks, next) = after.split_at(marks);
                ready.add(faces, &order, style, (*base, marks));
                rest = next;
            }
        }
        ready
    }

    /// Adds a character with the marks on it, in the first font that has all of it. What is not a letter stays in the font before.
    fn add(&mut self, faces: &Faces<'_>, order: &[usize], style: Style, (base, marks): (char, &[char])) {
        let current = self.segments.last().map(|segment| segment.face).filter(|face| Faces::is(*face, style));
        let candidates = current.filter(|_| !base.is_alphanumeric()).into_iter();
        let candidates = candidates.chain(order.iter().map(|family| Faces::of(*family, style)));
        let has = |face: usize, c: char| is_invisible(c) || faces.has(face, c);
        let having: Vec<usize> = candidates.filter(|face| has(*face, base)).collect();
        let Some(first) = having.first() else {
            self.lack(base);
            return;
        };
        let complete = having.iter().find(|face| marks.iter().all(|mark| has(**face, *mark)));
        let face = *complete.unwrap_or(first);
        let start = self.content.len();
        self.clusters.push(start);
        self.content.push(base);
        for mark in marks {
            if has(face, *mark) { self.content.push(*mark) } else { self.lack(*mark) }
        }
        let end = self.content.len();
        match self.segments.last_mut() {
            Some(segment) if segment.face == face => segment.range.end = end,
            _ => self.segments.push(Segment { range: start..end, face }),
        }
    }

    /// `c` cannot be set. If it is a letter, or a mark on one, the text is not what it was.
    fn lack(&mut self, c: char) {
        if (c.is_alphanumeric() || is_combining_mark(c)) && !self.missing.contains(&c) {
            self.missing.push(c);
        }
    }
}

/// The families in the order in which they are asked for a character of `text`.
fn order(fonts: &Fonts, text: &str, language: &str) -> Vec<usize> {
    let has = |scripts: &[Script]| text.chars().any(|c| scripts.contains(&c.script()));
    let language = language.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let preferred = if has(&[Script::Hiragana, Script::Katakana]) {
        Purpose::Japanese
    } else if has(&[Script::Hangul]) {
        Purpose::Korean
    } else {
        match language.as_str() {
            "ja" => Purpose::Japanese,
            "ko" => Purpose::Korean,
            _ => Purpose::Chinese,
        }
    };
    let mut order: Vec<(bool, usize)> = Vec::new();
    for (at, family) in fonts.families.iter().enumerate() {
        let first_of_these = order.iter().position(|(is_eastern, _)| *is_eastern).unwrap_or(order.len());
        let place = if family.purpose == preferred { first_of_these } else { order.len() };
        order.insert(place, (family.purpose != Purpose::Any, at));
    }
    order.into_iter().map(|(_, family)| family).collect()
}

/// `c` as it is set; nothing for what changes the order of a text, which its letters alone decide, and for what is not a character.
fn visible(c: char) -> Option<char> {
    match c {
        '\u{2028}' | '\u{2029}' => Some(' '),
        c if c.is_control() => Some(' '),
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' // directions
        | '\u{00AD}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFF}' => None,
        c => Some(c),
    }
}

/// Whether `c` belongs to the character before it.
fn extends(c: char) -> bool {
    is_combining_mark(c) || is_invisible(c)
}

/// Joiners and selectors of variants, which change the glyph before them and have none.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}
