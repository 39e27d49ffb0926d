//! JSON text with positions: where each value is in the text, and how it was written.
//!
//! A statement is stored as the bytes received, so what reads it must know the place of a member, to put another value
//! there, and how a number was written, to compare it digit by digit. A deserializer provides neither. This reader does, in
//! one pass and one allocation: it lays the values on a flat *tape* in the order of the text. Escapes are left to
//! `serde_json`, and a property test holds the two to the same verdict on any text.
//!
//! Absent on purpose: a way to change a document. Changes are made to the text; see [`super::splice`].

use std::borrow::Cow;

/// Values nest at most this deep; deeper text is refused, so that no walk over it can exhaust the stack.
pub const MAX_DEPTH: usize = 100;

/// A JSON text that was read completely.
#[derive(Debug)]
pub struct Document<'t> {
    text: &'t str,
    tape: Vec<TapeEntry>,
}

#[derive(Debug, Clone, Copy)]
struct TapeEntry {
    /// The value's place in the text, in bytes.
    start: usize,
    end: usize,
    /// How many entries the value takes on the tape, itself included.
    span: usize,
    kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Null,
    Bool,
    Number,
    String(Spelling),
    Array,
    Object,
}

impl Kind {
    /// As a sentence calls it.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Number => "a number",
            Self::String(_) => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

/// Whether the text of a string is its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    Plain,
    Escaped,
}

/// Why a text is not JSON that is read here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the text is not valid JSON at line {line}, column {column}: {expected}")]
pub struct SyntaxError {
    /// Counted from 1.
    pub line: usize,
    /// In bytes, counted from 1.
    pub column: usize,
    pub expected: &'static str,
}

impl<'t> Document<'t> {
    /// Reads `text`, which must be one JSON value and nothing else (RFC 8259).
    pub fn read(text: &'t str) -> Result<Self, SyntaxError> {
        let mut reader = Parser { text, bytes: text.as_bytes(), at: 0, tape: Vec::with_capacity(text.len() / 12 + 8) };
        reader.space();
        reader.value(0).and_then(|()| reader.end()).map_err(|expected| reader.error(expected))?;
        Ok(Self { text, tape: reader.tape })
    }

    /// The outermost value.
    pub fn root(&self) -> Value<'_> {
        let nothing = TapeEntry { start: 0, end: 0, span: 1, kind: Kind::Null };
        Value { document: self, at: 0, entry: self.tape.first().copied().unwrap_or(nothing) }
    }
}

/// One value of a document.
#[derive(Debug, Clone, Copy)]
pub struct Value<'d> {
    document: &'d Document<'d>,
    at: usize,
    entry: TapeEntry,
}

impl<'d> Value<'d> {
    /// What it is.
    pub fn kind(self) -> Kind {
        self.entry.kind
    }

    /// Where it is in the text, in bytes.
    pub fn place(self) -> std::ops::Range<usize> {
        self.entry.start..self.entry.end
    }

