//! Requesting an erasure: first a dry run, then the request itself.

use super::subject::{self, Subject};
use super::{Counts, Erasure, ErasureId, HeldEvidence, Stage, Work, retention};
use crate::service::crediting::decisions;
use crate::service::learning::registrations;
use crate::service::people::accounts;
use crate::service::records::document_resources;
use crate::service::records::statements::server_authority;
use crate::service::{Account, AccountId, App, Registration, queues};
use base::hash::Sha256;
use base::ids;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Commit, Document as _, Records as _, Scan, Seq, StoreError, StoredDocument};
use uuid::Uuid;
use xapi::pseudonym::{self, Pseudonym};

/// Who is to be erased, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErasureRequest {
    /// Their account on this server.
    pub account: Option<Uuid>,
    /// Agents that are the same person, each with one identifier.
    #[serde(default)]
    pub agents: Vec<serde_json::Value>,
    /// Why. Auditors of the provider read it, so it names nobody.
    #[serde(default)]
    pub reason: String,
}

/// Why an erasure was not started.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("say whom to erase: by `account`, by `agents`, or both")]
    Nobody,
    #[error("no account has the id {0}; it may have been erased before, which the list of erasures shows")]
    UnknownAccount(Uuid),
    #[error("an account's id is a UUID; copy it from the learner's registration")]
    NotAnAccount,
    #[error("agent {place} is not valid: {why}")]
    NotAnAgent { place: usize, why: String },
    #[error("the agents belong to different accounts here; erase one person at a time")]
    Several,
    #[error("this is the agent by which this server itself vouches for evidence; it is not a person")]
    Server,
    #[error("say in a sentence why the person is erased; name nobody in it, because it is kept")]
    NoReason,
    #[error("the reason names the person; it is kept, so say why without saying who")]
    Names,
    #[error(transparent)]
    Decision(#[from] decisions::Error),
    #[error(transparent)]
    Registration(#[from] registrations::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What an erasure would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// Whether an account of this server would be removed.
    pub account: bool,
    /// How many identifiers the person has.
    pub identifiers: usize,
    /// What would be changed. Mentions are counted in statements that name the person; the erasure examines all others too.
    pub counts: Counts,
    /// What would be retained.
    pub held: Vec<HeldEvidence>,
}

/// A secret that is shown once, when an erasure is requested. SHA-256 of `RECEIPT`, a line feed and an identifier (a mail
/// address with `mailto:`, an OpenID, 40 digits, or `homePage|name`) is one of the proofs of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt(pub String);

/// How many times a request is retried while others change the account.
const ATTEMPTS: usize = 20;

/// What the erasure that `request` describes would do. Nothing is changed.
pub async fn preview(app: &App, request: &ErasureRequest) -> Result<Preview, Error> {
    let (subject, _) = resolve(app, request).await?;
    let mut preview =
        Preview { account: subject.account.is_some(), identifiers: subject.identifiers.len(), ..Preview::default() };
    let mut holding = BTreeSet::new();
    for registration in registrations_of(app, subject.account).await? {
        match retention::holding(app, registration.id, true).await? {
            Some(held) => {
                holding.insert(registration.id);
                preview.held.push(held);
            }
            None => preview.counts.registrations += 1,
        }
    }
    let person = subject.person();
    for ifi in person.ifis() {
        preview.counts.documents += document_resources::count_of_agent(app, ifi).await?;
    }
    let nobody = Pseudonym::new(&app.config.url, "");
    let mut seen = BTreeSet::new();
    for token in person.tokens() {
        let mut after = Seq(0);
        loop {
            let scan = Scan { after, ..Scan::everything(vec![token], super::log::PAGE) };
            let page = app.store.scan(&app.provider, scan).await?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            for stored in page.iter().filter(|stored| seen.insert(stored.seq)) {
                let Ok(reading) = pseudonym::read(&stored.bytes, &person, &nobody) else { continue };
                preview.counts.add(&reading);
                let evidence = super::log::evidence_in(app, stored).filter(|_| reading.replaced.is_some());
                let Some(registration) = evidence else { continue };
                if !holding.contains(&registration)
                    && let Some(held) = retention::holding(app, registration, false).await?
                {
                    holding.insert(registration);
                    preview.held.push(held);
                }
                preview.counts.held += u64::from(holding.contains(&registration));
            }
        }
    }
    Ok(preview)
}

/// Starts the erasure that `request` describes, on behalf of `by`. When this returns, the account no longer exists: whoever
/// signs in as the same person again gets a new one. Everything else is due work.
pub async fn begin(app: &App, request: &ErasureRequest, by: &str) -> Result<(Erasure, Receipt), Error> {
    let reason = request.reason.trim();
    if reason.is_empty() {
        return Err(Error::NoReason);
    }
    for _ in 0..ATTEMPTS {
        let (subject, account) = resolve(app, request).await?;
        if subject.person().is_mentioned(reason) {
            return Err(Error::Names);
        }
        // Credit that is due is recorded while there is still somebody to record it for.
        for registration in registrations_of(app, subject.account).await? {
            decisions::decide(app, registration.id).await?;
        }
        let receipt = Receipt(ids::secret());
        let erasure = erasure(app, subject, &receipt, by, reason);
        let mut writes = vec![erasure.insert()?];
        writes.extend(account.as_ref().map(StoredDocument::delete));
        let due = vec![queues::erase(erasure.id, app.clock.now())];
        match app.store.commit(&app.provider, Commit { writes, due, ..Commit::default() }).await {
            Ok(_) => return Ok((erasure, receipt)),
            // The account was changed meanwhile, or a credit was recorded for it.
            Err(StoreError::Stale { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Busy.into())
}

fn erasure(app: &App, subject: Subject, receipt: &Receipt, by: &str, reason: &str) -> Erasure {
    let proof = |text: String| Sha256::of(format!("{}\n{text}", receipt.0));
    Erasure {
        id: ErasureId(ids::random()),
        pseudonym: AccountId(ids::random()),
        requested: app.clock.now(),
        by: by.to_owned(),
        reason: reason.to_owned(),
        proofs: subject.identifiers.iter().map(|identifier| proof(identifier.text())).collect(),
        done: None,
        through: 0,
        counts: Counts::default(),
        mentioned: Vec::new(),
        held: Vec::new(),
        work: Some(Work { subject: Some(subject), stage: Stage::Registrations, blobs: BTreeSet::new() }),
    }
}

/// Everything that identifies the person, and their account as it is now.
async fn resolve(app: &App, request: &ErasureRequest) -> Result<(Subject, Option<StoredDocument<Account>>), Error> {
    let mut subject = Subject::empty();
    let mut account = match request.account {
        Some(id) => Some(accounts::get(app, AccountId(id)).await?.ok_or(Error::UnknownAccount(id))?),
        None => None,
    };
    for (n, value) in request.agents.iter().enumerate() {
        let ifi = subject::agent(&value.to_string()).map_err(|why| Error::NotAnAgent { place: n + 1, why })?;
        if ifi == *server_authority(app).ifi() {
            return Err(Error::Server);
        }
        if let Some(found) = subject::account_of(app, &ifi).await? {
            if account.as_ref().is_some_and(|known| known.id != found.id) {
                return Err(Error::Several);
            }
            account = Some(found);
        }
        subject.add(&ifi);
    }
    let Some(account) = account else {
        return if subject.identifiers.is_empty() { Err(Error::Nobody) } else { Ok((subject, None)) };
    };
    let kept = app.store.get::<Account>(&app.provider, &account.id.to_string()).await?;
    let kept = kept.ok_or(Error::UnknownAccount(account.id.0))?;
    Ok((subject.with_account(app, &kept.document), Some(kept)))
}

async fn registrations_of(app: &App, account: Option<AccountId>) -> Result<Vec<Registration>, StoreError> {
    match account {
        Some(account) => registrations::of_account(app, account).await,
        None => Ok(Vec::new()),
    }
}
