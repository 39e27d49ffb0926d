//! XML as an owned tree, for manifests: namespaces resolved, every element with its line and column.
//!
//! Document type declarations are refused, so nothing is ever expanded or fetched. Depth, nodes and attributes are
//! limited. Prefixes without a namespace are tolerated, since real tools write them, and noted.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Elements within elements.
const DEEPEST: usize = 64;
/// Elements and attributes of a document, together: what bounds the memory of its tree.
const MOST_PARTS: usize = 300_000;
/// Attributes of an element, and namespaces of a document.
const MOST_ATTRIBUTES: usize = 128;
/// A namespace, in bytes; what is longer names none that anyone knows, and comparing it would take its time.
const LONGEST_NAMESPACE: usize = 1_000;

/// A place in a document; both count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// A document that could be read.
#[derive(Debug)]
pub struct Document {
    pub root: Node,
    /// Every namespace that is declared somewhere, used or not.
    pub namespaces: BTreeSet<Arc<str>>,
    /// What is wrong with it but does not prevent reading it.
    pub oddities: Vec<Oddity>,
}

/// Something to warn about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Oddity {
    /// White space before the XML declaration.
    LeadingSpace,
    /// The bytes are not in the declared encoding and were read as windows-1252.
    NotAsDeclared { declared: &'static str },
    /// A prefix that no namespace is declared for.
    UnboundPrefix { prefix: String, place: Position },
}

/// Why a document could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// Not well-formed; a sentence about it.
    #[error("{message}")]
    Malformed { place: Position, message: String },
    /// It has a DOCTYPE.
    #[error("The file has a document type declaration (DOCTYPE).")]
    Dtd { place: Position },
    /// A limit of this module.
    #[error("The file is too complex: {what}.")]
    TooComplex { place: Position, what: &'static str },
}

impl XmlError {
    /// Where it is.
    pub fn place(&self) -> Position {
        match self {
            Self::Malformed { place, .. } | Self::Dtd { place } | Self::TooComplex { place, .. } => *place,
        }
    }
}

/// An element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its namespace; `None` when it has none or its prefix is unbound.
    pub namespace: Option<Arc<str>>,
    /// Its name without the prefix.
    pub name: String,
    pub attributes: Vec<Attribute>,
    pub children: Vec<Node>,
    /// All text directly inside, joined.
    pub text: String,
    /// Where its `<` is.
    pub place: Position,
}

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    pub namespace: Option<Arc<str>>,
    /// Its name without the prefix.
    pub name: String,
    pub value: String,
}

impl Node {
    /// The attribute of this local name, whatever its namespace.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|attribute| attribute.name == name).map(|attribute| attribute.value.as_str())
    }

    /// The attribute of this local name in any mix of upper and lower case.
    pub(crate) fn attribute_any_case(&self, name: &str) -> Option<&str> {
        let is_it = |attribute: &&Attribute| attribute.name.eq_ignore_ascii_case(name);
        self.attributes.iter().find(is_it).map(|attribute| attribute.value.as_str())
    }

    /// The value of an attribute that is an identifier or refers to one, with its white space collapsed as XML Schema
    /// Part 2 §4.3.6 says; `None` where nothing is left.
    pub(crate) fn id_attribute(&self, name: &str) -> Option<String> {
        let collapsed = self.attribute(name)?.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        (!collapsed.is_empty()).then_some(collapsed)
    }

    /// `xml:base`.
    pub(crate) fn base(&self) -> Option<&str> {
        const XML: &str = "http://www.w3.org/XML/1998/namespace";
        let is_base = |a: &&Attribute| a.name == "base" && a.namespace.as_deref() == Some(XML);
        self.attributes.iter().find(is_base).map(|attribute| attribute.value.as_str())
    }

    /// The children of this local name, whatever their namespace.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first child of this local name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The first child of this local name in any mix of upper and lower case.
    pub(crate) fn child_any_case(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name.eq_ignore_ascii_case(name))
    }

    /// The text inside, runs of white space made one space; `None` when there is none. What cannot be shown, such as the
    /// beginning of a terminal's command, becomes a replacement character.
    pub(crate) fn words(&self) -> Option<String> {
        let words: Vec<&str> = self.text.split_whitespace().collect();
        let shown = || words.join(" ").replace(char::is_control, "\u{fffd}");
        (!words.is_empty()).then(shown)
    }

    /// This element and all below it, in document order.
    pub fn walk(&self) -> impl Iterator<Item = &Self> {
        let mut waiting = vec![self];
        std::iter::from_fn(move || {
            let node = waiting.pop()?;
            waiting.extend(node.children.iter().rev());
            Some(node)
        })
    }
}

