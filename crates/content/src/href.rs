//! From a reference in a manifest to a file of the package.

use std::collections::BTreeMap;
use unicode_normalization::UnicodeNormalization as _;

/// A reference with every `xml:base` above it, in bytes; paths are far shorter.
const LONGEST: usize = 4_000;

/// The paths of a package, as references find them.
#[derive(Debug, Default)]
pub(crate) struct Paths {
    /// Every path by itself in lower case. The archive has no two that differ only by case.
    folded: BTreeMap<String, String>,
}

/// The file that a reference leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResolvedHref {
    /// The file, as the package names it.
    pub(crate) path: String,
    /// The query and fragment of the reference, with their `?` and `#`.
    pub(crate) suffix: String,
    pub(crate) spelling: Spelling,
}

/// How a reference is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    Right,
    /// With `\` for `/`.
    Backslash,
    /// With other upper and lower case than the file has.
    Case,
}

/// Why a reference leads to no file of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HrefError {
    /// There is nothing in it.
    Empty,
    /// No file has this path.
    Missing(String),
    /// It climbs out of the package, or starts at the root of a server.
    Escapes,
    /// A web page on another server.
    External,
    /// A scheme that runs or carries something instead of naming a file.
    Unsafe,
}

impl Paths {
    /// The paths of a package whose files are these.
    pub(crate) fn of<'a>(paths: impl Iterator<Item = &'a str>) -> Self {
        Self { folded: paths.map(|path| (path.to_lowercase(), path.to_owned())).collect() }
    }

    /// The file that `href` names, within `base`: every `xml:base` above it, outermost first.
    ///
    /// # Errors
    /// [`HrefError`] when it names none.
    pub(crate) fn find(&self, base: &[&str], href: &str) -> Result<ResolvedHref, HrefError> {
        let href = href.trim();
        if href.is_empty() {
            return Err(HrefError::Empty);
        }
        if base.iter().map(|base| base.len()).sum::<usize>() + href.len() > LONGEST {
            return Err(HrefError::Missing(href.to_owned()));
        }
        let mut located = String::new();
        for part in base.iter().map(|base| base.trim()).chain([href]).filter(|part| !part.is_empty()) {
            refuse_foreign(part)?;
            // An xml:base that names a folder without its final slash is meant as that folder.
            if !located.is_empty() && !located.ends_with(['/', '\\']) {
                located.push('/');
            }
            located.push_str(part);
        }
        let backslash = located.contains('\\');
        let located = located.replace('\\', "/");
        let name = located.split(['?', '#']).next().unwrap_or_default();
        let suffix = located.get(name.len()..).unwrap_or_default();

        let written = normal(name)?;
        let decoded = normal(&percent_decoded(name))?;
        let (path, exact) = self
            .by_name(&located)
            .map(|found| (found, ""))
            .or_else(|| self.by_name(&written).map(|found| (found, suffix)))
            .or_else(|| self.by_name(&decoded).map(|found| (found, suffix)))
            .map(|((path, exact), suffix)| ((path, suffix), exact))
            .ok_or(HrefError::Missing(decoded))?;
        let spelling = match (backslash, exact) {
            (true, _) => Spelling::Backslash,
            (false, true) => Spelling::Right,
            (false, false) => Spelling::Case,
        };
        Ok(ResolvedHref { path: path.0.to_owned(), suffix: path.1.to_owned(), spelling })
    }

    /// The file that a reference to the missing `path` most likely means: the only one of that name, or the page that tools
    /// start by.
    pub(crate) fn likely(&self, path: &str) -> Option<&str> {
        const STARTS: [&str; 8] = [
            "index_lms.html",
            "scormdriver/indexapi.html",
            "res/index.html",
            "index_scorm.html",
            "story.html",
            "index.html",
            "index.htm",
            "launch.html",
        ];
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_lowercase();
        let wanted = name(path);
        let mut same = self.folded.iter().filter(|(folded, _)| name(folded) == wanted).map(|(_, path)| path.as_str());
        match (same.next(), same.next()) {
            (Some(only), None) => Some(only),
            _ => STARTS.iter().find_map(|start| self.folded.get(*start)).map(String::as_str),
        }
    }

    /// The path that equals `name` but for case, and whether it equals it wholly.
    fn by_name(&self, name: &str) -> Option<(&str, bool)> {
        let path = self.folded.get(&name.to_lowercase())?;
        Some((path, path == name))
    }
}

