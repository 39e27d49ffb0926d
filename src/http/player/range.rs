//! Ranges of a file (RFC 9110 §14): what video and audio elements request.

use std::ops::Range;

/// The part of a file that a `Range` header requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RequestedRange {
    /// All of it: no range, one that cannot be read, or several at once, which we need not serve.
    Whole,
    /// These bytes.
    Part(Range<u64>),
    /// Bytes that the file does not have.
    Beyond,
}

/// Reads the value of a `Range` header for a file of `size` bytes.
pub(super) fn requested_range(header: Option<&str>, size: u64) -> RequestedRange {
    let Some((first, last)) = header.and_then(|value| value.strip_prefix("bytes=")?.split_once('-')) else {
        return RequestedRange::Whole;
    };
    let range = match (bound(first), bound(last)) {
        (Bound::At(first), Bound::At(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Bound::At(first), Bound::Open) => first..size,
        (Bound::Open, Bound::At(length)) => size.saturating_sub(length)..size,
        _ => return RequestedRange::Whole,
    };
    if range.is_empty() { RequestedRange::Beyond } else { RequestedRange::Part(range) }
}

/// One side of the hyphen.
enum Bound {
    Open,
    At(u64),
    Odd,
}

fn bound(text: &str) -> Bound {
    match text.trim() {
        "" => Bound::Open,
        digits => digits.parse().map_or(Bound::Odd, Bound::At),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_served_and_anything_odd_is_the_whole() {
        for (header, expected) in [
            (None, RequestedRange::Whole),
            (Some("bytes=0-"), RequestedRange::Part(0..10)),
            (Some("bytes=0-0"), RequestedRange::Part(0..1)),
            (Some("bytes=4-6"), RequestedRange::Part(4..7)),
            (Some("bytes=4-600"), RequestedRange::Part(4..10)),
            (Some("bytes=-3"), RequestedRange::Part(7..10)),
            (Some("bytes=-30"), RequestedRange::Part(0..10)),
            (Some("bytes=10-"), RequestedRange::Beyond),
            (Some("bytes=10-12"), RequestedRange::Beyond),
            (Some("bytes=-0"), RequestedRange::Beyond),
            (Some("bytes=6-4"), RequestedRange::Whole),
            (Some("bytes=0-1,4-5"), RequestedRange::Whole),
            (Some("bytes=-"), RequestedRange::Whole),
            (Some("bytes=a-b"), RequestedRange::Whole),
            (Some("lines=0-1"), RequestedRange::Whole),
            (Some("bytes=18446744073709551615-18446744073709551615"), RequestedRange::Beyond),
        ] {
            assert_eq!(requested_range(header, 10), expected, "{header:?}");
        }
        assert_eq!(requested_range(Some("bytes=-1"), 0), RequestedRange::Beyond);
    }
}
