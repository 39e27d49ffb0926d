//! The rows of a list of findings: what an import, a check of statements or the integrity signals found.

use content::Severity;

/// The kind of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingKind {
    Error,
    Warning,
    Note,
    /// A person must look at it.
    Open,
    /// A person has decided about it.
    Decided,
}

impl FindingKind {
    /// The value of `data-state` in the style sheet.
    pub fn style(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "info",
            Self::Open => "held",
            Self::Decided => "done",
        }
    }

    /// One finding of this kind.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "Error",
            Self::Warning => "Warning",
            Self::Note => "Note",
            Self::Open => "Open",
            Self::Decided => "Decided",
        }
    }

    /// The heading over findings of this kind.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Error => "Errors",
            Self::Warning => "Warnings",
            Self::Note => "Good to know",
            Self::Open => "To be decided",
            Self::Decided => "Decided",
        }
    }

    /// How many findings of this kind there are: `2 warnings`; empty when there are none.
    pub fn counted(self, count: usize) -> String {
        let word = self.word().to_lowercase();
        match count {
            0 => String::new(),
            1 => format!("1 {word}"),
            count => format!("{count} {word}s"),
        }
    }
}

impl From<Severity> for FindingKind {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
            Severity::Info => Self::Note,
        }
    }
}
