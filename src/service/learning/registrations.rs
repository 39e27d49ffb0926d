//! Registrations: a learner's instance of an activity, and what happens in it. The status of one is in `status`.

mod acts;
mod status;

pub use acts::{ActKind, OfficeAct};
pub(in crate::service) use status::active;
pub use status::{OfferingStatus, RegistrationStatus, record_decision, status};

use crate::service::catalogue::activities;
use crate::service::records::{originals, statements};
use crate::service::{Account, AccountId, AccountIssuer, ActivityVersion, App, RegistrationId, queues};
use base::ids;
use bytes::Bytes;
use credit::evidence::{Evidence, Facts, LoggedStatement};
use credit::rule_sets;
use credit::{Assurance, Event, Identity, RuleSetName, Subject};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Serialize};
use store::{
    Commit, CommitReceipt, Document, Index, IndexKey, Key, Kind, Order, Records as _, Scan, Seq, Span, StoreError,
    StoredDocument, StoredStatement,
};
use xapi::token;

/// One learner's instance of an activity. It pins the activity version, and through it the package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    pub id: RegistrationId,
    pub learner: AccountId,
    pub activity: String,
    pub version: u32,
    pub created: Timestamp,
    /// The rule set in force when it began; none is named in records older than the second set. What
    /// decides is what the log itself records.
    #[serde(default)]
    pub rules: RuleSetName,
    /// How often the learner had begun this version before; restarts alone make it more than 0.
    #[serde(default, skip_serializing_if = "is_first")]
    pub turn: u32,
    /// The registration that this one began again, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restarts: Option<RegistrationId>,
    /// The registration that began this one again, if one did. Nothing more happens in this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restarted_as: Option<RegistrationId>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes members by reference")]
fn is_first(turn: &u32) -> bool {
    *turn == 0
}

impl Registration {
    /// The key under which there is never a second registration; later turns of a version sort after it.
    fn unique_key(&self) -> String {
        let Self { learner, activity, version, turn, .. } = self;
        match turn {
            0 => Key::of(&[learner, activity, &format_args!("{version:08}")]).into(),
            _ => Key::of(&[learner, activity, &format_args!("{version:08}"), &format_args!("{turn:04}")]).into(),
        }
    }
}

impl Document for Registration {
    const KIND: &'static Kind = &Kind {
        name: "registration",
        indexes: &[
            Index { name: "learner", unique: false },
            Index { name: "activity", unique: false },
            Index { name: "learner-activity-version", unique: true },
        ],
    };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn index(&self) -> Vec<IndexKey> {
        let created = xapi::instant(self.created);
        vec![
            IndexKey { index: "learner", key: Key::of(&[&self.learner, &created]).into() },
            IndexKey { index: "activity", key: Key::of(&[&self.activity, &created]).into() },
            IndexKey { index: "learner-activity-version", key: self.unique_key() },
        ]
    }
}

