//! Index tokens: what a statement can be found by, as one pure function of the statement (Part 3 §2.1.3).
//!
//! A store keeps `(provider, token, seq)` and knows no more. What each filter means is defined here and nowhere else; a
//! property test holds [`of`] to a slow reading of the standard.

use crate::{StatementId, Token};
#[cfg(test)]
pub(crate) mod tests;

use crate::actor::{Actor, Ifi, comparable_mbox};
use crate::statement::{Object, Sentence, Statement};
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use uuid::Uuid;

/// Statements whose actor or object is the agent or group, or a group that has it as a member: the `agent` filter.
pub fn agent(ifi: &Ifi<'_>) -> Token {
    actor_token("agent", ifi)
}

/// As [`agent`], and also authority, instructor, team, context agents and groups, and all these within a SubStatement:
/// `agent` with `related_agents`.
pub(crate) fn related_agent(ifi: &Ifi<'_>) -> Token {
    actor_token("related-agent", ifi)
}

/// Statements whose authority is this agent: what a credential may read that reads only its own.
pub fn authority(ifi: &Ifi<'_>) -> Token {
    actor_token("authority", ifi)
}

/// Statements with this verb: the `verb` filter.
pub fn verb(id: &str) -> Token {
    token("verb", &[id])
}

/// Statements whose object is this activity: the `activity` filter.
pub fn activity(id: &str) -> Token {
    token("activity", &[id])
}

/// As [`activity`], and also the context activities, and both within a SubStatement: `activity` with `related_activities`.
pub(crate) fn related_activity(id: &str) -> Token {
    token("related-activity", &[id])
}

/// Statements with this verb whose object is this activity: both filters at once, which is how reports query.
pub(crate) fn verb_and_activity(verb: &str, activity: &str) -> Token {
    token("verb-and-activity", &[verb, activity])
}

/// Statements with this registration: the `registration` filter.
pub fn registration(id: Uuid) -> Token {
    token("registration", &[id.as_hyphenated().encode_lower(&mut Uuid::encode_buffer())])
}

/// Statements whose object refers to this one. Not a filter of the standard: by it a page says what was said about a statement.
/// A statement has also the tokens of the one that it refers to, so a chain of references is found whole.
pub fn reference(target: StatementId) -> Token {
    token("reference", &[target.0.as_hyphenated().encode_lower(&mut Uuid::encode_buffer())])
}

/// Every token of `statement`, which `authority` vouches for; sorted, each once.
pub(crate) fn of(statement: &Statement<'_>, authority: &Ifi<'_>) -> Vec<Token> {
    let mut tokens = vec![self::authority(authority), related_agent(authority), verb(&statement.sentence.verb)];
    let sentence = &statement.sentence;
    tokens.extend(sentence.principals().flat_map(Actor::ifis).map(agent));
    tokens.extend(sentence.context.registration.map(registration));
    tokens.extend(statement.refers_to().map(reference));
    if let Object::Activity(object) = &sentence.object {
        tokens.push(activity(&object.id));
        tokens.push(verb_and_activity(&sentence.verb, &object.id));
    }
    for sentence in statement.sentences() {
        tokens.extend(sentence.actors().flat_map(Actor::ifis).map(related_agent));
        tokens.extend(sentence.context.activities.iter().map(|related| related_activity(&related.id)));
        if let Object::Activity(object) = &sentence.object {
            tokens.push(related_activity(&object.id));
        }
    }
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}

impl<'d> Sentence<'d> {
    /// Every actor that it names: its principals, instructor, team, context agents and groups.
    pub(crate) fn actors(&self) -> impl Iterator<Item = &Actor<'d>> {
        self.principals().chain(&self.context.actors)
    }

    /// Its actor, and its object when that is an actor too.
    pub(crate) fn principals(&self) -> impl Iterator<Item = &Actor<'d>> {
        std::iter::once(&self.actor).chain(match &self.object {
            Object::Actor(object) => Some(object),
            _ => None,
        })
    }
}

fn actor_token(role: &str, ifi: &Ifi<'_>) -> Token {
    match ifi {
        Ifi::Mbox(mbox) => token(role, &["mbox", &comparable_mbox(mbox)]),
        Ifi::MboxSha1Sum(sum) => token(role, &["mbox_sha1sum", &lower(sum)]),
        Ifi::OpenId(openid) => token(role, &["openid", openid]),
        Ifi::Account { home_page, name } => token(role, &["account", home_page, name]),
    }
}

fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) { text.to_ascii_lowercase().into() } else { text.into() }
}

/// Each part is preceded by its length, so that no two lists of parts make the same text.
fn token(role: &str, parts: &[&str]) -> Token {
    let mut hasher = Sha256::new_with_prefix(role);
    for part in parts {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part);
    }
    let mut token = [0; 16];
    token.iter_mut().zip(hasher.finalize()).for_each(|(to, from)| *to = from);
    Token(token)
}
