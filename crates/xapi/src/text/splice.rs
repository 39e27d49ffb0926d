//! Setting members in the text of a statement without touching the rest of it.

use std::ops::Range;

/// Changes to one text, which are applied together.
#[derive(Debug, Default)]
pub(crate) struct Edits(Vec<Edit>);

#[derive(Debug)]
struct Edit {
    place: Range<usize>,
    parts: Vec<Part>,
}

/// What is at a position after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    /// The instant of storing, which is known only later.
    Instant,
}

impl Edits {
    /// Replaces what is at `place` by `parts`. No two places overlap; parts for the same empty place follow
    /// each other in the order of the calls.
    pub(crate) fn replace(&mut self, place: Range<usize>, parts: impl Into<Vec<Part>>) {
        self.0.push(Edit { place, parts: parts.into() });
    }

    /// Puts `parts` before what is at `at`.
    pub(crate) fn insert(&mut self, at: usize, parts: impl Into<Vec<Part>>) {
        self.replace(at..at, parts);
    }

    /// Whether nothing is to be changed.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text at `whole` with the changes made, cut where an instant belongs.
    pub(crate) fn apply(mut self, text: &str, whole: Range<usize>) -> Vec<Vec<u8>> {
        self.0.sort_by_key(|edit| edit.place.start);
        let mut pieces = Vec::with_capacity(3);
        let mut piece = Vec::with_capacity(whole.len() + 256);
        let mut at = whole.start;
        for edit in self.0 {
            piece.extend_from_slice(text.get(at..edit.place.start).unwrap_or_default().as_bytes());
            for part in edit.parts {
                match part {
                    Part::Text(text) => piece.extend_from_slice(text.as_bytes()),
                    Part::Instant => pieces.push(std::mem::take(&mut piece)),
                }
            }
            at = edit.place.end;
        }
        piece.extend_from_slice(text.get(at..whole.end).unwrap_or_default().as_bytes());
        pieces.push(piece);
        pieces
    }
}
