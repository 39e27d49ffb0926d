//! Text that browsers can hold and UTF-8 cannot: lone surrogates, such as half an emoji, or nearly everything that a
//! compressor for strings of UTF-16 writes.
//!
//! Inside the server, a lone surrogate U+D800 to U+DFFF is kept as the private-use character U+10F000 to U+10F7FF at the same
//! offset. One of these characters that was really meant, or the mark itself, is kept with the mark U+10F800 before it, so
//! that every text comes back exactly as it was. No standard assigns a meaning to these characters.

use std::borrow::Cow;

const MARK: char = '\u{10f800}';
const FIRST: u32 = 0x10_f000;
const SURROGATES: std::ops::Range<u32> = 0xd800..0xe000;

/// `json` with every lone surrogate (`"\ud83d"`, which RFC 8259 §8.2 allows) replaced by what stands for it, so that readers
/// of well-formed text can read it. Bytes that are not JSON come back as they are, for the reader to refuse.
pub fn keep(json: &[u8]) -> Cow<'_, [u8]> {
    let suspicious = |at: &[u8]| matches!(at, [b'\\', b'u', ..]) || at.starts_with(b"\xf4\x8f");
    if !(0..json.len()).any(|at| json.get(at..).is_some_and(suspicious)) {
        return Cow::Borrowed(json);
    }
    let mut kept = Vec::with_capacity(json.len());
    let mut rest = json;
    while let Some((&byte, after)) = rest.split_first() {
        if byte == b'\\' {
            rest = keep_escape(rest, &mut kept);
        } else if let Some(character) = stand_in(rest) {
            push(MARK, &mut kept);
            push(character, &mut kept);
            rest = rest.get(4..).unwrap_or_default();
        } else {
            kept.push(byte);
            rest = after;
        }
    }
    Cow::Owned(kept)
}

/// Copies the escape that `rest` begins with, and returns what follows it.
fn keep_escape<'a>(rest: &'a [u8], kept: &mut Vec<u8>) -> &'a [u8] {
    let Some(unit) = unit(rest) else {
        // `\\` and its like are two bytes, of which the second begins nothing.
        let (escape, after) = rest.split_at(rest.len().min(2));
        kept.extend_from_slice(escape);
        return after;
    };
    let after = rest.get(6..).unwrap_or_default();
    let pair = || {
        let low = self::unit(after)?;
        char::decode_utf16([u16::try_from(unit).ok()?, u16::try_from(low).ok()?])
            .next()?
            .ok()
            .filter(|c| u32::from(*c) > 0xffff)
    };
    match pair() {
        Some(character) => {
            if is_stand_in(character) {
                push(MARK, kept);
            }
            kept.extend_from_slice(rest.get(..12).unwrap_or_default());
            rest.get(12..).unwrap_or_default()
        }
        None if SURROGATES.contains(&unit) => {
            kept.extend(char::from_u32(unit - SURROGATES.start + FIRST).into_iter().flat_map(utf8));
            after
        }
        None => {
            kept.extend_from_slice(rest.get(..6).unwrap_or_default());
            after
        }
    }
}

/// The UTF-16 unit of the escape `\uXXXX` that `rest` begins with.
fn unit(rest: &[u8]) -> Option<u32> {
    let digits = rest.strip_prefix(b"\\u")?.get(..4)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// The character that `rest` begins with, if it is one that stands for something.
fn stand_in(rest: &[u8]) -> Option<char> {
    let text = std::str::from_utf8(rest.get(..4)?).ok()?;
    text.chars().next().filter(|character| is_stand_in(*character))
}

fn is_stand_in(character: char) -> bool {
    (FIRST..=u32::from(MARK)).contains(&u32::from(character))
}

fn utf8(character: char) -> Vec<u8> {
    character.to_string().into_bytes()
}

fn push(character: char, into: &mut Vec<u8>) {
    into.extend(utf8(character));
}

/// JSON in which what stands for a lone surrogate is written as its escape again: what [`keep`] was given.
pub fn restore(json: &str) -> String {
    let mut restored = String::with_capacity(json.len());
    let mut characters = json.chars();
    while let Some(character) = characters.next() {
        match character {
            MARK => restored.extend(characters.next()),
            character if is_stand_in(character) => {
                let unit = u32::from(character) - FIRST + SURROGATES.start;
                restored.extend(["\\u", &format!("{unit:04x}")]);
            }
            character => restored.push(character),
        }
    }
    restored
}

/// `text` as well-formed text for others: U+FFFD for each lone surrogate.
pub fn well_formed(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_stand_in) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            MARK => plain.extend(characters.next()),
            character if is_stand_in(character) => plain.push(char::REPLACEMENT_CHARACTER),
            character => plain.push(character),
        }
    }
    Cow::Owned(plain)
}

/// How many characters `text` had before it was kept; a lone surrogate is one.
pub fn length(text: &str) -> usize {
    let mut characters = text.chars();
    let mut count = 0;
    while let Some(character) = characters.next() {
        if character == MARK {
            characters.next();
        }
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_as_long_as_it_was() {
        for (json, expected) in
            [(r#""""#, 0), (r#""a\ud83d""#, 2), (r#""\ud83d\ude00""#, 1), ("\"\u{10f03d}\u{10f800}x\"", 3)]
        {
            let text: String = serde_json::from_slice(&keep(json.as_bytes())).unwrap();
            assert_eq!(length(&text), expected, "{json}");
        }
    }

    #[test]
    fn every_text_comes_back_as_it_was() {
        for (json, plain) in [
            (r#""plain""#, "plain"),
            (r#""a\ud83d""#, "a\u{fffd}"),
            (r#""\udc00\ud83d\ud83d\ude00""#, "\u{fffd}\u{fffd}😀"),
            (r#""\\ud83d""#, "\\ud83d"),
            (r#""\\\ud83d\"""#, "\\\u{fffd}\""),
            ("\"\u{10f03d} and \u{10f800}\"", "\u{10f03d} and \u{10f800}"),
            (r#""\udbfc\udc3d""#, "\u{10f03d}"),
            (r#""\ud83dx\u0041""#, "\u{fffd}xA"),
        ] {
            let kept = keep(json.as_bytes());
            let text: String = serde_json::from_slice(&kept).unwrap_or_else(|error| panic!("{json}: {error}"));
            assert_eq!(well_formed(&text), plain, "{json}");
            let again = restore(&serde_json::to_string(&text).unwrap());
            let kept_again: String = serde_json::from_slice(&keep(again.as_bytes())).unwrap();
            assert_eq!(kept_again, text, "{json}");
        }
        let kept = keep(br#""a\ud83d""#);
        assert_eq!(restore(std::str::from_utf8(&kept).unwrap()), r#""a\ud83d""#);
    }

    #[test]
    fn what_is_not_json_is_left_to_the_reader() {
        for bytes in [b"".as_slice(), b"\\", b"\\u", b"\\ud8", b"\xf4\x8f", b"\xff\\ud83d\\"] {
            drop(keep(bytes));
        }
        assert_eq!(keep(b"{\"a\": 1}"), Cow::Borrowed(b"{\"a\": 1}".as_slice()));
    }
}
