//! Putting a pseudonym in the place of a person, wherever a stored statement names them.
//!
//! An Actor that is the person is replaced whole, its `name` with it, wherever an Actor may occur: the places are those
//! that `agent` with `related_agents` looks at ([`token`]), and `authority`. A string that *is* an identifier of the person
//! is replaced within `result` and `extensions`. Every other byte stays.
//!
//! Text that only *contains* an identifier or a name is counted and left: it is somebody's words, and no program can say
//! what they would mean with a part cut out.

mod person;
#[cfg(test)]
mod tests;

pub use person::{Person, Pseudonym, sums_of};

use super::Token;
use super::actor::{Actor, ActorKind, Ifi, actor};
use super::check::Check;
use super::json::{Document, Value};
use super::splice::{Edits, Part};
use super::statement::{Sentence, Statement, statement};
use super::version::Version;
use super::{attachment, equivalence, signature, token};
use base::hash::Sha256;
use std::ops::Range;

/// What a stored statement has to do with a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pseudonymization {
    /// The statement without the person, if it named them.
    pub replaced: Option<Replacement>,
    /// Strings that contain an identifier or a name of the person, and stay as they are.
    pub mentions: u64,
    /// Attachments that are the person's own: those of what they did or what was done to them, and signatures of a
    /// statement that is replaced, since those repeat it.
    pub own: Vec<Sha256>,
    /// The other attachments.
    pub others: Vec<Sha256>,
}

/// A statement with a pseudonym in the place of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    pub text: String,
    /// See [`equivalence::digest`].
    pub digest: Sha256,
    /// See [`token::of`].
    pub tokens: Vec<Token>,
    /// How many Actors were the person.
    pub actors: u64,
    /// How many strings were an identifier of the person.
    pub texts: u64,
}

/// A stored statement that cannot be read as one: damage, since all were read before they were stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored bytes are not a statement")]
pub struct Error;

/// Reads a stored statement, and replaces `person` in it by `pseudonym`.
pub fn read(stored: &[u8], person: &Person, pseudonym: &Pseudonym) -> Result<Pseudonymization, Error> {
    let text = std::str::from_utf8(stored).map_err(|_| Error)?;
    let document = Document::read(text).map_err(|_| Error)?;
    let parts = Parts::of(document.root())?;
    let mut changes = Changes { person, pseudonym, replaced: Vec::new(), actors: 0, texts: 0, mentions: 0 };
    for named in parts.statement.sentences().flat_map(Sentence::actors).chain([&parts.authority]) {
        changes.actor(named);
    }
    changes.strings(document.root(), false);
    let (own, others) = attachments(&parts.statement, person, !changes.replaced.is_empty());
    let mentions = changes.mentions;
    Ok(Pseudonymization { replaced: changes.apply(text)?, mentions, own, others })
}

/// A stored statement, taken apart.
struct Parts<'d> {
    statement: Statement<'d>,
    authority: Actor<'d>,
}

impl<'d> Parts<'d> {
    /// By the rules of 2.0, which allow all that those of 1.0 do.
    fn of(root: Value<'d>) -> Result<Self, Error> {
        let mut check = Check::of_names(Version::V2);
        let statement = statement(root, &mut check).ok_or(Error)?;
        let authority = statement.given.authority.and_then(|value| actor(value, &mut check)).ok_or(Error)?;
        Ok(Self { statement, authority })
    }

    fn tokens(&self) -> Result<Vec<Token>, Error> {
        let authority = self.authority.ifis().next().ok_or(Error)?;
        Ok(token::of(&self.statement, authority))
    }
}

/// What is to be put where.
struct Changes<'a> {
    person: &'a Person,
    pseudonym: &'a Pseudonym,
    replaced: Vec<(Range<usize>, String)>,
    actors: u64,
    texts: u64,
    mentions: u64,
}

impl Changes<'_> {
    fn actor(&mut self, actor: &Actor<'_>) {
        if self.is_person(actor) {
            let text = self.written(actor);
            self.replaced.push((actor.value.place(), text));
        } else {
            actor.members.iter().for_each(|member| self.actor(member));
        }
    }

    fn is_person(&self, actor: &Actor<'_>) -> bool {
        actor.ifi.as_ref().is_some_and(|ifi| self.person.is(ifi))
    }

    /// An actor as it is written from now on.
    fn written(&mut self, actor: &Actor<'_>) -> String {
        if !self.is_person(actor) {
            return actor.value.raw().to_owned();
        }
        self.actors += 1;
        match actor.kind {
            ActorKind::Agent => self.pseudonym.agent(),
            ActorKind::Group => {
                let members: Vec<String> = actor.members.iter().map(|member| self.written(member)).collect();
                self.pseudonym.group(&members)
            }
        }
    }

    /// Looks at every string that is not part of a replaced actor; `free` says whether it is where any value is allowed.
    fn strings(&mut self, value: Value<'_>, free: bool) {
        if self.replaced.iter().any(|(place, _)| *place == value.place()) {
            return;
        }
        if let Some(text) = value.string() {
            return self.string(value, &text, free);
        }
        for member in value.members() {
            let name = member.name();
            self.mentions += u64::from(self.person.is_mentioned(&name));
            self.strings(member.value, free || matches!(&*name, "result" | "extensions"));
        }
        for item in value.items() {
            self.strings(item, free);
        }
    }

    fn string(&mut self, value: Value<'_>, text: &str, free: bool) {
        if free && self.person.is_identified(text) {
            self.texts += 1;
            self.replaced.push((value.place(), self.pseudonym.text()));
        } else if self.person.is_mentioned(text) {
            self.mentions += 1;
        }
    }

    fn apply(self, text: &str) -> Result<Option<Replacement>, Error> {
        if self.replaced.is_empty() {
            return Ok(None);
        }
        let mut edits = Edits::default();
        for (place, text) in self.replaced {
            edits.replace(place, [Part::Text(text)]);
        }
        let text = edits.apply(text, 0..text.len()).concat();
        let text = String::from_utf8(text).map_err(|_| Error)?;
        let document = Document::read(&text).map_err(|_| Error)?;
        let (digest, tokens) = (equivalence::digest(document.root()), Parts::of(document.root())?.tokens()?);
        drop(document);
        Ok(Some(Replacement { text, digest, tokens, actors: self.actors, texts: self.texts }))
    }
}

/// The attachments of a statement and of a SubStatement in it: the person's own, and the others.
fn attachments(statement: &Statement<'_>, person: &Person, is_replaced: bool) -> (Vec<Sha256>, Vec<Sha256>) {
    let (mut own, mut others) = (Vec::new(), Vec::new());
    for sentence in statement.sentences() {
        let theirs = sentence.principals().flat_map(Actor::ifis).any(|ifi: &Ifi<'_>| person.is(ifi));
        for attachment in &sentence.attachments {
            let signs = is_replaced && signature::is_signature(attachment);
            if let Some(name) = hash_of(attachment) {
                if theirs || signs { own.push(name) } else { others.push(name) }
            }
        }
    }
    (own, others)
}

fn hash_of(attachment: &attachment::Attachment<'_>) -> Option<Sha256> {
    attachment.sha2.parse().ok()
}