/// Refuses references that name no file of a package at all.
fn refuse_foreign(reference: &str) -> Result<(), HrefError> {
    if reference.starts_with("//") || reference.starts_with("\\\\") {
        return Err(HrefError::Unsafe);
    }
    if reference.starts_with(['/', '\\']) {
        return Err(HrefError::Escapes);
    }
    let Some((scheme, _)) = reference.split_once(':') else { return Ok(()) };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    match scheme.to_ascii_lowercase().as_str() {
        _ if !is_scheme => Ok(()),
        "http" | "https" => Err(HrefError::External),
        drive if drive.len() == 1 => Err(HrefError::Escapes),
        _ => Err(HrefError::Unsafe),
    }
}

/// `path` without `.` and `..`, in NFC.
fn normal(path: &str) -> Result<String, HrefError> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or(HrefError::Escapes)?;
            }
            part => parts.push(part),
        }
    }
    Ok(parts.join("/").nfc().collect())
}

/// `text` with `%XX` decoded once, as UTF-8; unchanged where it is not that.
pub(crate) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let decoded = (byte == b'%').then(|| after.first_chunk::<2>()).flatten().and_then(|digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))
        });
        rest = if decoded.is_some() { after.get(2..).unwrap_or_default() } else { after };
        bytes.push(decoded.unwrap_or(byte));
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(base: &[&str], href: &str, expected: Result<(&str, &str, Spelling), HrefError>) {
        let paths = Paths::of(["index.html", "a/b c.html", "a/Näme.html", "q?x.html", "100%.html"].into_iter());
        let found = paths.find(base, href).map(|found| (found.path, found.suffix, found.spelling));
        assert_eq!(found, expected.map(|(path, suffix, spelling)| (path.into(), suffix.into(), spelling)), "{href}");
    }

    #[test]
    fn references_find_files_as_browsers_would_and_a_little_beyond() {
        use Spelling::{Backslash, Case, Right};
        check(&[], "index.html", Ok(("index.html", "", Right)));
        check(&[], " ./index.html?a=1#b ", Ok(("index.html", "?a=1#b", Right)));
        check(&["a/"], "b%20c.html", Ok(("a/b c.html", "", Right)));
        check(&["a"], "b c.html", Ok(("a/b c.html", "", Right)));
        check(&["a/", "x"], "../../index.html", Ok(("index.html", "", Right)));
        check(&[], "a\\b c.html", Ok(("a/b c.html", "", Backslash)));
        check(&[], "A/n\u{e4}me.html", Ok(("a/Näme.html", "", Case)));
        check(&[], "a/Na\u{308}me.html", Ok(("a/Näme.html", "", Right)));
        check(&[], "q?x.html", Ok(("q?x.html", "", Right)));
        check(&[], "100%.html", Ok(("100%.html", "", Right)));
    }

    #[test]
    fn references_that_leave_the_package_are_distinguished() {
        check(&[], "", Err(HrefError::Empty));
        check(&[], "other.html", Err(HrefError::Missing("other.html".into())));
        check(&[], "../../../etc/passwd", Err(HrefError::Escapes));
        check(&[], "%2e%2e/%2e%2e/etc/passwd", Err(HrefError::Escapes));
        check(&[], "%2e%2e%5cx", Err(HrefError::Escapes));
        check(&["../../"], "index.html", Err(HrefError::Escapes));
        check(&[], "/index.html", Err(HrefError::Escapes));
        check(&[], "C:\\x", Err(HrefError::Escapes));
        check(&[], "https://example.org/x", Err(HrefError::External));
        check(&["http://example.org/"], "x", Err(HrefError::External));
        check(&[], "//example.org/x", Err(HrefError::Unsafe));
        check(&[], "javascript:alert(1)", Err(HrefError::Unsafe));
        check(&[], "data:text/html,x", Err(HrefError::Unsafe));
    }
}
