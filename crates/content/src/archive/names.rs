//! Names inside an archive: which of them may be, and as which paths.

use crate::Limits;
use crate::findings::Code;
use unicode_normalization::UnicodeNormalization as _;

/// Why a name is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NameError {
    pub(super) code: Code,
    /// What the name does, as the end of a sentence that starts with the name.
    pub(super) because: &'static str,
}

/// `name` as a path of the package: NFC, parts joined by `/`, nothing that climbs or starts elsewhere.
///
/// A folder's name loses its final `/`. Backslashes are separators, as old Windows tools write them.
pub(super) fn path(name: &str, limits: &Limits) -> Result<String, NameError> {
    let refused = |code, because| Err(NameError { code, because });
    if name.len() > limits.path {
        return refused(Code::PathTooLong, "is longer than a path may be");
    }
    if name.chars().any(char::is_control) {
        return refused(Code::PathUnreadable, "has a control character in its name");
    }
    let name: String = name.nfc().map(|c| if c == '\\' { '/' } else { c }).collect();
    if name.starts_with('/') {
        return refused(Code::PathEscapes, "starts at the root of a disk");
    }
    if has_drive(&name) {
        return refused(Code::PathEscapes, "starts with a drive letter");
    }
    let mut parts = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => return refused(Code::PathEscapes, "climbs out of its folder by \"..\""),
            part => parts.push(part),
        }
    }
    if parts.is_empty() {
        return refused(Code::PathUnreadable, "has no name");
    }
    if parts.len() > limits.depth + 1 {
        return refused(Code::PathTooLong, "is nested deeper in folders than a file may be");
    }
    Ok(parts.join("/"))
}

/// Whether `name` begins with a drive letter and a separator, as `C:/`.
fn has_drive(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && characters.next() == Some(':')
        && matches!(characters.next(), None | Some('/'))
}

/// Files that tools and operating systems leave behind, and configuration of other servers: of no use to a course.
pub(super) fn is_junk(path: &str) -> bool {
    const FOLDERS: [&str; 4] = ["__macosx", ".git", ".svn", ".hg"];
    const FILES: [&str; 7] =
        [".ds_store", "thumbs.db", "desktop.ini", ".htaccess", ".htpasswd", "web.config", ".user.ini"];
    let path = path.to_lowercase();
    let file = path.rsplit('/').next().unwrap_or_default();
    FILES.contains(&file) || path.split('/').any(|part| FOLDERS.contains(&part))
}

/// Whether Windows could not keep a file of this path.
pub(super) fn is_not_portable(path: &str) -> bool {
    path.split('/').any(|part| {
        let stem = part.split('.').next().unwrap_or_default().to_ascii_lowercase();
        is_device(&stem) || part.ends_with(['.', ' ']) || part.contains(['<', '>', ':', '"', '|', '?', '*'])
    })
}

/// The names that MS-DOS reserved for devices.
fn is_device(stem: &str) -> bool {
    matches!(stem, "con" | "prn" | "aux" | "nul")
        || (stem.strip_prefix("com").or(stem.strip_prefix("lpt")))
            .is_some_and(|n| n.len() == 1 && n.chars().all(|c| matches!(c, '1'..='9')))
}

/// Whether a file of this path is a program for another kind of server.
pub(super) fn is_server_script(path: &str) -> bool {
    const ENDINGS: [&str; 9] = ["php", "phtml", "asp", "aspx", "jsp", "cgi", "shtml", "cfm", "pl"];
    path.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: Result<&str, Code>) {
        let path = path(name, &Limits::DEFAULT);
        assert_eq!(path.as_deref().map_err(|refused| refused.code), expected, "{name:?}");
    }

    #[test]
    fn paths_stay_inside() {
        check("a/b.html", Ok("a/b.html"));
        check("a\\b.html", Ok("a/b.html"));
        check("./a//b/", Ok("a/b"));
        check("e\u{301}.html", Ok("é.html"));
        check("a:b.html", Ok("a:b.html"));
        check("../a", Err(Code::PathEscapes));
        check("a/../../b", Err(Code::PathEscapes));
        check("a/../b", Err(Code::PathEscapes));
        check("..\\a", Err(Code::PathEscapes));
        check("/etc/passwd", Err(Code::PathEscapes));
        check("\\\\host\\share", Err(Code::PathEscapes));
        check("C:\\Windows\\evil.txt", Err(Code::PathEscapes));
        check("c:", Err(Code::PathEscapes));
        check("a\0b", Err(Code::PathUnreadable));
        check("a\nb", Err(Code::PathUnreadable));
        check("", Err(Code::PathUnreadable));
        check(&"d/".repeat(33), Ok("d/".repeat(33).trim_end_matches('/')));
        check(&"d/".repeat(34), Err(Code::PathTooLong));
        check(&"d".repeat(401), Err(Code::PathTooLong));
    }

    #[test]
    fn junk_devices_and_scripts_are_known_by_name() {
        for junk in ["__MACOSX/x", "a/.DS_Store", "Thumbs.db", ".htaccess", "b/WEB.CONFIG", ".git/config"] {
            assert!(is_junk(junk), "{junk}");
        }
        assert!(!is_junk("macosx/x.html"));
        for name in ["CON.html", "a:b.html", "trail./x.html", "com1", "a/lpt9.js"] {
            assert!(is_not_portable(name), "{name}");
        }
        for name in ["concert.html", "com10.js", "a.b.c"] {
            assert!(!is_not_portable(name), "{name}");
        }
        assert!(is_server_script("a/shell.PHP") && !is_server_script("php"));
    }
}
