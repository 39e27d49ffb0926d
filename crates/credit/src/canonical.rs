//! Canonical JSON: one sequence of bytes for one document, so that a hash of it means something years later.
//!
//! The rules are those of RFC 8785 (JSON Canonicalization Scheme) for what this product hashes: objects with their members
//! in the order of their names, no white space, strings as `serde_json` escapes them (as §3.2.2.2 requires), and
//! whole numbers. Documents here hold no fractions: amounts and shares are text.

use serde::Serialize;
use serde_json::Value;

/// `document` as canonical JSON.
pub fn of<T: Serialize>(document: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = Vec::new();
    write(&serde_json::to_value(document)?, &mut bytes)?;
    Ok(bytes)
}

fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    match value {
        Value::Array(values) => list(values.iter(), *b"[]", out, write),
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            list(members.into_iter(), *b"{}", out, |(name, value), out| {
                serde_json::to_writer(&mut *out, name)?;
                out.push(b':');
                write(value, out)
            })
        }
        plain => serde_json::to_writer(out, plain),
    }
}

/// Writes `parts` between `brackets`, with commas.
fn list<T>(
    parts: impl Iterator<Item = T>,
    brackets: [u8; 2],
    out: &mut Vec<u8>,
    mut write: impl FnMut(T, &mut Vec<u8>) -> Result<(), serde_json::Error>,
) -> Result<(), serde_json::Error> {
    let [open, close] = brackets;
    out.push(open);
    for (position, part) in parts.enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write(part, out)?;
    }
    out.push(close);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_are_in_the_order_of_their_names() {
        let document = json!({"b": [1, {"z": null, "a": true}], "a": "é\"\n", "\u{fb33}": 1, "\u{1f600}": 2});
        // RFC 8785 §3.2.3 compares UTF-16 code units, so the emoji (a surrogate pair) comes before U+FB33.
        let expected = "{\"a\":\"é\\\"\\n\",\"b\":[1,{\"a\":true,\"z\":null}],\"\u{1f600}\":2,\"\u{fb33}\":1}";
        assert_eq!(String::from_utf8(of(&document).unwrap()).unwrap(), expected);
    }
}
