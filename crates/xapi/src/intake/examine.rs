//! What the response would be to statements if they were sent: each is checked separately, by the rules of [`Intake`], so that the
//! faults of one do not hide those of another.

use super::{Intake, ListedAttachment, enclosed, not_json, not_utf8, refuse_second};
use crate::check::Check;
use crate::fault::{Code, Fault};
use crate::json::{Document, Kind, Value};
use crate::statement::statement;
use crate::{NewStatement, StatementId};
use std::collections::HashSet;

/// After this many faults, the remaining statements are not checked.
const MOST_FAULTS: usize = 10_000;

/// The result of checking one statement.
#[derive(Debug)]
pub struct Examination {
    /// Where the statement is in what was sent, as a JSON pointer.
    pub pointer: String,
    /// The id that it states.
    pub id: Option<StatementId>,
    pub verdict: Verdict,
}

/// Whether a statement would be accepted.
#[derive(Debug)]
pub enum Verdict {
    /// It keeps every rule. The attachments that it lists were not checked.
    Sound { prepared: Box<NewStatement>, enclosed: Vec<ListedAttachment> },
    /// It has these faults.
    Faulty(Vec<Fault>),
}

impl Intake<'_> {
    /// Checks one statement, or each of an array, and then names what prevents a check of all of them.
    pub fn examine(&self, body: &[u8]) -> (Vec<Examination>, Option<Fault>) {
        let Ok(text) = std::str::from_utf8(body) else { return (Vec::new(), Some(not_utf8())) };
        let document = match Document::read(text) {
            Ok(document) => document,
            Err(error) => return (Vec::new(), Some(not_json(&error))),
        };
        let root = document.root();
        let list: Vec<Value<'_>> = if root.kind() == Kind::Array { root.items().collect() } else { vec![root] };
        if list.len() > self.most {
            return (Vec::new(), Some(of_all(self.too_many())));
        }
        let (mut examined, mut ids, mut faults) = (Vec::new(), HashSet::new(), 0);
        for (index, value) in list.into_iter().enumerate() {
            if faults >= MOST_FAULTS {
                let message =
                    format!("there are {faults} faults; fix these, then the statements from {index} on are checked");
                return (examined, Some(of_all(message)));
            }
            let one = self.examine_one(text, value, &mut ids);
            if let Verdict::Faulty(found) = &one.verdict {
                faults += found.len();
            }
            examined.push(one);
        }
        (examined, None)
    }

    fn examine_one(&self, text: &str, value: Value<'_>, ids: &mut HashSet<StatementId>) -> Examination {
        let mut check = Check::by(self.version);
        let found = statement(value, &mut check);
        if let Some(found) = &found {
            refuse_second(found, ids, &mut check);
        }
        let id = found.as_ref().and_then(|statement| statement.id);
        let verdict = match found {
            Some(found) if check.faults.is_empty() => {
                Verdict::Sound { prepared: Box::new(self.prepare(text, &found)), enclosed: enclosed(&found).collect() }
            }
            _ => Verdict::Faulty(check.faults.into_vec()),
        };
        Examination { pointer: value.pointer(), id, verdict }
    }
}

/// A fault of the whole body.
fn of_all(message: String) -> Fault {
    Fault { pointer: String::new(), code: Code::Limit, message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Authority, Version};
    use uuid::Uuid;

    fn examine(body: &str) -> (Vec<Examination>, Option<Fault>) {
        let authority = Authority::account("http://lrs.example", "enduring");
        Intake { version: Version::V1, authority: &authority, most: 20, new_id: &Uuid::nil }.examine(body.as_bytes())
    }

    fn faults(examined: &Examination) -> usize {
        match &examined.verdict {
            Verdict::Sound { .. } => 0,
            Verdict::Faulty(faults) => faults.len(),
        }
    }

    #[test]
    fn the_faults_of_one_statement_do_not_hide_those_of_another() {
        // One more than the faults that a refusal lists at most.
        let many: Vec<String> = (0..1001).map(|n| format!("\"x{n}\":1")).collect();
        let (examined, whole) = examine(&format!("[{{{}}},{{}},{{\"id\":1}}]", many.join(",")));
        assert_eq!(whole, None);
        let found: Vec<_> = examined.iter().map(|one| (one.pointer.as_str(), faults(one))).collect();
        // Three members are missing from each; the third has an id that is no string.
        assert_eq!(found, [("/0", 1001), ("/1", 3), ("/2", 4)]);
    }

    #[test]
    fn what_is_no_statement_at_all_is_reported_once() {
        for body in ["", "{", "[1,]", "\u{0}"] {
            let (examined, whole) = examine(body);
            assert_eq!((examined.len(), whole.map(|fault| fault.code)), (0, Some(Code::Json)), "{body:?}");
        }
        assert_eq!(examine(&format!("[{}]", vec!["{}"; 21].join(","))).1.map(|fault| fault.code), Some(Code::Limit));
    }

    #[test]
    fn faults_without_end_are_cut_off_with_a_word() {
        let many: Vec<String> = (0..1100).map(|n| format!("\"x{n}\":1")).collect();
        let one = format!("{{{}}}", many.join(","));
        let (examined, whole) = examine(&format!("[{}]", vec![one; 12].join(",")));
        assert_eq!((examined.len(), whole.map(|fault| fault.code)), (10, Some(Code::Limit)));
    }
}
