//! Which language of a language map to show (Part 3 §2.1.3, "Language Filtering Requirements").

use crate::json::{Member, Value};

/// The languages that a reader prefers, best first, as `Accept-Language` gives them (RFC 9110 §12.5.4).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preferences(Vec<String>);

/// More languages than this are ignored.
const MOST: usize = 20;

/// Nor are longer ones, in bytes: each part of one is looked for by itself.
const LONGEST: usize = 64;

impl Preferences {
    /// Reads the value of `Accept-Language`; what cannot be understood is passed over.
    pub fn parse(header: &str) -> Self {
        let mut ranges: Vec<(u16, String)> = header.split(',').take(MOST).filter_map(range).collect();
        ranges.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        Self(ranges.into_iter().map(|(_, language)| language).collect())
    }

    /// The best member of `map`: by lookup (RFC 4647 §3.4), then any whose language is a dialect of a preferred one, then
    /// the first.
    pub fn choose<'d>(&self, map: Value<'d>) -> Option<Member<'d>> {
        let members: Vec<_> = map.members().map(|member| (member.name().to_ascii_lowercase(), member)).collect();
        let exactly = |language: &str| members.iter().find(|(name, _)| name == language);
        let looked_up = |range: &String| {
            std::iter::successors(Some(range.as_str()), |tag| tag.rsplit_once('-').map(|(short, _)| short))
                .find_map(exactly)
        };
        let dialect = |range: &String| {
            members.iter().find(|(name, _)| name.strip_prefix(range.as_str()).is_some_and(|rest| rest.starts_with('-')))
        };
        let found = self.0.iter().find_map(|range| looked_up(range).or_else(|| dialect(range))).or(members.first());
        found.map(|(_, member)| *member)
    }
}

/// One range and its weight in thousandths; none when its weight is 0 or it is `*`, which prefers nothing.
fn range(text: &str) -> Option<(u16, String)> {
    let mut parts = text.split(';').map(str::trim);
    let language = parts.next().filter(|tag| (1..=LONGEST).contains(&tag.len()) && *tag != "*")?;
    let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1000), thousandths)?;
    (weight > 0).then(|| (weight, language.to_ascii_lowercase()))
}

fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{fraction:0<3}");
    digits.get(..whole.len() + 3)?.parse().ok().filter(|weight| *weight <= 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Document;

    #[test]
    fn the_language_that_the_reader_prefers_is_chosen() {
        let map = r#"{"en-US": "1", "de": "2", "fr-CA": "3", "fr": "4", "zh-Hant-TW": "5"}"#;
        let document = Document::read(map).unwrap();
        for (header, language) in [
            ("", "en-US"),
            ("*", "en-US"),
            ("de", "de"),
            ("DE-at", "de"),
            ("de;q=0.1, fr", "fr"),
            ("fr-CA", "fr-CA"),
            ("fr-CH;q=0.9, de;q=0.8", "fr"),
            ("zh", "zh-Hant-TW"),
            ("en", "en-US"),
            ("es, de;q=0", "en-US"),
            ("x;q=nonsense,de", "de"),
            ("pt, zh-hant", "zh-Hant-TW"),
        ] {
            let chosen = Preferences::parse(header).choose(document.root()).unwrap();
            assert_eq!(chosen.name(), language, "{header}");
        }
    }
}
