//! How large one statement may be. The standard sets no limit; without one, a single statement could cost as much to find,
//! to show and to refer to as a million others.

use super::check::Check;
use super::{Object, Sentence, Statement};
use crate::fault::Code;
use crate::json::Value;

/// The most bytes of one statement, as it is sent.
pub(crate) const MOST_BYTES: usize = 4 << 20;

/// The most agents, groups, members of groups, activities and attachments that one statement names together.
pub(crate) const MOST_NAMED: usize = 5000;

/// Whether a statement is short enough to be read at all; notes it if not.
pub(crate) fn is_short_enough(statement: Value<'_>, check: &mut Check) -> bool {
    let fits = statement.raw().len() <= MOST_BYTES;
    if !fits {
        let message = format!("one statement has at most {MOST_BYTES} bytes; send what is large as an attachment");
        check.faults.at(statement, Code::Limit, message);
    }
    fits
}

/// Notes that `statement` names more than this server takes.
pub(crate) fn check(statement: &Statement<'_>, check: &mut Check) {
    if statement.sentences().map(named).sum::<usize>() > MOST_NAMED {
        let message = format!(
            "one statement names at most {MOST_NAMED} agents, groups, activities and attachments; send several"
        );
        check.faults.at(statement.value, Code::Limit, message);
    }
}

fn named(sentence: &Sentence<'_>) -> usize {
    let object = match &sentence.object {
        Object::Actor(object) => Some(object),
        _ => None,
    };
    let actors = std::iter::once(&sentence.actor).chain(object).chain(&sentence.context.actors);
    let people: usize = actors.map(|actor| 1 + actor.members.len()).sum();
    people + sentence.context.activities.len() + sentence.attachments.len()
}
