//! The steps to credit, and links to where something can be done.

/// A link to a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub href: String,
    pub text: String,
}

/// The state of a step, or of a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    Done,
    Now,
    Later,
    /// The learner cannot complete it.
    Stuck,
}

impl StepState {
    /// The value of `data-state` in the style sheet.
    pub fn style(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Now => "now",
            Self::Later => "todo",
            Self::Stuck => "failed",
        }
    }

    /// For people who do not see its mark.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Now => "now",
            Self::Later => "later",
            Self::Stuck => "not possible",
        }
    }

    /// Whether it is done.
    pub fn is_done(self) -> bool {
        self == Self::Done
    }

    /// Whether it is the one to do now.
    pub fn is_now(self) -> bool {
        self == Self::Now
    }
}
