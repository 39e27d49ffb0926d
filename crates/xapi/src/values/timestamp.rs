//! Timestamps (Part 2 §4.5): what is accepted, and how one is written in UTC.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::Offset;
use std::borrow::Cow;

static PARSER: DateTimeParser = DateTimeParser::new();

/// The instant that `text` names: ISO 8601, extended or basic, with `T` between date and time. Without a time zone it is
/// taken as UTC.
pub fn parse(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_once(['T', 't'])?;
    let zone = time.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ','))).and_then(|at| time.get(at..));
    if !date.starts_with(|first: char| first.is_ascii_digit()) || !zone.is_none_or(is_zone) {
        return None;
    }
    let text = nanoseconds(text);
    let pieces = PARSER.parse_pieces(text.as_bytes()).ok()?;
    let offset = pieces.to_numeric_offset().unwrap_or(Offset::UTC);
    offset.to_timestamp(pieces.date().to_datetime(pieces.time()?)).ok()
}

/// `Z`, or an offset of hours, or of hours and minutes (ISO 8601:2004 §4.2.5). It knows no `-00:00`.
fn is_zone(text: &str) -> bool {
    let form: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let is_none = ["-00", "-0000", "-00:00"].contains(&text);
    let is_form = ["+00", "-00", "+0000", "-0000", "+00:00", "-00:00"].contains(&form.as_str());
    let within_a_day = || text.get(1..3).is_some_and(|hours| hours < "24");
    text.eq_ignore_ascii_case("z") || (is_form && !is_none && within_a_day())
}

/// `text` with at most nine digits of a second; more are cut off, never rounded.
fn nanoseconds(text: &str) -> Cow<'_, str> {
    let Some((before, fraction)) = text.split_once(['.', ',']) else { return Cow::Borrowed(text) };
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    match (digits > 9).then(|| (fraction.get(..9), fraction.get(digits..))) {
        Some((Some(kept), Some(after))) => Cow::Owned(format!("{before}.{kept}{after}")),
        _ => Cow::Borrowed(text),
    }
}

/// Whether `text`, a timestamp, is written in UTC as RFC 3339 has it, so that it can be returned as it came.
pub fn is_utc(text: &str) -> bool {
    text.ends_with('Z') && text.get(4..5) == Some("-") && text.get(10..11) == Some("T")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_8601_is_accepted_and_read_as_an_instant() {
        let cases = [
            ("2008-09-15T15:53:00.601Z", "2008-09-15T15:53:00.601Z"),
            ("2008-09-15T15:53:00.601+00:00", "2008-09-15T15:53:00.601Z"),
            ("2008-09-15T15:53:00+02:30", "2008-09-15T13:23:00Z"),
            ("2008-09-15T15:53:00-0500", "2008-09-15T20:53:00Z"),
            ("2008-09-15T15:53:00-05", "2008-09-15T20:53:00Z"),
            ("2008-09-15T15:53:00", "2008-09-15T15:53:00Z"),
            ("20080915T155300Z", "2008-09-15T15:53:00Z"),
            ("2008-09-15T15:53:00.1234567899999Z", "2008-09-15T15:53:00.123456789Z"),
            ("2999-12-31T23:59:59Z", "2999-12-31T23:59:59Z"),
        ];
        for (text, instant) in cases {
            assert_eq!(parse(text).map(|at| at.to_string()).as_deref(), Some(instant), "{text}");
        }
    }

    #[test]
    fn anything_else_is_not() {
        let cases = [
            "",
            "T",
            "should fail",
            "01/011/2015",
            "2008-09-15",
            "2008-09-15 15:53:00Z",
            "2008-13-15T15:53:00Z",
            "2008-09-15T25:53:00Z",
            "2008-09-15T15:53:00.601-00",
            "2008-09-15T15:53:00.601-0000",
            "2008-09-15T15:53:00.601-00:00",
            "2008-09-15T15:53:00Z[Europe/Berlin]",
            "2008-09-15T15:53:00+01:00[u-ca=gregory]",
            "2008-02-30T00:00:00Z",
            "2008-09-15T15:53:00+01:00:30",
            "2008-09-15T15:53:00+24:00",
            "+002008-09-15T15:53:00Z",
            "2008-09-15T15:53:00Z ",
        ];
        for text in cases {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
