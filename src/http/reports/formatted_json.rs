//! JSON formatted for reading: indented, escaped, and every value as it was written.

use crate::http::pages::escape;
use askama::filters::HtmlSafe;
use std::fmt::{self, Write as _};
use xapi::json::{Document, Kind, Member, Value};

/// A JSON text, as HTML for a `<pre>`. Only space between values is changed: numbers keep their digits and strings their
/// escapes. A text that is not JSON is shown as it is.
#[derive(Debug, Clone)]
pub(super) struct FormattedJson(pub String);

impl HtmlSafe for FormattedJson {}

impl fmt::Display for FormattedJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Document::read(&self.0) {
            Ok(document) => value(document.root(), 0, f),
            Err(_) => escape(&self.0, f),
        }
    }
}

fn value(it: Value<'_>, depth: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match it.kind() {
        Kind::Object => list('{', '}', it.members(), depth, f, |member: Member<'_>, f| {
            f.write_str("<b>")?;
            text(member.key.raw(), f)?;
            f.write_str("</b>: ")?;
            value(member.value, depth + 1, f)
        }),
        Kind::Array => list('[', ']', it.items(), depth, f, |item, f| value(item, depth + 1, f)),
        Kind::String(_) => text(it.raw(), f),
        Kind::Null | Kind::Bool | Kind::Number => f.write_str(it.raw()),
    }
}

/// Isolated, so that its characters do not change the direction of writing around it.
fn text(raw: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if raw.is_ascii() {
        return escape(raw, f);
    }
    f.write_str("<bdi>")?;
    escape(raw, f)?;
    f.write_str("</bdi>")
}

fn list<T>(
    open: char,
    close: char,
    items: impl Iterator<Item = T>,
    depth: usize,
    f: &mut fmt::Formatter<'_>,
    each: impl Fn(T, &mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    f.write_char(open)?;
    let mut empty = true;
    for item in items {
        f.write_str(if empty { "\n" } else { ",\n" })?;
        empty = false;
        indent(depth + 1, f)?;
        each(item, f)?;
    }
    if !empty {
        f.write_char('\n')?;
        indent(depth, f)?;
    }
    f.write_char(close)
}

fn indent(depth: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    (0..depth).try_for_each(|_| f.write_str("  "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_space_is_changed() {
        let text = r#"{"a":[1.50,"\u0041</pre><script>",{}],"é":[]}"#;
        let formatted_json = "{\n  <b>&quot;a&quot;</b>: [\n    1.50,\n    &quot;\\u0041&lt;/pre&gt;&lt;script&gt;&quot;,\n    {}\n  ],\n  \
            <b><bdi>&quot;é&quot;</bdi></b>: []\n}";
        assert_eq!(FormattedJson(text.to_owned()).to_string(), formatted_json);
        assert_eq!(FormattedJson("<no json".to_owned()).to_string(), "&lt;no json");
    }

    proptest! {
        #[test]
        fn no_text_becomes_an_element(text in "\\PC*") {
            let json = serde_json::json!({text.clone(): [text]}).to_string();
            let html = FormattedJson(json).to_string();
            let tags = ["<b>", "</b>", "<bdi>", "</bdi>"];
            let rest = tags.iter().fold(html, |html, tag| html.replace(tag, ""));
            prop_assert!(!rest.contains(['<', '>']), "{}", rest);
        }
    }
}
