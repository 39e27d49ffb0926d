//! Keys of several parts, as records and their indexes are known by them.

use std::fmt::{self, Display};

/// Between two parts: a character that none of them has.
const SEPARATOR: char = '\u{1f}';

/// A key of several parts. Keys are compared byte by byte, so a key that begins with the same parts as another is beside it;
/// write times in RFC 3339 UTC and pad numbers, and those that differ in the next part are in its order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// The key that these parts make.
    pub fn of(parts: &[&dyn Display]) -> Self {
        let mut key = String::new();
        for (n, part) in parts.iter().enumerate() {
            if n > 0 {
                key.push(SEPARATOR);
            }
            key.push_str(&part.to_string());
        }
        Self(key)
    }

    /// What every key begins with that has these parts and more.
    pub fn beginning(parts: &[&dyn Display]) -> String {
        let Self(mut key) = Self::of(parts);
        key.push(SEPARATOR);
        key
    }

    /// The parts of a key as it is stored.
    pub fn parts(key: &str) -> impl Iterator<Item = &str> {
        key.split(SEPARATOR)
    }
}

impl Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Key> for String {
    fn from(Key(key): Key) -> Self {
        key
    }
}

impl AsRef<[u8]> for Key {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_stored_as_ever() {
        let key = String::from(Key::of(&[&"a", &format_args!("{:08}", 7), &"b"]));
        assert_eq!(key, "a\u{1f}00000007\u{1f}b");
        assert_eq!(Key::parts(&key).collect::<Vec<_>>(), ["a", "00000007", "b"]);
        assert_eq!(Key::beginning(&[&"a"]), "a\u{1f}");
        assert_eq!(String::from(Key::of(&[&"alone"])), "alone");
    }
}
