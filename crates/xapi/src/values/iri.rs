//! IRIs (RFC 3987), as far as the standard requires them (Part 2 §2.2 and §4.3).

/// Whether `text` is an absolute IRI: a scheme, a colon, and at least one character that an IRI may have.
pub fn is_iri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| is_scheme(scheme) && !rest.is_empty() && is_iri_text(rest))
}

fn is_scheme(text: &str) -> bool {
    text.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// Every character is one that RFC 3987 §2.2 allows somewhere, and every `%` begins an escape.
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
    let Some((local, domain)) = text.strip_prefix("mailto:").and_then(|address| address.rsplit_once('@')) else {
        return false;
    };
    !local.is_empty() && !domain.is_empty() && is_iri_text(local) && is_iri_text(domain) && !text.contains(',')
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
    }
}
