//! Who is replaced, and by what.

use crate::Token;
use crate::actor::{Ifi, comparable_mbox};
use crate::check::parse_uuid;
use crate::token;
use serde_json::json;
use sha1::Digest as _;
use std::borrow::Cow;

/// A mention of fewer letters than this cannot be distinguished from chance.
const SHORTEST_MENTION: usize = 6;

/// A person, by everything that identifies them.
#[derive(Debug, Clone)]
pub struct Person {
    /// In the form in which they are compared; with each mailbox also its SHA-1, and that of the bare address.
    ifis: Vec<Ifi<'static>>,
    /// Strings that are the person, in lower case.
    identified: Vec<String>,
    /// Strings that a text about the person may contain, in lower case.
    mentioned: Vec<String>,
}

impl Person {
    /// The person whom each of `ifis` identifies, and who is called by `names`.
    pub fn new(ifis: &[Ifi<'_>], names: &[&str]) -> Self {
        let mut person = Self { ifis: Vec::new(), identified: Vec::new(), mentioned: Vec::new() };
        for ifi in ifis {
            person.know(ifi);
        }
        let long = |text: &&str| text.chars().count() >= SHORTEST_MENTION;
        person.mentioned.extend(names.iter().map(|name| name.trim()).filter(long).map(str::to_lowercase));
        person
    }

    fn know(&mut self, ifi: &Ifi<'_>) {
        if self.knows(ifi) {
            return;
        }
        match ifi {
            Ifi::Mbox(mbox) => {
                // A sender may have hashed the address as it was written, or with its domain in lower case.
                self.know_sums(mbox);
                let mbox = comparable_mbox(mbox).into_owned();
                let address = mbox.strip_prefix("mailto:").unwrap_or(&mbox).to_lowercase();
                self.called(&format!("mailto:{address}"), true);
                self.called(&address, true);
                self.know_sums(&mbox);
                self.know_sums(&format!("mailto:{address}"));
                self.ifis.push(Ifi::Mbox(mbox.into()));
            }
            Ifi::MboxSha1Sum(sum) => {
                let sum = sum.to_ascii_lowercase();
                self.called(&sum, true);
                self.ifis.push(Ifi::MboxSha1Sum(sum.into()));
            }
            Ifi::OpenId(openid) => {
                self.called(openid, true);
                self.ifis.push(Ifi::OpenId(openid.clone().into_owned().into()));
            }
            Ifi::Account { name, .. } => {
                // A number or a word may be somebody's account name and mean something else in a text.
                self.called(name, name.contains('@') || parse_uuid(name).is_some());
                self.ifis.push(ifi.clone().into_owned());
            }
        }
    }

    /// The hash of the IRI, as the standard has it, and of the address alone, as Open edX and others write it.
    fn know_sums(&mut self, mbox: &str) {
        for sum in sums_of(mbox) {
            self.know(&Ifi::MboxSha1Sum(sum.into()));
        }
    }

    fn called(&mut self, text: &str, is_identifier: bool) {
        let text = text.to_lowercase();
        if is_identifier {
            self.identified.push(text.clone());
        }
        if text.chars().count() >= SHORTEST_MENTION {
            self.mentioned.push(text);
        }
    }

    /// Everything that identifies the person.
    pub fn ifis(&self) -> &[Ifi<'static>] {
        &self.ifis
    }

    /// What statements that name the person anywhere are found by.
    pub fn tokens(&self) -> Vec<Token> {
        self.ifis.iter().map(token::related_agent).collect()
    }

    /// Whether `ifi` identifies the person. Of a mailbox, its SHA-1 and that of the address do too, whichever is known.
    pub fn is(&self, ifi: &Ifi<'_>) -> bool {
        match ifi {
            Ifi::Mbox(mbox) => {
                let mbox = comparable_mbox(mbox);
                self.knows(&Ifi::Mbox(Cow::Borrowed(&mbox)))
                    || (self.knows_sums()
                        && sums_of(&mbox).into_iter().any(|sum| self.knows(&Ifi::MboxSha1Sum(sum.into()))))
            }
            Ifi::MboxSha1Sum(sum) => self.knows(&Ifi::MboxSha1Sum(sum.to_ascii_lowercase().into())),
            Ifi::OpenId(_) | Ifi::Account { .. } => self.knows(ifi),
        }
    }

    fn knows(&self, ifi: &Ifi<'_>) -> bool {
        self.ifis.iter().any(|known| known == ifi)
    }

    fn knows_sums(&self) -> bool {
        self.ifis.iter().any(|known| matches!(known, Ifi::MboxSha1Sum(_)))
    }

    /// Whether `text` is an identifier of the person and nothing else.
    pub(super) fn is_identified(&self, text: &str) -> bool {
        self.identified.iter().any(|known| text.len() == known.len() && text.to_lowercase() == *known)
    }

    /// Whether `text` contains an identifier or a name of the person.
    pub fn is_mentioned(&self, text: &str) -> bool {
        if text.len() < SHORTEST_MENTION {
            return false;
        }
        let text = text.to_lowercase();
        self.mentioned.iter().any(|known| text.contains(known))
    }
}

/// The SHA-1 of a mailbox IRI, as `mbox_sha1sum` has it (Part 2 §2.4.2.3), and of its address without `mailto:`.
pub fn sums_of(mbox: &str) -> [String; 2] {
    [mbox, mbox.strip_prefix("mailto:").unwrap_or(mbox)].map(|text| hex::encode(sha1::Sha1::digest(text)))
}

/// What replaces a person: an account that nobody has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pseudonym {
    home_page: String,
    name: String,
}

impl Pseudonym {
    /// The account `name` at `home_page`.
    pub fn new(home_page: &str, name: &str) -> Self {
        Self { home_page: home_page.to_owned(), name: name.to_owned() }
    }

    /// What identifies it.
    pub fn ifi(&self) -> Ifi<'_> {
        Ifi::account(self.home_page.as_str(), self.name.as_str())
    }

    fn account(&self) -> serde_json::Value {
        json!({"homePage": self.home_page, "name": self.name})
    }

    /// As an Agent in a statement; `objectType` is there because an object needs it.
    pub(super) fn agent(&self) -> String {
        format!("{{\"objectType\":\"Agent\",\"account\":{}}}", self.account())
    }

    /// As a Group in a statement.
    pub(super) fn group(&self, members: &[String]) -> String {
        let account = self.account();
        if members.is_empty() {
            return format!("{{\"objectType\":\"Group\",\"account\":{account}}}");
        }
        format!("{{\"objectType\":\"Group\",\"account\":{account},\"member\":[{}]}}", members.join(","))
    }

    /// As a string.
    pub(super) fn text(&self) -> String {
        json!(self.name).to_string()
    }
}
