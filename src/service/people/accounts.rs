//! People who can sign in.

use crate::service::{Account, AccountId, AccountIssuer, App, Profession, Role};
use base::ids;
use std::collections::BTreeSet;
use store::{Commit, Records, Result, StoreError};

/// What the one who vouches for a person says about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who vouches.
    pub issuer: AccountIssuer,
    /// Their name at the issuer, never changing.
    pub subject: String,
    /// As a certificate shows it; may be empty (see [`Account::name`]).
    pub name: String,
    pub profession: Profession,
    pub roles: BTreeSet<Role>,
}

/// The account of `person`, made at the first sight of them; the issuer's newer word replaces its older one.
///
/// Credit that was already awarded keeps the name that it was awarded under: it stands in the credit record.
pub async fn find_or_create(app: &App, person: &Person) -> Result<Account> {
    // Two first requests of one person race for the unique subject; the one that loses reads what the other wrote.
    match put(app, person).await {
        Err(StoreError::Taken { .. } | StoreError::Stale { .. }) => put(app, person).await,
        done => done,
    }
}

async fn put(app: &App, person: &Person) -> Result<Account> {
    let key = format!("{}\u{1f}{}", person.issuer, person.subject);
    let found = app.store.find::<Account>(&app.provider, "subject", &key).await?;
    let (account, write) = match found {
        Some(kept) if says(&kept.document, person) => return Ok(kept.document),
        Some(mut kept) => {
            kept.document.name.clone_from(&person.name);
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
                profession: person.profession,
                roles: person.roles.clone(),
                created: app.clock.now(),
            };
            let write = store::Document::insert(&account)?;
            (account, write)
        }
    };
    app.store.commit(&app.provider, Commit { writes: vec![write], ..Commit::default() }).await?;
    Ok(account)
}

fn says(account: &Account, person: &Person) -> bool {
    account.name == person.name && account.profession == person.profession && account.roles == person.roles
}

/// The account of this id.
pub async fn get(app: &App, id: AccountId) -> Result<Option<Account>> {
    Ok(app.store.get::<Account>(&app.provider, &id.to_string()).await?.map(|kept| kept.document))
}
