//! The AMA's mark in running text: its forms, and where it stands.

use super::Credits;

/// One credit, and the fractions of one that the provider's template writes so.
pub const ONE: &str = "AMA PRA Category 1 Credit™";
/// Any other amount.
pub const MANY: &str = "AMA PRA Category 1 Credits™";
/// An amount that is filled in.
pub const ONE_OR_MANY: &str = "AMA PRA Category 1 Credit(s)™";

/// The forms of the mark.
pub const FORMS: [&str; 3] = [ONE, ONE_OR_MANY, MANY];

/// The form for `amount`: plural for any amount but 1.00; for parts of one credit as `template`, the provider's designation
/// statement, writes it.
pub fn form(amount: Credits, template: &str) -> &'static str {
    match amount {
        Credits(100) => ONE,
        Credits(25 | 50 | 75) => FORMS.into_iter().find(|form| template.contains(form)).unwrap_or(MANY),
        _ => MANY,
    }
}

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
        let (at, mark) = FORMS
            .into_iter()
            .filter_map(|mark| Some((rest.find(mark)?, mark)))
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
        let filled: Vec<_> = runs("for 0.75 AMA PRA Category 1 Credit(s)™.").collect();
        assert_eq!(filled, [plain("for 0.75 "), mark("AMA PRA Category 1 Credit(s)™"), plain(".")]);
        assert_eq!(runs("AMA PRA Category 1 Credit™s").count(), 2);
        assert_eq!(runs("").count(), 0);
    }

    #[test]
    fn the_form_follows_the_amount_and_for_parts_of_one_the_template() {
        let templates =
            ["a maximum of {maximum} AMA PRA Category 1 Credit™.", "{maximum} AMA PRA Category 1 Credit(s)™.", "none"];
        for (hundredths, forms) in [
            (25, [ONE, ONE_OR_MANY, MANY]),
            (75, [ONE, ONE_OR_MANY, MANY]),
            (100, [ONE; 3]),
            (125, [MANY; 3]),
            (200, [MANY; 3]),
        ] {
            assert_eq!(templates.map(|template| form(Credits(hundredths), template)), forms, "{hundredths}");
        }
    }
}
