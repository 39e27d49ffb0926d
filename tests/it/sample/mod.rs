//! The sample activity: its package, its document, and what they say of each other.

mod authoring;
mod browser;
mod document;
mod load;
mod package;

pub use browser::ANSWERS;

use enduring::service::catalogue::samples::{ALL, Sample};
use std::collections::BTreeMap;

/// The sample on stroke prevention.
fn sample() -> Sample {
    ALL[0]
}

/// The text files of the package by path.
fn texts() -> BTreeMap<String, String> {
    let files = sample().files().unwrap();
    files.into_iter().map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap())).collect()
}

/// The values of `attribute` in markup, in the order in which they stand. The sample writes every value in double quotes.
fn values<'a>(markup: &'a str, attribute: &str) -> Vec<&'a str> {
    let opening = format!(" {attribute}=\"");
    markup.split(&opening).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

/// The text between `opening` and `closing`, each time.
fn between<'a>(text: &'a str, opening: &str, closing: &str) -> Vec<&'a str> {
    text.split(opening).skip(1).filter_map(|rest| rest.split_once(closing)).map(|(inside, _)| inside).collect()
}

/// The words of markup: no tags, no line breaks.
fn words(markup: &str) -> String {
    let mut plain = String::new();
    for (n, piece) in markup.split('<').enumerate() {
        plain.push_str(if n == 0 { piece } else { piece.split_once('>').map_or("", |(_, text)| text) });
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn markup_is_read_as_the_sample_writes_it() {
    let markup = r#"<a class="ref" data-ref="r1"></a> <p id="x">One <cite>two</cite>
        three</p>"#;
    assert_eq!(values(markup, "data-ref"), ["r1"]);
    assert_eq!(between(markup, "<cite>", "</cite>"), ["two"]);
    assert_eq!(words(markup), "One two three");
}
