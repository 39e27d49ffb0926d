//! The people of a demonstration: one for each role, signed in with one click.

use crate::service::people::accounts::{self, Person};
use crate::service::{Account, AccountIssuer, App, Profession, Role};
use std::collections::BTreeSet;
use store::Result;

/// A person to sign in as while `demo` is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoPerson {
    /// The last part of the link, `/demo/{key}`.
    pub key: &'static str,
    pub name: &'static str,
    /// Family name and given name.
    pub parts: (&'static str, &'static str),
    pub profession: Profession,
    pub role: Role,
    /// Who they are, without a full stop.
    pub purpose: &'static str,
}

/// All of them.
pub const PEOPLE: [DemoPerson; 5] = [
    DemoPerson {
        key: "learner",
        name: "Alex Morgan, MD",
        parts: ("Morgan", "Alex"),
        profession: Profession::Physician,
        role: Role::Learner,
        purpose: "A physician who takes an activity and claims credit",
    },
    DemoPerson {
        key: "nurse",
        name: "Jordan Reyes, RN",
        parts: ("Reyes", "Jordan"),
        profession: Profession::Nurse,
        role: Role::Learner,
        purpose: "A nurse who takes the same activity and receives a participation record",
    },
    DemoPerson {
        key: "designer",
        name: "Sam Okafor",
        parts: ("Okafor", "Sam"),
        profession: Profession::Other,
        role: Role::Designer,
        purpose: "An instructional designer who uploads and previews packages",
    },
    DemoPerson {
        key: "coordinator",
        name: "Robin Lindqvist",
        parts: ("Lindqvist", "Robin"),
        profession: Profession::Other,
        role: Role::Coordinator,
        purpose: "A CME coordinator who publishes activities and decides held completions",
    },
    DemoPerson {
        key: "second-coordinator",
        name: "Casey Tran",
        parts: ("Tran", "Casey"),
        profession: Profession::Other,
        role: Role::Coordinator,
        purpose: "A second CME coordinator, who approves what takes or gives credit by hand",
    },
];

/// The person of this key, while `demo` is on.
pub fn person(app: &App, key: &str) -> Option<DemoPerson> {
    PEOPLE.into_iter().find(|person| app.config.demo && person.key == key)
}

/// The sign-in links, for the operator who starts the server: the person's key and the address.
pub fn links(base: &str) -> impl Iterator<Item = (&'static str, String)> {
    PEOPLE.into_iter().map(move |person| (person.key, format!("{base}/demo/{}", person.key)))
}

/// The account of `person`.
pub async fn account(app: &App, person: DemoPerson) -> Result<Account> {
    let person = Person {
        issuer: AccountIssuer::Demo,
        subject: person.key.to_owned(),
        name: person.name.to_owned(),
        family_name: person.parts.0.to_owned(),
        given_name: person.parts.1.to_owned(),
        profession: person.profession,
        roles: BTreeSet::from([person.role]),
    };
    accounts::find_or_create(app, &person).await
}