    /// As it is written.
    pub fn raw(self) -> &'d str {
        self.document.text.get(self.place()).unwrap_or_default()
    }

    /// The value of a string.
    pub fn string(self) -> Option<Cow<'d, str>> {
        match self.entry.kind {
            Kind::String(Spelling::Plain) => {
                let inside = self.entry.start + 1..self.entry.end.saturating_sub(1);
                Some(Cow::Borrowed(self.document.text.get(inside).unwrap_or_default()))
            }
            Kind::String(Spelling::Escaped) => unescape(self.raw()).map(Cow::Owned),
            _ => None,
        }
    }

    /// The values of an array; none when it is no array.
    pub fn items(self) -> impl Iterator<Item = Value<'d>> {
        self.children(Kind::Array)
    }

    /// The members of an object, in their order, each time they occur; none when it is no object.
    pub fn members(self) -> impl Iterator<Item = Member<'d>> {
        let mut children = self.children(Kind::Object);
        std::iter::from_fn(move || Some(Member { key: children.next()?, value: children.next()? }))
    }

    /// The first member of this name.
    pub fn get(self, name: &str) -> Option<Value<'d>> {
        self.members().find(|member| member.name() == name).map(|member| member.value)
    }

    /// Its JSON pointer in the document (RFC 6901); of the name of a member, that of the member.
    pub fn pointer(self) -> String {
        let mut pointer = String::new();
        let mut place = self.document.root();
        while place.at != self.at {
            let Some((step, inner)) = place.step_towards(self.at) else { break };
            pointer.push('/');
            pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
            place = inner;
        }
        pointer
    }

    /// The child that contains the entry `at`, with its key or index.
    fn step_towards(self, at: usize) -> Option<(Cow<'d, str>, Value<'d>)> {
        let holds = |first: Value<'_>, last: Value<'_>| (first.at..last.at + last.entry.span).contains(&at);
        match self.entry.kind {
            Kind::Array => {
                let (index, item) = self.items().enumerate().find(|(_, item)| holds(*item, *item))?;
                Some((Cow::Owned(index.to_string()), item))
            }
            Kind::Object => {
                let member = self.members().find(|member| holds(member.key, member.value))?;
                Some((member.name(), member.value))
            }
            _ => None,
        }
    }

    fn children(self, kind: Kind) -> Children<'d> {
        let end = if self.entry.kind == kind { self.at + self.entry.span } else { self.at };
        Children { document: self.document, next: self.at + 1, end }
    }
}

/// A member of an object.
#[derive(Debug, Clone, Copy)]
pub struct Member<'d> {
    pub key: Value<'d>,
    pub value: Value<'d>,
}

impl<'d> Member<'d> {
    /// Its name, without escapes.
    pub fn name(&self) -> Cow<'d, str> {
        self.key.string().unwrap_or_default()
    }
}

struct Children<'d> {
    document: &'d Document<'d>,
    next: usize,
    end: usize,
}

impl<'d> Iterator for Children<'d> {
    type Item = Value<'d>;

    fn next(&mut self) -> Option<Value<'d>> {
        if self.next >= self.end {
            return None;
        }
        let at = self.next;
        let entry = *self.document.tape.get(at)?;
        self.next += entry.span;
        Some(Value { document: self.document, at, entry })
    }
}

fn unescape(quoted: &str) -> Option<String> {
    serde_json::from_str(quoted).ok()
}

struct Parser<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    tape: Vec<TapeEntry>,
}

/// What was expected where the text went wrong.
type Expected = &'static str;

