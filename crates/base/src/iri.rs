//! IRIs (RFC 3987), as far as the standard requires them (Part 2 §2.2 and §4.3).

use core::net::Ipv6Addr;

/// Whether `text` is an absolute IRI (RFC 3987 §2.2): a scheme, a colon, and at least one character more; an authority of the
/// form that the RFC has; private-use characters in the query alone. An `http` IRI names a host (RFC 9110 §4.2.1).
///
/// Looser than the RFC in one thing, which real identifiers need: `[`, `]` and `#` may also be where it wants them escaped.
pub fn is_iri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let (rest_of_it, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (path, query) = rest_of_it.split_once('?').unwrap_or((rest_of_it, ""));
    is_scheme(scheme)
        && !rest.is_empty()
        && is_public_text(path)
        && is_public_text(fragment)
        && is_iri_text(query)
        && query.chars().all(|c| is_ucschar(c) || is_private(c))
        && path.strip_prefix("//").is_none_or(|after| {
            let authority = after.split_once('/').map_or(after, |(authority, _)| authority);
            host(authority).is_some_and(|host| !host.is_empty() || !is_http(scheme))
        })
}

/// Whether `text` was an IRI by the looser rule that statements were accepted by before [`is_iri`]: what they name can still be
/// asked for.
pub fn is_stored_iri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| is_scheme(scheme) && !rest.is_empty() && is_iri_text(rest))
}

fn is_scheme(text: &str) -> bool {
    text.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

fn is_http(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}

/// The host of an authority (§2.2 `iauthority`), if it is one. Its characters were checked before.
fn host(authority: &str) -> Option<&str> {
    let (user, place) = authority.split_once('@').unwrap_or(("", authority));
    let (host, port) = match place.strip_prefix('[').and_then(|after| after.split_once(']')) {
        Some((literal, after)) => (literal, after),
        None => place.split_at_checked(place.find(':').unwrap_or(place.len()))?,
    };
    let is_literal = place.starts_with('[');
    let is_host = if is_literal { is_ip_literal(host) } else { !host.contains(['[', ']', '@']) };
    let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(|p| p.bytes().all(|b| b.is_ascii_digit()));
    (is_host && is_port && !user.contains(['[', ']'])).then_some(host)
}

/// What may be in brackets (RFC 3986 §3.2.2): an IPv6 address, or one of a version to come.
fn is_ip_literal(text: &str) -> bool {
    let Some(future) = text.strip_prefix(['v', 'V']) else { return text.parse::<Ipv6Addr>().is_ok() };
    future.split_once('.').is_some_and(|(version, address)| {
        !version.is_empty() && version.bytes().all(is_hex) && !address.is_empty() && address.bytes().all(is_plain)
    })
}

/// `unreserved`, `sub-delims` or a colon.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:".contains(&byte)
}

fn is_public_text(text: &str) -> bool {
    is_iri_text(text) && (text.is_ascii() || text.chars().all(is_ucschar))
}

/// ASCII, or `ucschar` of §2.2.
fn is_ucschar(c: char) -> bool {
    match u32::from(c) {
        code @ 0x1_0000..=0xE_FFFF => code & 0xFFFF < 0xFFFE && !(0xE_0000..=0xE_0FFF).contains(&code),
        code => matches!(code, 0..=0x7F | 0xA0..=0xD7FF | 0xF900..=0xFDCF | 0xFDF0..=0xFFEF),
    }
}

/// `iprivate` of §2.2.
fn is_private(c: char) -> bool {
    matches!(u32::from(c), 0xE000..=0xF8FF | 0xF_0000..=0xF_FFFD | 0x10_0000..=0x10_FFFD)
}

/// Every ASCII character is one that RFC 3987 §2.2 allows somewhere, and every `%` begins an escape.
fn is_iri_text(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let fits = match byte {
            b'%' => bytes.next().is_some_and(is_hex) && bytes.next().is_some_and(is_hex),
            0..=b' ' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | 0x7f => false,
            _ => true,
        };
        if !fits {
            return false;
        }
    }
    true
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

