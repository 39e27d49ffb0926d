//! A word on a colored background.

use std::borrow::Cow;
use std::fmt;

/// How good the news is, as the style sheet names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Neutral,
    Accent,
    Good,
    Warn,
    Bad,
}

impl fmt::Display for Tone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Neutral => "",
            Self::Accent => "accent",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        })
    }
}

/// A word with its tone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    pub tone: Tone,
    pub word: Cow<'static, str>,
}

impl Badge {
    /// A badge with this word.
    pub fn new(tone: Tone, word: impl Into<Cow<'static, str>>) -> Self {
        Self { tone, word: word.into() }
    }
}
