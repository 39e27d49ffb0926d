//! The fonts of certificates: those in the program, which the build takes from npm, and those that the operator adds.

use krilla::Data;
use rustybuzz::ttf_parser;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use unicode_script::{Script, UnicodeScript};

/// A font file.
#[derive(Debug, Clone)]
pub(super) enum FontFile {
    Embedded(&'static [u8]),
    Added(Arc<Vec<u8>>),
}

impl FontFile {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Embedded(bytes) => bytes,
            Self::Added(bytes) => bytes,
        }
    }

    pub(super) fn data(&self) -> Data {
        match self {
            Self::Embedded(bytes) => (*bytes).into(),
            Self::Added(bytes) => Arc::clone(bytes).into(),
        }
    }
}

/// Which texts a font family is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Whatever it has.
    Any,
    /// Chinese characters as they are written in China, Japan and Korea: one code, different forms.
    Chinese,
    Japanese,
    Korean,
}

/// A font in the styles of a certificate.
#[derive(Debug, Clone)]
pub(super) struct Family {
    pub(super) purpose: Purpose,
    pub(super) regular: FontFile,
    pub(super) strong: FontFile,
    pub(super) italic: FontFile,
}

impl Family {
    /// One that has no italics.
    fn upright(regular: FontFile, strong: FontFile) -> Self {
        Self { purpose: Purpose::Any, italic: regular.clone(), regular, strong }
    }

    /// One that has a single weight.
    fn single(purpose: Purpose, file: &FontFile) -> Self {
        Self { purpose, ..Self::upright(file.clone(), file.clone()) }
    }
}

/// All fonts that certificates are set in, the preferred ones first.
#[derive(Debug, Clone)]
pub struct Fonts {
    pub(super) families: Vec<Family>,
}

/// A file of the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct FontError {
    pub path: String,
    pub reason: String,
}

/// A file that the build has put beside the program's code.
macro_rules! embedded {
    ($name:literal) => {{
        // A static, so that the bytes are in the program once.
        static BYTES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".ttf"));
        FontFile::Embedded(BYTES)
    }};
}

impl Fonts {
    /// Those in the program, all under the SIL Open Font License: Source Serif 4 for Latin, Greek and
    /// Cyrillic; for Arabic Scheherazade New, whose glyphs are letters, so that a reader can copy the text; Noto for the others.
    pub fn embedded() -> Self {
        let main = Family {
            purpose: Purpose::Any,
            regular: embedded!("main-regular"),
            strong: embedded!("main-strong"),
            italic: embedded!("main-italic"),
        };
        let families = vec![
            main,
            Family::upright(embedded!("arabic-regular"), embedded!("arabic-strong")),
            Family::upright(embedded!("hebrew-regular"), embedded!("hebrew-strong")),
            Family::upright(embedded!("devanagari-regular"), embedded!("devanagari-strong")),
            Family::upright(embedded!("thai-regular"), embedded!("thai-strong")),
            Family::single(Purpose::Chinese, &embedded!("chinese")),
            Family::single(Purpose::Japanese, &embedded!("japanese")),
            Family::single(Purpose::Korean, &embedded!("korean")),
        ];
        Self { families }
    }

    /// Those in the program, and after them these files, for characters that none before has.
    pub fn with(paths: &[PathBuf]) -> Result<Self, FontError> {
        let mut fonts = Self::embedded();
        paths.iter().try_for_each(|path| fonts.add(path))?;
        Ok(fonts)
    }

    pub(super) fn add(&mut self, path: &Path) -> Result<(), FontError> {
        let file = read(path).map_err(|reason| FontError { path: path.display().to_string(), reason })?;
        self.families.push(Family::single(Purpose::Any, &file));
        Ok(())
    }
}

fn read(path: &Path) -> Result<FontFile, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let face = ttf_parser::Face::parse(&bytes, 0).map_err(|error| error.to_string())?;
    if face.permissions() == Some(ttf_parser::Permissions::Restricted) {
        return Err("its license does not allow that it is embedded into documents".to_owned());
    }
    Ok(FontFile::Added(Arc::new(bytes)))
}

/// Letters that no font has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingLetters(pub(super) Vec<char>);

impl MissingLetters {
    /// The letters themselves.
    pub fn letters(&self) -> &[char] {
        &self.0
    }
}

/// Which they are and which font has them, as part of a sentence.
impl std::fmt::Display for MissingLetters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const SHOWN: usize = 5;
        let mut scripts: Vec<Script> = Vec::new();
        for script in self.0.iter().map(UnicodeScript::script) {
            if !scripts.contains(&script) {
                scripts.push(script);
            }
        }
        let names: Vec<_> = scripts.iter().map(|script| script.full_name().replace('_', " ")).collect();
        let shown: Vec<_> =
            self.0.iter().take(SHOWN).map(|letter| format!("{letter} (U+{:04X})", u32::from(*letter))).collect();
        let more = if self.0.len() > SHOWN { format!(" and {} more", self.0.len() - SHOWN) } else { String::new() };
        write!(
            f,
            "no font for {}{more}; a font for the script {} is needed, such as one of Google's Noto fonts",
            shown.join(", "),
            names.join(", ")
        )
    }
}
