//! Reading the learner's forms. The name of an item's field is a prefix and the item's id, so that no id can be mistaken for
//! another field.

use crate::http::Problem;
use crate::http::auth::Fields;
use crate::service::learning::assessment::Edit;
use crate::service::learning::evaluation::Answers;
use credit::ItemId;
use credit::assessment::Responses;
use serde::Serialize;

/// The response to a save.
#[derive(Debug, Serialize)]
pub(super) struct SaveReceipt {
    /// What the next save must name.
    pub edition: u64,
}

/// The choices marked for each item of the assessment.
pub(super) fn responses(fields: &Fields) -> Responses {
    let mut responses = Responses::new();
    for (item, choice) in items(fields, "q.") {
        responses.entry(item).or_default().insert(choice.into());
    }
    responses
}

/// What was filled in for each item of the evaluation.
pub(super) fn answers(fields: &Fields) -> Answers {
    items(fields, "e.")
        .filter(|(_, answer)| !answer.trim().is_empty())
        .map(|(item, answer)| (item, answer.to_owned()))
        .collect()
}

fn items<'a>(fields: &'a Fields, prefix: &'a str) -> impl Iterator<Item = (ItemId, &'a str)> {
    fields.all().iter().filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?.into(), value.as_str())))
}

/// The attempt and edition that the page was editing.
pub(super) fn edit(fields: &Fields) -> Result<Edit, Problem> {
    Ok(Edit { attempt: number(fields, "attempt")?, edition: number(fields, "edition")? })
}

/// The number in a field that the page itself filled in.
pub(super) fn number<N: std::str::FromStr>(fields: &Fields, name: &str) -> Result<N, Problem> {
    let damaged =
        || Problem::bad_request("damaged-form", "the form is damaged; load the page again and repeat what you did");
    fields.get(name).and_then(|value| value.parse().ok()).ok_or_else(damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(fields: &[(&str, &str)]) -> Fields {
        Fields::from(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>())
    }

    #[test]
    fn only_fields_with_the_prefix_are_answers() {
        let fields = fields(&[("attempt", "1"), ("q.a", "x"), ("q.a", "y"), ("q.attempt", "z"), ("e.a", " ")]);
        let responses = responses(&fields);
        assert_eq!(responses.len(), 2);
        assert_eq!(responses[&ItemId::from("a")].len(), 2);
        assert!(answers(&fields).is_empty());
    }
}
