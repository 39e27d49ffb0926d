//! The AMA's mark in running text.

/// The forms of the mark, the longer first.
const MARKS: [&str; 2] = ["AMA PRA Category 1 Credits™", "AMA PRA Category 1 Credit™"];

/// A stretch of text that is set in one face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run<'a> {
    Plain(&'a str),
    /// *AMA PRA Category 1 Credit™*, which its owner wants in italics and with its sign.
    Mark(&'a str),
}

/// `text` in runs, in order; none of them is empty.
pub fn runs(text: &str) -> impl Iterator<Item = Run<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (at, mark) = MARKS
            .iter()
            .filter_map(|mark| Some((rest.find(mark)?, *mark)))
            .min_by_key(|(at, _)| *at)
            .unwrap_or((rest.len(), ""));
        let cut = if at == 0 { mark.len() } else { at };
        let (run, remainder) = rest.split_at_checked(cut)?;
        rest = remainder;
        match (run.is_empty(), at) {
            (true, _) => None,
            (false, 0) => Some(Run::Mark(run)),
            (false, _) => Some(Run::Plain(run)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_found_anywhere_in_a_text() {
        let found: Vec<_> = runs("up to 2 AMA PRA Category 1 Credits™ or AMA PRA Category 1 Credit™").collect();
        let (plain, mark) = (Run::Plain, Run::Mark);
        assert_eq!(
            found,
            [plain("up to 2 "), mark("AMA PRA Category 1 Credits™"), plain(" or "), mark("AMA PRA Category 1 Credit™")]
        );
        assert_eq!(runs("AMA PRA Category 1 Credit™s").count(), 2);
        assert_eq!(runs("").count(), 0);
    }
}
