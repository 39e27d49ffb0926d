//! How words, lengths of time and sizes are written on pages.

use askama::filters::HtmlSafe;
use credit::mark::{self, Run};
use std::borrow::Borrow;
use std::fmt;

/// Plain text that becomes HTML: escaped, with the name of the AMA's credit in italics. Made by [`prose`].
#[derive(Debug, Clone, Copy)]
pub struct Prose<T>(T);

/// `text` as HTML for a template: `{{ prose(text) }}`.
///
/// The AMA asks that its mark be written in italics with its sign, and nothing else about it is decided here: the
/// words come from the activity document.
pub fn prose<T: AsRef<str>>(text: T) -> Prose<T> {
    Prose(text)
}

impl<T: AsRef<str>> HtmlSafe for Prose<T> {}

impl<T: AsRef<str>> fmt::Display for Prose<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for run in mark::runs(self.0.as_ref()) {
            match run {
                Run::Plain(text) => escape(text, f)?,
                Run::Mark(text) => write!(f, "<em class=\"credit-name\">{text}</em>")?,
            }
        }
        Ok(())
    }
}

/// Writes `text` escaped for HTML, in elements and in quoted attributes.
pub fn escape(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    use fmt::Write as _;
    for c in text.chars() {
        match c {
            '&' => f.write_str("&amp;")?,
            '<' => f.write_str("&lt;")?,
            '>' => f.write_str("&gt;")?,
            '"' => f.write_str("&quot;")?,
            '\'' => f.write_str("&#39;")?,
            c => f.write_char(c)?,
        }
    }
    Ok(())
}

/// `text` as a sentence on a page: beginning with a capital letter, ending with a period.
pub fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    let first = rest.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", rest.as_str())
}

/// A length of time as a learner reads it: `45 minutes`, `1 hour 30 minutes`.
pub fn minutes(total: impl Borrow<u32>) -> String {
    let total = *total.borrow();
    let of = |n: u32, unit: &str| format!("{n} {unit}{}", if n == 1 { "" } else { "s" });
    match (total / 60, total % 60) {
        (0, m) => of(m, "minute"),
        (h, 0) => of(h, "hour"),
        (h, m) => format!("{} {}", of(h, "hour"), of(m, "minute")),
    }
}

/// A size as people read it: `350 kB`.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB")];
    let Some((unit, name)) = UNITS.into_iter().find(|(unit, _)| bytes >= *unit) else {
        return if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") };
    };
    let tenths = bytes.saturating_mul(10) / unit;
    if tenths < 100 && !tenths.is_multiple_of(10) {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    } else {
        format!("{} {name}", tenths / 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_credit_name_stands_in_italics_and_all_else_is_escaped() {
        let cases = [
            ("a <b> & \"c\"", "a &lt;b&gt; &amp; &quot;c&quot;"),
            (
                "a maximum of 0.75 AMA PRA Category 1 Credit™.",
                "a maximum of 0.75 <em class=\"credit-name\">AMA PRA Category 1 Credit™</em>.",
            ),
            (
                "2 AMA PRA Category 1 Credits™, 1 AMA PRA Category 1 Credit™",
                "2 <em class=\"credit-name\">AMA PRA Category 1 Credits™</em>, 1 \
                 <em class=\"credit-name\">AMA PRA Category 1 Credit™</em>",
            ),
        ];
        for (text, html) in cases {
            assert_eq!(prose(text).to_string(), html);
        }
    }

    #[test]
    fn lengths_of_time_read_as_people_say_them() {
        let read: Vec<_> = [1, 45, 60, 90, 121].into_iter().map(minutes).collect();
        assert_eq!(read, ["1 minute", "45 minutes", "1 hour", "1 hour 30 minutes", "2 hours 1 minute"]);
    }

    #[test]
    fn a_sentence_stands_alone() {
        let cases = [("try again", "Try again."), ("Done.", "Done."), ("éa", "Éa."), ("", ".")];
        for (text, expected) in cases {
            assert_eq!(sentence(text), expected);
        }
    }

    #[test]
    fn sizes_read_as_people_say_them() {
        let read: Vec<_> = [0, 1, 1023, 1024, 1536, 363_196, 2 << 30].into_iter().map(bytes).collect();
        assert_eq!(read, ["0 bytes", "1 byte", "1023 bytes", "1 kB", "1.5 kB", "354 kB", "2 GB"]);
    }
}