/// Why something about a registration was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no registration has the id {0}; register the learner first")]
    Unknown(RegistrationId),
    #[error("the activity is released on {0}; register from that day on")]
    NotReleased(Date),
    #[error("the activity expired on {0} and takes no new learners; credit that was earned stays")]
    Expired(Date),
    #[error("no open signal of this registration has the id {0}; read the registration again")]
    NoSignal(String),
    #[error("give the reason for this decision in a sentence; an auditor will read it")]
    NoReason,
    #[error(
        "this registration began under the rule set {0}, which counts no attempts beyond the activity's policy; restart the \
         registration instead"
    )]
    NoGrants(RuleSetName),
    #[error(
        "the learner can still take the assessment, so there is nothing to grant; the page of the registration says what is missing"
    )]
    NotExhausted,
    #[error("this registration was restarted already; open the one that took its place")]
    Restarted(RegistrationId),
    #[error("a credit of this registration counts, so there is nothing to restart; revoke the credit first")]
    Credited,
    #[error("the provider's time zone cannot be used: {0}")]
    Zone(jiff::Error),
    #[error(transparent)]
    Rules(#[from] rule_sets::Error),
    #[error(transparent)]
    Activity(#[from] activities::Error),
    #[error(transparent)]
    Statements(#[from] statements::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Registers a learner for the current version of an activity. A learner who is registered already stays with the version
/// that they began, as long as it has not expired; changed facts about the account are recorded.
pub async fn register(app: &App, activity: &str, account: &Account) -> Result<Registration, Error> {
    let version = activities::current(app, activity).await?;
    let today = today(app)?;
    if let Some(registration) = running(app, activity, account, today).await? {
        note_identity(app, &registration, account).await?;
        return Ok(registration);
    }
    let dates = version.document.dates;
    if today < dates.released {
        return Err(Error::NotReleased(dates.released));
    }
    if today > dates.expires {
        return Err(Error::Expired(dates.expires));
    }
    let registration = Registration {
        id: RegistrationId(ids::random()),
        learner: account.id,
        activity: version.activity.clone(),
        version: version.version,
        created: app.clock.now(),
        rules: app.rule_sets.in_force(today).name.clone(),
        turn: 0,
        restarts: None,
        restarted_as: None,
    };
    let begin = Commit { writes: vec![registration.insert()?], ..Commit::default() };
    let events = vec![registered_event(&version, account)];
    match record_in(app, &registration, &version, events, begin).await {
        Ok(_) => Ok(registration),
        // Another request of the same learner was first.
        Err(Error::Store(StoreError::Taken { .. } | StoreError::Stale { .. })) => {
            let first = running(app, activity, account, today).await?;
            first.ok_or(Error::Unknown(registration.id))
        }
        Err(error) => Err(error),
    }
}

/// The learner's latest registration for the activity, unless the version that it pins has expired.
async fn running(app: &App, activity: &str, account: &Account, today: Date) -> Result<Option<Registration>, Error> {
    let prefix = Key::beginning(&[&account.id, &activity]);
    let span = Span { order: Order::Newest, ..Span::beginning("learner-activity-version", &prefix, 1) };
    let Some(kept) = app.store.list::<Registration>(&app.provider, span).await?.pop() else { return Ok(None) };
    let registration = kept.document;
    let version = activities::version(app, activity, registration.version).await?;
    let current = activities::current(app, activity).await?;
    let over = today > version.document.dates.expires && current.version != version.version;
    Ok((!over).then_some(registration))
}

/// Records the identity again when it differs from the log: a name that was missing, a profession that was corrected.
async fn note_identity(app: &App, registration: &Registration, account: &Account) -> Result<(), Error> {
    let version = activities::version(app, &registration.activity, registration.version).await?;
    let evidence = evidence(app, registration, &version).await?;
    if evidence.registered.is_some_and(|registered| registered.said == identity(account)) {
        return Ok(());
    }
    let events = vec![registered_event(&version, account)];
    record_in(app, registration, &version, events, Commit::default()).await?;
    Ok(())
}

pub(in crate::service) fn registered_event(version: &ActivityVersion, account: &Account) -> Event {
    Event::Registered { version: version.version, document: version.sha256, identity: identity(account) }
}

/// What a decision needs to know about an account.
fn identity(account: &Account) -> Identity {
    let assurance = match account.issuer {
        AccountIssuer::Demo => Assurance::Demo,
        AccountIssuer::Api => Assurance::Credential,
        AccountIssuer::Portal(_) => Assurance::Portal,
    };
    Identity { assurance, named: !account.name.trim().is_empty(), profession: account.profession }
}

/// `reason`, if there is one.
pub(in crate::service) fn stated(reason: &str) -> Result<String, Error> {
    let reason = reason.trim();
    if reason.is_empty() { Err(Error::NoReason) } else { Ok(reason.to_owned()) }
}

/// Writes what happened into the log, with the decision that is now due and whatever else is in `extra`, in one commit.
pub async fn record(
    app: &App,
    registration: &Registration,
    events: Vec<Event>,
    extra: Commit,
) -> Result<CommitReceipt, Error> {
    let version = activities::version(app, &registration.activity, registration.version).await?;
    record_in(app, registration, &version, events, extra).await
}

pub(in crate::service) async fn record_in(
    app: &App,
    registration: &Registration,
    version: &ActivityVersion,
    events: Vec<Event>,
    mut commit: Commit,
) -> Result<CommitReceipt, Error> {
    let now = app.clock.now();
    let subject = subject(app, registration, version);
    let bodies = events.iter().map(|event| event.statement(&subject, now)).collect();
    commit.statements.extend(statements::author(app, bodies)?);
    commit.due.push(queues::decide(registration.id, now));
    Ok(statements::commit(app, commit).await?)
}

/// What events in this registration are about.
pub(in crate::service) fn subject<'a>(
    app: &'a App,
    registration: &'a Registration,
    version: &'a ActivityVersion,
) -> Subject<'a> {
    Subject {
        base: &app.config.url,
        activity: &version.document,
        version: version.version,
        document: version.sha256,
        learner: registration.learner.0,
        registration: registration.id.0,
        rules: &registration.rules,
    }
}

/// The registration of this id.
pub async fn get(app: &App, id: RegistrationId) -> Result<Registration, Error> {
    Ok(kept(app, id).await?.document)
}

/// The registration of this id, with its version.
pub(in crate::service) async fn kept(app: &App, id: RegistrationId) -> Result<StoredDocument<Registration>, Error> {
    let kept = app.store.get::<Registration>(&app.provider, &id.to_string()).await?;
    kept.ok_or(Error::Unknown(id))
}

/// A learner's registrations, the last first.
pub async fn of_learner(app: &App, account: &Account) -> Result<Vec<Registration>, Error> {
    Ok(of_account(app, account.id).await?)
}

/// The registrations of the learner with this account, which may be gone; the last first.
pub(in crate::service) async fn of_account(app: &App, account: AccountId) -> Result<Vec<Registration>, StoreError> {
    let prefix = Key::beginning(&[&account]);
    let span = Span { order: Order::Newest, ..Span::beginning("learner", &prefix, Span::ALL) };
    let found = app.store.list::<Registration>(&app.provider, span).await?;
    Ok(found.into_iter().map(|kept| kept.document).collect())
}

/// The registrations for an activity, the last first.
pub async fn of_activity(app: &App, activity: &str, limit: usize) -> Result<Vec<Registration>, Error> {
    let span = Span { order: Order::Newest, ..Span::beginning("activity", &Key::beginning(&[&activity]), limit) };
    let found = app.store.list::<Registration>(&app.provider, span).await?;
    Ok(found.into_iter().map(|kept| kept.document).collect())
}

/// What is known about a registration before its statements are read.
pub(in crate::service) fn facts<'a>(
    app: &'a App,
    registration: &Registration,
    version: &'a ActivityVersion,
) -> Result<Facts<'a>, Error> {
    Ok(Facts {
        base: &app.config.url,
        activity: &version.document,
        version: version.version,
        document: version.sha256,
        package: version.package_sha256,
        required_items: &version.required_items,
        learner: registration.learner.0,
        registration: registration.id.0,
        zone: zone(app)?,
    })
}