/// Reads a document.
///
/// # Errors
/// An [`XmlError`] with its position.
pub fn read(bytes: &[u8]) -> Result<Document, XmlError> {
    let mut oddities = Vec::new();
    let text = decode(bytes, &mut oddities);
    let content = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let skipped = text.len() - content.len();
    if skipped > 0 && content.starts_with("<?xml") && text.starts_with([' ', '\t', '\r', '\n']) {
        oddities.push(Oddity::LeadingSpace);
    }
    let mut builder = Builder {
        locator: Locator { text: &text, offset: 0, place: Position { line: 1, column: 1 } },
        skipped,
        open: Vec::new(),
        root: None,
        parts: 0,
        unbound: BTreeSet::new(),
        namespaces: BTreeSet::new(),
        oddities,
    };
    let root = builder.read(content)?;
    Ok(Document { root, namespaces: builder.namespaces, oddities: builder.oddities })
}

/// `bytes` as text, by byte order mark, by the look of UTF-16, or by the declared encoding (XML 1.0 appendix F).
fn decode(bytes: &[u8], oddities: &mut Vec<Oddity>) -> String {
    let encoding = match bytes {
        [0xff, 0xfe, ..] | [b'<', 0, ..] => UTF_16LE,
        [0xfe, 0xff, ..] | [0, b'<', ..] => UTF_16BE,
        [0xef, 0xbb, 0xbf, ..] => UTF_8,
        _ => declared_encoding(bytes),
    };
    let (text, failed) = encoding.decode_with_bom_removal(bytes);
    if !failed {
        return text.into_owned();
    }
    oddities.push(Oddity::NotAsDeclared { declared: encoding.name() });
    if encoding == UTF_8 { WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned() } else { text.into_owned() }
}

/// The encoding that the XML declaration names, if it is one whose declaration could have been read.
fn declared_encoding(bytes: &[u8]) -> &'static Encoding {
    let head = bytes.get(..bytes.len().min(256)).unwrap_or_default();
    let head = String::from_utf8_lossy(head);
    let declaration = head.trim_start().strip_prefix("<?xml").and_then(|rest| rest.split("?>").next());
    let label = declaration.and_then(|d| d.split_once("encoding")).and_then(|(_, rest)| {
        let rest = rest.trim_start().strip_prefix('=')?.trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        rest.split(quote).nth(1)
    });
    label
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        .filter(|encoding| encoding.is_ascii_compatible())
        .unwrap_or(UTF_8)
}

/// Finds lines and columns of offsets that only grow.
struct Locator<'t> {
    text: &'t str,
    offset: usize,
    place: Position,
}

impl Locator<'_> {
    fn at(&mut self, offset: usize) -> Position {
        let passed = self.text.get(self.offset..offset).unwrap_or_default();
        for character in passed.chars() {
            if character == '\n' {
                self.place = Position { line: self.place.line + 1, column: 1 };
            } else {
                self.place.column += 1;
            }
        }
        self.offset = self.offset.max(offset);
        self.place
    }
}

struct Builder<'t> {
    locator: Locator<'t>,
    /// Bytes of the text before what the reader sees.
    skipped: usize,
    open: Vec<Node>,
    root: Option<Node>,
    parts: usize,
    unbound: BTreeSet<String>,
    /// Kept once each: a name may be long, and every element has one.
    namespaces: BTreeSet<Arc<str>>,
    oddities: Vec<Oddity>,
}