/// Whether `text` is a mailto IRI with exactly one address (Part 2 §2.4.2.3).
pub fn is_mailto(text: &str) -> bool {
    is_mailto_of(text, is_public_text)
}

/// Whether `text` was one by the rule of [`is_stored_iri`].
pub fn is_stored_mailto(text: &str) -> bool {
    is_mailto_of(text, is_iri_text)
}

fn is_mailto_of(text: &str, fits: impl Fn(&str) -> bool) -> bool {
    let Some((local, domain)) = text.strip_prefix("mailto:").and_then(|address| address.rsplit_once('@')) else {
        return false;
    };
    !local.is_empty() && !domain.is_empty() && fits(local) && fits(domain) && !text.contains(',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_iri_has_a_scheme_and_no_forbidden_character() {
        for text in
            ["http://example.com/a", "urn:x", "tag:a@b,2020:c", "https://ex.com/ü?q=%20#f", "mailto:a@b.c", "a:b"]
        {
            assert!(is_iri(text), "{text}");
        }
        for text in
            ["", "http", "http:", "ab=c://x", "should fail", "/a", "1a:b", ":b", "http://a b", "a:%2", "a:<b>", "a:b\n"]
        {
            assert!(!is_iri(text), "{text}");
            assert!(!is_stored_iri(text), "{text}");
        }
    }

    /// What RFC 3987 has, and what was accepted before and is refused now.
    #[test]
    fn an_authority_and_private_characters_are_where_the_rfc_has_them() {
        for text in [
            "http://u:p@example.com:8080/a",
            "http://example.com:/a",
            "http://[2001:db8::1]:80/a",
            "http://[::ffff:192.0.2.1]",
            "http://[v1.a:b]/",
            "https://例え.テスト/道?名=\u{E000}\u{10FFFD}#断片",
            "file:///a",
            "x://",
            "urn:TheQuiz:scormdriver:5419",
            "http://a.example/b[1]#c#d",
            "http://a.example/x@y:z",
            "tag:\u{1F600}",
        ] {
            assert!(is_iri(text) && is_stored_iri(text), "{text}");
        }
        for text in [
            "http://TheQuiz-urn:scormdriver:5419",
            "http://",
            "HTTPS:///a",
            "http://?q",
            "http://:80/",
            "http://u@/",
            "http://a@b@c/",
            "http://a:8o/",
            "http://[::1/",
            "http://[::1]a/",
            "http://[1::2::3]/",
            "http://[v.a]/",
            "http://a[b]/",
            "urn:\u{E000}",
            "urn:a#\u{F8FF}",
            "http://a.example/\u{F0000}?x",
            "urn:\u{80}",
            "urn:\u{FFFE}",
            "urn:\u{1FFFF}",
            "urn:\u{E0001}",
            "urn:a?\u{FDD0}",
            "urn:a?\u{10FFFF}",
        ] {
            assert!(!is_iri(text), "{text}");
            assert!(is_stored_iri(text), "{text}");
        }
    }

    #[test]
    fn a_mailto_iri_names_one_address() {
        for text in ["mailto:a@b.c", "mailto:a+b@localhost", "mailto:ü@b.c"] {
            assert!(is_mailto(text), "{text}");
        }
        for text in [
            "a@b.c",
            "mailto:",
            "mailto:a",
            "mailto:@b",
            "mailto:a@",
            "MAILTO:a@b.c",
            "mailto: a@b.c",
            "mailto:a@b,c@d",
            "mailto:a@b,c",
        ] {
            assert!(!is_mailto(text), "{text}");
        }
        assert!(!is_mailto("mailto:\u{E000}@b.c") && is_stored_mailto("mailto:\u{E000}@b.c"));
    }
}
