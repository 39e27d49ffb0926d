//! `cmi.core.lesson_status`: one word of SCORM 1.2 for both completion and success.

use crate::status::{Completion, Status, Success};

impl Status {
    /// What a `cmi.core.lesson_status` means (SCORM 1.2 RTE §3.4.2.1.6). `failed` is not complete: it must not count for
    /// credit. `browsed` counts for nothing.
    pub fn of(lesson_status: &str) -> Self {
        let (completion, success) = match lesson_status {
            "passed" => (Completion::Completed, Success::Passed),
            "completed" => (Completion::Completed, Success::Unknown),
            "failed" => (Completion::Incomplete, Success::Failed),
            "incomplete" | "browsed" => (Completion::Incomplete, Success::Unknown),
            _ => (Completion::Unknown, Success::Unknown),
        };
        Self { completion, success }
    }

    /// What content receives when it starts again.
    pub fn lesson_status(self) -> &'static str {
        match (self.completion, self.success) {
            (_, Success::Passed) => "passed",
            (_, Success::Failed) => "failed",
            (Completion::Completed, Success::Unknown) => "completed",
            (Completion::Incomplete, Success::Unknown) => "incomplete",
            (Completion::Unknown, Success::Unknown) => "not attempted",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Status;

    #[test]
    fn every_word_of_scorm_12_keeps_its_meaning_and_nothing_reached_is_lost() {
        for (earlier, later, expected) in [
            ("not attempted", "incomplete", "incomplete"),
            ("incomplete", "browsed", "incomplete"),
            ("completed", "incomplete", "completed"),
            ("passed", "failed", "passed"),
            ("passed", "incomplete", "passed"),
            ("failed", "incomplete", "failed"),
            ("failed", "passed", "passed"),
            ("completed", "failed", "failed"),
            ("incomplete", "no such word", "incomplete"),
        ] {
            let both = Status::of(earlier).best(Status::of(later));
            assert_eq!(both.lesson_status(), expected, "{earlier} then {later}");
        }
    }
}
