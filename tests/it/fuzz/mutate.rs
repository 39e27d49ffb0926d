//! Changes to inputs that keep most of what they are, so that what they reach is more than the first check.
//!
//! JSON is changed value by value: one is replaced, doubled, removed, wrapped or renamed. Other bytes are changed as they
//! come. Dice that fall the same way each time make any input again.

use std::ops::Range;
use xapi::json::{Document, Value};

/// A sequence of numbers that look random and depend only on the first.
pub struct Dice(pub u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        // splitmix64 (Steele, Lea and Flood, 2014).
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    }

    /// A number below `limit`; 0 if there is none.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.roll() % limit).unwrap_or_default()
    }

    fn one_of<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let at = self.below(list.len());
        list.get(at)
    }
}

/// Values that readers of JSON and of the standard have stumbled over.
const VALUES: [&str; 44] = [
    "null",
    "true",
    "0",
    "-0",
    "-1",
    "1.50",
    "1e400",
    "-1E-400",
    "0.1e1",
    "9007199254740993",
    "1e99999999999999999999",
    "0.95000000000000000000000000000000000001",
    "\"\"",
    "\" \"",
    "\"\\u0000\"",
    "\"\\ud83d\\ude00\"",
    "\"\\u00e9\"",
    "\"\\\\\\/\\\"\"",
    "[]",
    "{}",
    "[[]]",
    "[{}]",
    "{\"\":{}}",
    "\"Activity\"",
    "\"Agent\"",
    "\"Group\"",
    "\"StatementRef\"",
    "\"SubStatement\"",
    "\"mailto:a@B.c\"",
    "\"mailto:@\"",
    "\"http://adlnet.gov/expapi/verbs/voided\"",
    "\"http://adlnet.gov/expapi/attachments/signature\"",
    "\"6690E6C9-3ef0-4ed3-8b37-7f3964730bee\"",
    "\"2026-01-15T09:30:00.5+14:00\"",
    "\"-009999-01-02T01:59:59Z\"",
    "\"9999-12-31T23:59:60Z\"",
    "\"2026-02-29T00:00:00Z\"",
    "\"P4W\"",
    "\"PT1.239S\"",
    "\"P1Y2M3DT4H5M6.78S\"",
    "\"2.0.0\"",
    "\"1.0\"",
    "\"zh-hant-tw-x-a\"",
    "{\"id\":\"a:1\",\"definition\":{\"name\":{\"de\":\"x\"}}}",
];

/// Names of members that mean something somewhere.
const NAMES: [&str; 26] = [
    "id",
    "actor",
    "verb",
    "object",
    "result",
    "context",
    "timestamp",
    "stored",
    "authority",
    "version",
    "attachments",
    "objectType",
    "member",
    "mbox",
    "account",
    "display",
    "definition",
    "extensions",
    "score",
    "duration",
    "contextActivities",
    "contextAgents",
    "contextGroups",
    "parent",
    "a:1",
    "\\u0069d",
];

/// Bytes that mean something to some reader.
const BYTES: [&[u8]; 24] = [
    b"\0",
    b"\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xef\xbb\xbf",
    b"\\",
    b"\\ud800",
    b"\"",
    b"{",
    b"[",
    b"]",
    b"}",
    b",",
    b":",
    b"\r\n",
    b"--b-1",
    b"--b-1--\r\n",
    b"%",
    b"=",
    b"&",
    b"<",
    b"'",
    b"-",
];

/// Some input of `corpus`, changed a few times.
pub fn input(dice: &mut Dice, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut input = dice.one_of(corpus).cloned().unwrap_or_default();
    for _ in 0..=dice.below(4) {
        let other = dice.one_of(corpus).cloned().unwrap_or_default();
        input = changed(dice, &input, &other);
    }
    input
}

/// `input` with one change, which may take something of `other`.
pub fn changed(dice: &mut Dice, input: &[u8], other: &[u8]) -> Vec<u8> {
    let structured = dice.below(4) > 0;
    let text = std::str::from_utf8(input).ok().filter(|_| structured);
    text.and_then(|text| changed_json(dice, text, other)).unwrap_or_else(|| changed_bytes(dice, input, other))
}

