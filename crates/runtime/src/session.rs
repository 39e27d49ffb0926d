//! A play session, whatever the standard: how content is played and entered, for whom, and how far it has come.

use serde::{Deserialize, Serialize};

/// How content is played (`cmi.core.lesson_mode`, SCORM 1.2 RTE §3.4.2.1.10).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// For credit.
    #[default]
    Normal,
    /// A look without a learner: nothing is recorded about anyone.
    Browse,
    /// A learner looks again at what is finished: nothing changes.
    Review,
}

impl Mode {
    /// As `cmi.core.lesson_mode` names it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Browse => "browse",
            Self::Review => "review",
        }
    }

    /// `cmi.core.credit` (RTE §3.4.2.1.5).
    pub(crate) const fn credit(self) -> &'static str {
        match self {
            Self::Normal => "credit",
            Self::Browse | Self::Review => "no-credit",
        }
    }
}

/// How content is entered (`cmi.core.entry`, RTE §3.4.2.1.7).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryMode {
    /// For the first time.
    #[default]
    AbInitio,
    /// Where it was left.
    Resume,
    /// Again, after it was finished.
    Again,
}

impl EntryMode {
    /// As `cmi.core.entry` names it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::AbInitio => "ab-initio",
            Self::Resume => "resume",
            Self::Again => "",
        }
    }
}

/// How far a visit has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Content has not called `LMSInitialize` yet.
    #[default]
    Opened,
    /// Between `LMSInitialize` and `LMSFinish`.
    Running,
    /// No request came for so long that the server suspended it. A late commit resumes it.
    Suspended,
    /// After `LMSFinish`.
    Ended,
}

/// For whom, and how, content is opened.
#[derive(Debug, Clone, Default)]
pub struct Opening {
    /// The learner's account id, or `preview`.
    pub learner_id: String,
    pub learner_name: String,
    pub mode: Mode,
}