impl Builder<'_> {
    fn read(&mut self, content: &str) -> Result<Node, XmlError> {
        let mut reader = NsReader::from_str(content);
        reader.config_mut().expand_empty_elements = true;
        reader.resolver_mut().set_max_namespace_bindings(MOST_ATTRIBUTES);
        loop {
            let start = self.skipped.saturating_add(usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX));
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    let at = usize::try_from(reader.error_position()).unwrap_or(usize::MAX);
                    let place = self.locator.at(self.skipped.saturating_add(at));
                    return Err(malformed(place, &words(&error)));
                }
            };
            let place = self.locator.at(start);
            match event {
                Event::Start(tag) => self.begin(&reader, &tag, place)?,
                Event::Empty(_) | Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
                Event::End(_) => self.end(),
                Event::Text(text) => self.text(&text.xml10_content(), place)?,
                Event::CData(text) => self.text(&text.xml10_content(), place)?,
                Event::GeneralRef(reference) => {
                    let character = character(&reference).map_err(|message| XmlError::Malformed { place, message })?;
                    self.text(character.encode_utf8(&mut [0; 4]), place)?;
                }
                Event::DocType(_) => return Err(XmlError::Dtd { place }),
                Event::Eof => return self.finish(place),
            }
        }
    }

    fn begin(&mut self, reader: &NsReader<&[u8]>, tag: &BytesStart<'_>, place: Position) -> Result<(), XmlError> {
        let too_complex = |what| Err(XmlError::TooComplex { place, what });
        self.parts += 1;
        if self.open.len() >= DEEPEST {
            return too_complex("its elements are nested more than 64 deep");
        }
        if self.root.is_some() {
            let message = format!("A second root element <{}> follows the first.", tag.name().as_ref());
            return Err(XmlError::Malformed { place, message });
        }
        let (namespace, name) = reader.resolver().resolve_element(tag.name());
        let namespace = self.namespace(&namespace, place);
        let mut node = Node {
            namespace,
            name: name.as_ref().to_owned(),
            attributes: Vec::new(),
            children: Vec::new(),
            text: String::new(),
            place,
        };
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| malformed(place, &error))?;
            self.parts += 1;
            if node.attributes.len() >= MOST_ATTRIBUTES {
                return too_complex("an element has more than 128 attributes");
            }
            let value =
                attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| malformed(place, &error))?;
            if attribute.key.as_namespace_binding().is_some() {
                self.known(&value);
                continue;
            }
            let (namespace, name) = reader.resolver().resolve_attribute(attribute.key);
            node.attributes.push(Attribute {
                namespace: self.namespace(&namespace, place),
                name: name.as_ref().to_owned(),
                value: value.into_owned(),
            });
        }
        if self.parts > MOST_PARTS {
            return too_complex("it has more than 300,000 elements and attributes");
        }
        self.open.push(node);
        Ok(())
    }

    fn namespace(&mut self, resolved: &ResolveResult<'_>, place: Position) -> Option<Arc<str>> {
        match resolved {
            ResolveResult::Bound(namespace) => self.known(namespace.as_ref()),
            ResolveResult::Unbound => None,
            ResolveResult::Unknown(prefix) => {
                if self.unbound.len() < MOST_ATTRIBUTES && self.unbound.insert(prefix.clone()) {
                    self.oddities.push(Oddity::UnboundPrefix { prefix: prefix.clone(), place });
                }
                None
            }
        }
    }

    /// The one copy of a namespace; `None` for one too long, and for what comes after the most that are kept.
    fn known(&mut self, namespace: &str) -> Option<Arc<str>> {
        if namespace.len() > LONGEST_NAMESPACE {
            return None;
        }
        if let Some(known) = self.namespaces.get(namespace) {
            return Some(Arc::clone(known));
        }
        if self.namespaces.len() >= MOST_ATTRIBUTES {
            return None;
        }
        let known: Arc<str> = namespace.into();
        self.namespaces.insert(Arc::clone(&known));
        Some(known)
    }

    fn end(&mut self) {
        let Some(node) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => self.root = Some(node),
        }
    }

    fn text(&mut self, text: &str, place: Position) -> Result<(), XmlError> {
        match self.open.last_mut() {
            Some(node) => node.text.push_str(text),
            None if text.trim_matches('\u{feff}').trim().is_empty() => {}
            None => {
                let message = "There is text outside of the root element.".to_owned();
                return Err(XmlError::Malformed { place, message });
            }
        }
        Ok(())
    }

    fn finish(&mut self, place: Position) -> Result<Node, XmlError> {
        let malformed = |message| Err(XmlError::Malformed { place, message });
        if let Some(open) = self.open.last() {
            let Position { line, column } = open.place;
            return malformed(format!("<{}> of line {line}, column {column} is never closed.", open.name));
        }
        match self.root.take() {
            Some(root) => Ok(root),
            None => malformed("The file has no root element.".to_owned()),
        }
    }
}

fn malformed(place: Position, error: &dyn std::fmt::Display) -> XmlError {
    XmlError::Malformed { place, message: format!("The file is not well-formed XML: {error}.") }
}

/// The reader's own message, without the names that it gives to kinds of errors.
fn words(error: &quick_xml::Error) -> String {
    match error {
        quick_xml::Error::Syntax(error) => error.to_string(),
        quick_xml::Error::IllFormed(error) => error.to_string(),
        error => error.to_string(),
    }
}

/// The character that a reference stands for: one by number, or one of the five that XML 1.0 §4.6 predefines.
fn character(reference: &BytesRef<'_>) -> Result<char, String> {
    let name = reference.xml10_content();
    match name.as_ref() {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        name => match reference.resolve_char_ref() {
            Ok(Some(character)) => Ok(character),
            Ok(None) => Err(format!("The entity &{name}; is not known in XML; write the character or its number.")),
            Err(error) => Err(format!("The file is not well-formed XML: {error}.")),
        },
    }
}