fn changed_json(dice: &mut Dice, text: &str, other: &[u8]) -> Option<Vec<u8>> {
    let document = Document::read(text).ok()?;
    let places = places(document.root());
    let ValueSpan { member, value } = dice.one_of(&places)?.clone();
    let raw = text.get(value.clone())?;
    let whole = member.clone().unwrap_or(value.clone());
    let (place, new) = match dice.below(8) {
        0 | 1 => (value, (*dice.one_of(&VALUES)?).to_owned()),
        2 => (value, borrowed(dice, other)?),
        3 => (whole.clone(), format!("{0},{0}", text.get(whole)?)),
        4 => (without(text, whole)?, String::new()),
        5 => {
            let times = [1, 2, 90, 120][dice.below(4)];
            (
                value,
                if dice.below(2) == 0 { wrapped(raw, "[", "]", times) } else { wrapped(raw, "{\"a\":", "}", times) },
            )
        }
        6 => (member?.start..value.start, format!("\"{}\":", dice.one_of(&NAMES)?)),
        _ => {
            let new = format!("\"{}\":{},", dice.one_of(&NAMES)?, dice.one_of(&VALUES)?);
            let inside = value.start + 1;
            (inside..inside, if raw.starts_with('{') && raw.len() > 2 { new } else { String::new() })
        }
    };
    Some([text.get(..place.start)?, &new, text.get(place.end..)?].concat().into_bytes())
}

/// The span of a value, and the member that it is the value of.
#[derive(Clone)]
struct ValueSpan {
    member: Option<Range<usize>>,
    value: Range<usize>,
}

fn places(root: Value<'_>) -> Vec<ValueSpan> {
    let (mut found, mut rest) = (Vec::new(), vec![ValueSpan { member: None, value: root.place() }]);
    let mut values = vec![root];
    while let (Some(place), Some(value)) = (rest.pop(), values.pop()) {
        for item in value.items() {
            rest.push(ValueSpan { member: None, value: item.place() });
            values.push(item);
        }
        for member in value.members() {
            let whole = member.key.place().start..member.value.place().end;
            rest.push(ValueSpan { member: Some(whole), value: member.value.place() });
            values.push(member.value);
        }
        found.push(place);
    }
    found
}

/// A value of another input.
fn borrowed(dice: &mut Dice, other: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(other).ok()?;
    let document = Document::read(text).ok()?;
    let place = dice.one_of(&places(document.root()))?.value.clone();
    Some(text.get(place)?.to_owned())
}

/// The place of a member or item together with the comma that separates it from its neighbor.
fn without(text: &str, place: Range<usize>) -> Option<Range<usize>> {
    let before = text.get(..place.start)?.trim_end();
    let after = text.get(place.end..)?;
    if let Some(rest) = after.trim_start().strip_prefix(',') {
        return Some(place.start..text.len() - rest.len());
    }
    Some(before.strip_suffix(',').map_or(place.start, str::len)..place.end)
}

fn wrapped(raw: &str, open: &str, close: &str, times: usize) -> String {
    [&open.repeat(times), raw, &close.repeat(times)].concat()
}

fn changed_bytes(dice: &mut Dice, input: &[u8], other: &[u8]) -> Vec<u8> {
    let (start, end) = (dice.below(input.len() + 1), dice.below(input.len() + 1));
    let (start, end) = (start.min(end), start.max(end));
    let (before, inside, after) = (&input[..start], &input[start..end], &input[end..]);
    let special = dice.one_of(&BYTES).copied().unwrap_or_default();
    match dice.below(6) {
        0 => [before, special, inside, after].concat(),
        1 => [before, after].concat(),
        2 => [before, inside, inside, after].concat(),
        3 => [before, &other[other.len().min(start)..]].concat(),
        4 => before.to_vec(),
        _ => {
            let mut flipped = input.to_vec();
            if let Some(byte) = flipped.get_mut(start) {
                *byte ^= 1 << dice.below(8);
            }
            flipped
        }
    }
}
