//! People who can sign in.

use crate::service::{AccountId, AccountIssuer, App};
use base::ids;
pub use credit::Profession;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Commit, Document, Index, IndexKey, Key, Kind, Records, Result, StoreError, StoredDocument};

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Learner,
    /// Instructional designer: uploads and previews packages.
    Designer,
    /// CME coordinator: publishes activities, records decisions on holds, corrects and revokes credits.
    Coordinator,
}

impl Role {
    /// Its name, as tokens and the configuration have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Learner => "learner",
            Self::Designer => "designer",
            Self::Coordinator => "coordinator",
        }
    }
}

/// A person who can sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub id: AccountId,
    /// Who vouches for them.
    pub issuer: AccountIssuer,
    /// Their name at the issuer, never changing.
    pub subject: String,
    /// As a certificate shows it; a person without a name can take part but not be credited (V6).
    pub name: String,
    /// Of the family; empty if nobody said which part of the name that is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub family_name: String,
    /// The other part of the name; empty if nobody said it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub given_name: String,
    pub profession: Profession,
    pub roles: BTreeSet<Role>,
    pub created: Timestamp,
}

impl Account {
    /// The name as content is given it: family name, comma, given name (SCORM 1.2 RTE, `cmi.core.student_name`). Unless
    /// both are known, [`Account::name`] is divided by the custom of most names.
    pub fn family_name_first(&self) -> String {
        match (self.family_name.as_str(), self.given_name.as_str()) {
            ("", _) | (_, "") => divided(&self.name),
            (family, given) => format!("{family}, {given}"),
        }
    }
}

/// `name` with the family name first: the last word, and what a particle such as `van` begins. A single word stays as it is,
/// and so does a name with a comma, which has an order or a degree of its own, and a name in Chinese, Japanese or Korean,
/// which begins with the family name.
fn divided(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let is_east_asian = |c: char| ('\u{2e80}'..='\u{d7ff}').contains(&c);
    if words.len() < 2 || name.contains(',') || name.chars().any(is_east_asian) {
        return name.to_owned();
    }
    let is_particle = |word: &&str| word.starts_with(char::is_lowercase);
    let particle = words.iter().skip(1).position(is_particle).map(|after| after + 1);
    let (given, family) = words.split_at(particle.unwrap_or(words.len() - 1));
    format!("{}, {}", family.join(" "), given.join(" "))
}

impl Document for Account {
    const KIND: &'static Kind = &Kind { name: "account", indexes: &[Index { name: "subject", unique: true }] };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn index(&self) -> Vec<IndexKey> {
        vec![IndexKey { index: "subject", key: Key::of(&[&self.issuer, &self.subject]).into() }]
    }
}

/// A person as their issuer describes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who vouches.
    pub issuer: AccountIssuer,
    /// Their name at the issuer, never changing.
    pub subject: String,
    /// As a certificate shows it; may be empty (see [`Account::name`]).
    pub name: String,
    /// See [`Account::family_name`].
    pub family_name: String,
    /// See [`Account::given_name`].
    pub given_name: String,
    pub profession: Profession,
    pub roles: BTreeSet<Role>,
}

/// The longest name of a person, and the longest part of one, in characters.
pub const LONGEST_NAME: usize = 500;

/// Whether `text` can be a name of a person, or a part of one; empty if it is not known.
pub fn is_name(text: &str) -> bool {
    text.chars().count() <= LONGEST_NAME && !text.chars().any(char::is_control)
}

/// The account of `person`, created the first time they are seen; newer details from the issuer replace older ones.
///
/// Credit that was already awarded keeps the name that it was awarded under, which is in the credit record.
pub async fn find_or_create(app: &App, person: &Person) -> Result<Account> {
    // Two first requests of one person race for the unique subject; the loser reads what the winner wrote.
    match put(app, person).await {
        Err(StoreError::Taken { .. } | StoreError::Stale { .. }) => put(app, person).await,
        done => done,
    }
}

async fn put(app: &App, person: &Person) -> Result<Account> {
    let key = String::from(Key::of(&[&person.issuer, &person.subject]));
    let found = app.store.find::<Account>(&app.provider, "subject", &key).await?;
    let (account, write) = match found {
        Some(kept) if matches(&kept.document, person) => return Ok(kept.document),
        Some(mut kept) => {
            kept.document.name.clone_from(&person.name);
            kept.document.family_name.clone_from(&person.family_name);
            kept.document.given_name.clone_from(&person.given_name);
            kept.document.profession = person.profession;
            kept.document.roles.clone_from(&person.roles);
            let write = kept.replace()?;
            (kept.document, write)
        }
        None => {
            let account = Account {
                id: AccountId(ids::random()),
                issuer: person.issuer.clone(),
                subject: person.subject.clone(),
                name: person.name.clone(),
                family_name: person.family_name.clone(),
                given_name: person.given_name.clone(),
                profession: person.profession,
                roles: person.roles.clone(),
                created: app.clock.now(),
            };
            let write = account.insert()?;
            (account, write)
        }
    };
    app.store.commit(&app.provider, Commit { writes: vec![write], ..Commit::default() }).await?;
    Ok(account)
}

fn matches(account: &Account, person: &Person) -> bool {
    account.name == person.name
        && account.family_name == person.family_name
        && account.given_name == person.given_name
        && account.profession == person.profession
        && account.roles == person.roles
}

/// The account of this id.
pub async fn get(app: &App, id: AccountId) -> Result<Option<Account>> {
    Ok(stored(app, id).await?.map(|kept| kept.document))
}

/// The account of this id, with the version of its record.
pub(in crate::service) async fn stored(app: &App, id: AccountId) -> Result<Option<StoredDocument<Account>>> {
    app.store.get::<Account>(&app.provider, &id.to_string()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_which_the_parts_are_not_known_is_divided_by_custom() {
        for (name, expected) in [
            ("Dana Rivera", "Rivera, Dana"),
            ("Ada  King Lovelace", "Lovelace, Ada King"),
            ("Ludwig van Beethoven", "van Beethoven, Ludwig"),
            ("Suharto", "Suharto"),
            ("Rivera, Dana", "Rivera, Dana"),
            ("Dana Rivera, MD", "Dana Rivera, MD"),
            ("王 小明", "王 小明"),
            ("Анна Иванова", "Иванова, Анна"),
            ("", ""),
        ] {
            assert_eq!(divided(name), expected);
        }
    }
}