async fn evidence(app: &App, registration: &Registration, version: &ActivityVersion) -> Result<Evidence, Error> {
    let log = log(app, registration.id).await?;
    let facts = facts(app, registration, version)?;
    Ok(app.rule_sets.of(&facts, &log)?.fold(&facts, &log))
}

/// Every statement of a registration, voided ones and those that void them included; in their
/// original form, on which credits were decided, where an erasure holds it.
pub(in crate::service) async fn log(app: &App, id: RegistrationId) -> Result<Vec<LoggedStatement<Bytes>>, StoreError> {
    Ok(log_after(app, id, Seq(0)).await?.log)
}

/// What was added to the log of a registration.
struct LogAddition {
    log: Vec<LoggedStatement<Bytes>>,
    /// Whether some of it is voided already: perhaps by a statement that came before it.
    is_voided: bool,
}

/// As [`log`], of what comes after `after`.
async fn log_after(app: &App, id: RegistrationId, after: Seq) -> Result<LogAddition, StoreError> {
    let mut added = redacted_log(app, id, after).await?;
    if !added.log.is_empty() {
        originals::restore(app, id, &mut added.log).await?;
    }
    Ok(added)
}

/// As [`log_after`], in the form that any reader of the log sees.
async fn redacted_log(app: &App, id: RegistrationId, mut after: Seq) -> Result<LogAddition, StoreError> {
    const PAGE: usize = 1000;
    let mut added = LogAddition { log: Vec::new(), is_voided: false };
    loop {
        let scan = Scan { after, ..Scan::everything(vec![token::registration(id.0)], PAGE) };
        let page = app.store.scan(&app.provider, scan).await?;
        let Some(last) = page.last() else { return Ok(added) };
        after = last.seq;
        let is_last = page.len() < PAGE;
        for StoredStatement { seq, id, stored, voided, bytes } in page {
            added.is_voided |= voided;
            added.log.push(LoggedStatement { seq: seq.0, id, stored, bytes });
        }
        if is_last {
            return Ok(added);
        }
    }
}

/// Today, where the provider is.
pub fn today(app: &App) -> Result<Date, Error> {
    Ok(at_the_provider(app, app.clock.now())?.date())
}

/// An instant, where the provider is.
pub fn at_the_provider(app: &App, at: Timestamp) -> Result<Zoned, Error> {
    Ok(at.to_zoned(zone(app)?))
}

fn zone(app: &App) -> Result<TimeZone, Error> {
    TimeZone::get(&app.config.provider.time_zone).map_err(Error::Zone)
}
