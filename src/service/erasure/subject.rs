//! Who is to be erased: everything that identifies one person.

use crate::service::{Account, AccountId, App};
use serde::{Deserialize, Serialize};
use store::{Key, Records as _, StoreError};
use xapi::actor::{ActorKind, actor};
use xapi::check::Check;
use xapi::fault::Fault;
use xapi::json::Document;
use xapi::pseudonym::Person;
use xapi::{Ifi, Version, iri};

/// A person, by their account and by every identifier of theirs. Stored only while an erasure is in progress.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Subject {
    pub(super) account: Option<AccountId>,
    pub(super) identifiers: Vec<Identifier>,
    names: Vec<String>,
}

/// An inverse functional identifier, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Identifier {
    Mbox(String),
    MboxSha1Sum(String),
    Openid(String),
    Account { home_page: String, name: String },
}

impl Identifier {
    fn of(ifi: &Ifi<'_>) -> Self {
        match ifi {
            Ifi::Mbox(mbox) => Self::Mbox(mbox.clone().into_owned()),
            Ifi::MboxSha1Sum(sum) => Self::MboxSha1Sum(sum.to_ascii_lowercase()),
            Ifi::OpenId(openid) => Self::Openid(openid.clone().into_owned()),
            Ifi::Account { home_page, name } => {
                Self::Account { home_page: home_page.clone().into_owned(), name: name.clone().into_owned() }
            }
        }
    }

    pub(super) fn ifi(&self) -> Ifi<'_> {
        match self {
            Self::Mbox(mbox) => Ifi::Mbox(mbox.into()),
            Self::MboxSha1Sum(sum) => Ifi::MboxSha1Sum(sum.into()),
            Self::Openid(openid) => Ifi::OpenId(openid.into()),
            Self::Account { home_page, name } => Ifi::account(home_page.as_str(), name.as_str()),
        }
    }

    /// As a proof hashes it: the IRI or the digits; of an account, its home page, `|` and its name.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Mbox(text) | Self::MboxSha1Sum(text) | Self::Openid(text) => text.clone(),
            Self::Account { home_page, name } => format!("{home_page}|{name}"),
        }
    }
}

impl Subject {
    /// Nobody yet.
    pub(super) fn empty() -> Self {
        Self { account: None, identifiers: Vec::new(), names: Vec::new() }
    }

    /// The same person is also this account, here and at its issuer.
    pub(super) fn with_account(mut self, app: &App, account: &Account) -> Self {
        self.account = Some(account.id);
        // Content was given the second form, and may have repeated it.
        self.names.extend([account.name.clone(), account.family_name_first()]);
        self.add(&Ifi::account(app.config.url.as_str(), account.id.to_string()));
        if iri::is_stored_iri(account.issuer.as_str()) {
            self.add(&Ifi::account(account.issuer.as_str(), account.subject.as_str()));
        }
        self
    }

    /// The same person is also this identifier.
    pub(super) fn add(&mut self, ifi: &Ifi<'_>) {
        let identifier = Identifier::of(ifi);
        if !self.identifiers.contains(&identifier) {
            self.identifiers.push(identifier);
        }
    }

    /// As statements are searched for them.
    pub(super) fn person(&self) -> Person {
        let ifis: Vec<Ifi<'_>> = self.identifiers.iter().map(Identifier::ifi).collect();
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        Person::new(&ifis, &names)
    }
}

/// The identifier of an agent in JSON (Part 2 §2.4.2.1).
pub(super) fn agent(text: &str) -> Result<Ifi<'static>, String> {
    let document = Document::read(text).map_err(|error| error.to_string())?;
    let mut check = Check::of_names(Version::V2);
    let found = actor(document.root(), &mut check).filter(|found| found.kind == ActorKind::Agent);
    match (check.faults.into_vec().into_iter().next(), found.and_then(|found| found.ifi)) {
        (None, Some(ifi)) => Ok(ifi.into_owned()),
        (Some(Fault { message, .. }), _) => Err(message),
        (None, None) => Err("give an Agent with one of `mbox`, `mbox_sha1sum`, `openid` and `account`".to_owned()),
    }
}

/// The account that `ifi` names: by its id on this server, or by its name at its issuer.
pub(super) async fn account_of(app: &App, ifi: &Ifi<'_>) -> Result<Option<Account>, StoreError> {
    let Ifi::Account { home_page, name } = ifi else { return Ok(None) };
    let found = if *home_page == app.config.url.as_str() {
        app.store.get::<Account>(&app.provider, name).await?
    } else {
        app.store.find::<Account>(&app.provider, "subject", &String::from(Key::of(&[home_page, name]))).await?
    };
    Ok(found.map(|kept| kept.document))
}