impl Parser<'_> {
    fn value(&mut self, depth: usize) -> Result<(), Expected> {
        if depth > MAX_DEPTH {
            return Err("values are nested too deeply");
        }
        let (start, first) = (self.at, self.tape.len());
        self.tape.push(TapeEntry { start, end: start, span: 1, kind: Kind::Null });
        let kind = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Kind::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Kind::Bool)?,
            Some(b'f') => self.word("false", Kind::Bool)?,
            Some(b'n') => self.word("null", Kind::Null)?,
            _ => return Err("expected a value"),
        };
        let (end, span) = (self.at, self.tape.len() - first);
        if let Some(entry) = self.tape.get_mut(first) {
            *entry = TapeEntry { start, end, span, kind };
        }
        Ok(())
    }

    fn object(&mut self, depth: usize) -> Result<Kind, Expected> {
        self.at += 1;
        self.space();
        if self.take(b'}') {
            return Ok(Kind::Object);
        }
        loop {
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err("expected the name of a member, in double quotes");
            }
            let spelling = self.string()?;
            self.tape.push(TapeEntry { start, end: self.at, span: 1, kind: Kind::String(spelling) });
            self.space();
            if !self.take(b':') {
                return Err("expected a colon");
            }
            self.space();
            self.value(depth + 1)?;
            self.space();
            if self.take(b'}') {
                return Ok(Kind::Object);
            }
            if !self.take(b',') {
                return Err("expected a comma or the end of the object");
            }
            self.space();
        }
    }

    fn array(&mut self, depth: usize) -> Result<Kind, Expected> {
        self.at += 1;
        self.space();
        if self.take(b']') {
            return Ok(Kind::Array);
        }
        loop {
            self.value(depth + 1)?;
            self.space();
            if self.take(b']') {
                return Ok(Kind::Array);
            }
            if !self.take(b',') {
                return Err("expected a comma or the end of the array");
            }
            self.space();
        }
    }

    fn string(&mut self) -> Result<Spelling, Expected> {
        let start = self.at;
        self.at += 1;
        let mut spelling = Spelling::Plain;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    spelling = Spelling::Escaped;
                    self.at += 2;
                }
                Some(0..=0x1f) => return Err("expected control characters to be escaped within a string"),
                Some(_) => self.at += 1,
                None => return Err("expected the end of the string"),
            }
        }
        self.at += 1;
        let quoted = self.text.get(start..self.at);
        if spelling == Spelling::Escaped && quoted.and_then(unescape).is_none() {
            self.at = start;
            return Err("expected a string whose escapes are valid");
        }
        Ok(spelling)
    }

    fn number(&mut self) -> Result<Kind, Expected> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _sign = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Ok(Kind::Number)
    }

    fn digits(&mut self) -> Result<(), Expected> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err("expected a digit") } else { Ok(()) }
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<Kind, Expected> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err("expected a value");
        }
        self.at += word.len();
        Ok(kind)
    }

    fn end(&mut self) -> Result<(), Expected> {
        self.space();
        if self.at < self.bytes.len() { Err("expected the end of the text") } else { Ok(()) }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn error(&self, expected: Expected) -> SyntaxError {
        let before = self.bytes.get(..self.at).unwrap_or(self.bytes);
        let line = before.split(|byte| *byte == b'\n').count();
        let column = before.rsplit(|byte| *byte == b'\n').next().map_or(0, <[u8]>::len) + 1;
        SyntaxError { line, column, expected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pointers(text: &str) -> Vec<String> {
        let document = Document::read(text).unwrap();
        let mut found = Vec::new();
        let mut rest = vec![document.root()];
        while let Some(value) = rest.pop() {
            found.push(format!("{} {}", value.pointer(), value.raw()));
            rest.extend(value.items());
            rest.extend(value.members().map(|member| member.value));
        }
        found.sort();
        found
    }

    #[test]
    fn every_value_knows_its_place_and_its_text() {
        assert_eq!(
            pointers(r#" {"a/b": [1.50, {"~":null}], "\u0063": ""} "#),
            [
                r#" {"a/b": [1.50, {"~":null}], "\u0063": ""}"#,
                r#"/a~1b [1.50, {"~":null}]"#,
                "/a~1b/0 1.50",
                r#"/a~1b/1 {"~":null}"#,
                "/a~1b/1/~0 null",
                r#"/c """#,
            ]
        );
    }

    #[test]
    fn an_error_names_line_and_column() {
        let error = Document::read("{\n  \"a\" 1}").unwrap_err();
        assert_eq!(error.to_string(), "the text is not valid JSON at line 2, column 7: expected a colon");
    }

    #[test]
    fn deep_nesting_is_refused() {
        let deep = |levels| "[".repeat(levels) + &"]".repeat(levels);
        assert!(Document::read(&deep(MAX_DEPTH)).is_ok());
        assert!(Document::read(&deep(100_000)).is_err());
    }

    proptest! {
        #[test]
        fn any_text_gets_the_verdict_of_serde_json(text in r#"([\[\]{}:, \n"\\0-9eE.+\-a-u/é]|true|false|null|"[a-z]*"|\\u[0-9a-fD]{4}){0,12}"#) {
            prop_assert_eq!(Document::read(&text).is_ok(), serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok());
        }
    }
}
