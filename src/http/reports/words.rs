//! Texts that others wrote, made safe to show: in their language, shortened to fit a page, and never more than text.

use crate::config::Locale;
use crate::http::pages::escape;
use askama::filters::HtmlSafe;
use jiff::{Span, Unit};
use std::fmt;
use xapi::json::Value;
use xapi::language::Preferences;

/// A text by someone else. As HTML it is escaped, keeps its language, and is isolated so that its characters do not change
/// the direction of writing around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ForeignText {
    pub text: String,
    language: Option<String>,
}

/// A longer language tag means nothing to a browser.
const LONGEST_TAG: usize = 35;

impl ForeignText {
    /// A text of no known language.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), language: None }
    }

    /// The entry of a language map that the reader prefers; `None` if the map has no text.
    pub(super) fn of(map: Value<'_>, languages: &Preferences) -> Option<Self> {
        let chosen = languages.choose(map)?;
        let text = chosen.value.string()?.trim().to_owned();
        let language = Some(chosen.name().into_owned());
        let language = language.filter(|language| language != "und" && language.len() <= LONGEST_TAG);
        (!text.is_empty()).then_some(Self { text, language })
    }

    /// The same, shortened to fit a separate page.
    pub(super) fn long(&self) -> Self {
        Self { text: long(&self.text), language: self.language.clone() }
    }

    /// The same, without its middle if it is long.
    pub(super) fn short(&self) -> Self {
        Self { text: shortened(&self.text), language: self.language.clone() }
    }
}

impl HtmlSafe for ForeignText {}

impl fmt::Display for ForeignText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<bdi")?;
        if let Some(language) = &self.language {
            f.write_str(" lang=\"")?;
            escape(language, f)?;
            f.write_str("\"")?;
        }
        f.write_str(">")?;
        escape(&self.text, f)?;
        f.write_str("</bdi>")
    }
}

/// How many characters stay of the beginning and of the end of a long text.
const KEPT: (usize, usize) = (70, 30);

/// `text` without its middle if it is long: ids differ at their ends.
pub(super) fn shortened(text: &str) -> String {
    let (before, after) = KEPT;
    let Some((end, _)) = text.char_indices().nth(before) else { return text.to_owned() };
    let Some((start, _)) = text.char_indices().rev().nth(after - 1) else { return text.to_owned() };
    match (text.get(..end), text.get(start..)) {
        (Some(first), Some(last)) if end < start => format!("{first}…{last}"),
        _ => text.to_owned(),
    }
}

/// The longest answer or description that a page shows, in characters.
const LONGEST: usize = 2_000;

/// `text`, shortened to fit a separate page.
pub(super) fn long(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The last nonempty part of an IRI: a label for something without a name.
pub(super) fn tail(iri: &str) -> &str {
    let parts = iri.rsplit(['/', '#', '=', ':']);
    parts.into_iter().find(|part| !part.is_empty()).unwrap_or(iri)
}

/// A duration as people read it: `1 h 23 min 45 s`. A duration in years, or one that is no clock time, stays
/// as it is.
pub(super) fn duration(text: &str) -> String {
    let Ok(span) = text.replace(',', ".").parse::<Span>() else { return text.to_owned() };
    // Days and longer have no fixed number of seconds.
    let Ok(seconds) = span.total(Unit::Second) else { return text.to_owned() };
    clock(seconds).unwrap_or_else(|| text.to_owned())
}

/// Tenths of a second are shown only below a minute.
fn clock(seconds: f64) -> Option<String> {
    if seconds < 59.95 {
        return Some(format!("{} s", trimmed(&format!("{seconds:.1}"))));
    }
    let whole: u64 = format!("{seconds:.0}").parse().ok()?;
    let parts = [(whole / 3600, "h"), (whole / 60 % 60, "min"), (whole % 60, "s")];
    let said: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n} {unit}")).collect();
    Some(said.join(" "))
}

/// A scaled score as a percentage: `85%`.
pub(super) fn percent(scaled: &str, locale: Locale) -> Option<String> {
    let scaled: f64 = scaled.parse().ok()?;
    Some(locale.percent(trimmed(&format!("{:.1}", scaled * 100.0))))
}

fn trimmed(decimal: &str) -> &str {
    decimal.strip_suffix(".0").unwrap_or(decimal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use xapi::json::Document;

    #[test]
    fn what_others_wrote_is_text_in_its_language() {
        let map = Document::read(r#"{"de": "bestanden", "en-US": "passed <b>", "und": " "}"#).unwrap();
        let said =
            |languages: &str| ForeignText::of(map.root(), &Preferences::parse(languages)).map(|said| said.to_string());
        assert_eq!(said("de").unwrap(), r#"<bdi lang="de">bestanden</bdi>"#);
        assert_eq!(said("en").unwrap(), r#"<bdi lang="en-US">passed &lt;b&gt;</bdi>"#);
        assert_eq!(said("und"), None);
        assert_eq!(ForeignText::plain("a\"").to_string(), "<bdi>a&quot;</bdi>");
    }

    #[test]
    fn a_long_text_loses_its_middle() {
        let long = format!("{}{}{}", "a".repeat(70), "é".repeat(500), "z".repeat(30));
        assert_eq!(shortened(&long), format!("{}…{}", "a".repeat(70), "z".repeat(30)));
        let fits = "é".repeat(100);
        assert_eq!(shortened(&fits), fits);
    }

    #[test]
    fn a_thing_without_a_name_is_called_by_the_end_of_its_id() {
        for (iri, word) in [
            ("http://adlnet.gov/expapi/verbs/completed", "completed"),
            ("https://example.com/a/", "a"),
            ("https://example.com/page#part", "part"),
            ("urn:x:y", "y"),
            ("v://", "v"),
        ] {
            assert_eq!(tail(iri), word, "{iri}");
        }
    }

    #[test]
    fn durations_and_scores_read_as_people_say_them() {
        for (iso, said) in [
            ("PT0S", "0 s"),
            ("PT3.26S", "3.3 s"),
            ("PT59.99S", "1 min"),
            ("PT5025.34S", "1 h 23 min 45 s"),
            ("PT1H", "1 h"),
            ("PT1H0M2S", "1 h 2 s"),
            ("PT1,5S", "1.5 s"),
            ("PT45M", "45 min"),
            ("P4W", "P4W"),
            ("P1DT2H", "P1DT2H"),
            ("P0.5Y", "P0.5Y"),
            ("PT99999999999999999999S", "PT99999999999999999999S"),
        ] {
            assert_eq!(duration(iso), said, "{iso}");
        }
        for (scaled, said) in [("0.85", "85%"), ("1", "100%"), ("-0.333", "-33.3%"), ("8.5e-1", "85%")] {
            assert_eq!(percent(scaled, Locale::EnUs).unwrap(), said);
        }
    }
}
