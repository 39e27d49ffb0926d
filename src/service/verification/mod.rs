//! Verifying: recomputes every credit of a provider from the log and the pinned version, and every hash on the way.
//!
//! An auditor trusts the published key and nothing else. From there: each entry's signature and its place in the chain; the
//! evidence bundle by the hash that the entry signs; the activity document and the package's files by theirs; each statement
//! by the hash in the bundle; and last the decision itself, made again. Each difference is reported as a sentence.
//!
//! [`everything`] also checks what no credit rests on: the whole log, every record, every blob, and the store's own structures.

mod credit;
mod earned;
pub mod everything;
mod pages;

use crate::service::App;
use crate::service::erasure::ERASED;
use crate::service::erasure::{self, ErasureId};
use crate::service::ledger::credits::{self, CreditId, CreditRecord, CreditState, Reinstatement};
use crate::service::ledger::entries::{self, End};
use ::credit::JointDecision;
use ::credit::ledger::{BEGINNING, Credit, Deed, LedgerEntry, PublicKey, SealedEntry};
use base::hash::Sha256;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::archive::Archive;
use store::{Document as _, Record, Span, StoreError};
use uuid::Uuid;
use xapi::StatementId;

/// What verifying found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    pub provider: String,
    /// Entries of the ledger that were checked.
    pub entries: u64,
    /// Credits that were recomputed.
    pub credits: u64,
    /// Statements whose bytes were hashed again.
    pub statements: u64,
    /// The end of the ledger that was verified. Keep it elsewhere, and give it to the next verification: only that shows that
    /// later entries were removed together with everything that speaks of them.
    pub head: Option<LedgerHead>,
    /// The end of the sealed log, if any of it is sealed; to be kept as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<SealedLog>,
    /// The fingerprints of the keys that signed.
    pub keys: Vec<String>,
    /// What was examined besides, if everything was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub examined: Option<everything::Examined>,
    /// Credits whose evidence was released after an erasure, once its retention had passed.
    pub released: Vec<Difference>,
    pub differences: Vec<Difference>,
}

/// The last entry of a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LedgerHead {
    pub number: u64,
    pub hash: Sha256,
}

/// The last page of a sealed log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SealedLog {
    pub page: u64,
    /// The number of the last statement in it.
    pub last: u64,
    pub hash: Sha256,
}

/// What an auditor knows from elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Anchors {
    /// The hashes of entries that the ledger had at an earlier time, and of pages of the sealed log.
    pub heads: Vec<Sha256>,
    /// The fingerprints of the keys that may have signed; empty for those that the store names.
    pub keys: Vec<String>,
}

/// Something that is not as the ledger says, or can no longer be checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The entry of the ledger that it concerns.
    pub entry: Option<u64>,
    /// The credit that it concerns.
    pub credit: Option<Uuid>,
    /// A sentence that says what differs.
    pub message: String,
}

impl Report {
    /// Whether everything is as the ledger says.
    pub fn is_clean(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Why verifying could not be done at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Ledger(#[from] entries::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How many entries are read at once.
const PAGE: usize = 500;

/// The names of the providers that a store has something of.
pub async fn providers(archive: &dyn Archive) -> Result<Vec<String>, StoreError> {
    Ok(archive.providers().await?.iter().map(|provider| provider.as_str().to_owned()).collect())
}

/// Verifies the whole ledger of the provider.
pub async fn verify(app: &App) -> Result<Report, Error> {
    Ok(ledger(app, &Anchors::default()).await?.report)
}

/// As [`verify`], and compares with what is known from elsewhere.
pub async fn verify_against(app: &App, anchors: &Anchors) -> Result<Report, Error> {
    Ok(ledger(app, anchors).await?.report)
}

/// Plays the ledger from its beginning to its end.
async fn ledger<'a>(app: &'a App, anchors: &Anchors) -> Result<Audit<'a>, Error> {
    let mut audit = Audit::new(app, BTreeMap::new());
    let released = released(app).await;
    audit.released = audit.readable(released, "The erasures")?.unwrap_or_default();
    // What is appended while this runs is left for the next time.
    let end = entries::end(app).await;
    let nowhere = End { number: 0, hash: BEGINNING };
    let end = audit.readable(end, "The record of the end of the ledger")?.unwrap_or(nowhere);
    audit.ended_with = end.number;
    let keys = audit.keys(anchors).await?;
    let mut before = (0, BEGINNING);
    let mut noted: BTreeSet<Sha256> = anchors.heads.iter().copied().filter(|head| *head != BEGINNING).collect();
    'pages: loop {
        let start = before.0;
        let (page, is_whole) = match entries::page(app, before.0, PAGE).await {
            Ok(page) => (page, true),
            Err(error) => {
                audit.differs(None, None, format!("The ledger cannot be listed after entry {}: {error}.", before.0));
                (one_by_one(app, before.0, end.number).await, false)
            }
        };
        if page.is_empty() {
            break;
        }
        for sealed in &page {
            if sealed.number > end.number && entries::end(app).await.is_ok_and(|now| now.number > end.number) {
                break 'pages;
            }
            audit.report.entries += 1;
            match sealed.open(&keys, before) {
                Ok(entry) => audit.entry(&entry).await?,
                Err(broken) => audit.differs(Some(sealed.number), None, format!("Entry {}: {broken}.", sealed.number)),
            }
            noted.remove(&sealed.hash);
            before = (sealed.number, sealed.hash);
        }
        if before.0 <= start || !is_whole {
            break;
        }
    }
    audit.report.head = Some(LedgerHead { number: before.0, hash: before.1 });
    if (end.number, end.hash) != before {
        let message = format!(
            "The ledger ends with entry {}, and its own record says that it ends with entry {}: entries were removed or replaced.",
            before.0, end.number
        );
        audit.differs(None, None, message);
    }
    audit.pages(&keys, &mut noted).await?;
    for head in noted {
        let message = format!(
            "No entry of the ledger and no page of the sealed log has the hash {head}, which you noted before: since then, \
             some were removed or replaced."
        );
        audit.differs(None, None, message);
    }
    audit.records().await?;
    audit.earned().await?;
    Ok(audit)
}

/// The entries after `number` that can be read by their numbers.
async fn one_by_one(app: &App, number: u64, end: u64) -> Vec<SealedEntry> {
    let mut found = Vec::new();
    for number in number + 1..=end {
        found.extend(entries::entry(app, number).await.ok().flatten());
    }
    found
}

/// A credit that the ledger recorded, with the entry that did so and the one that ended it.
struct RecordedCredit {
    credit: Credit,
    entry: u64,
    at: Timestamp,
    ended: Option<CreditState>,
    reinstated: Option<Reinstatement>,
}

/// Verifying in progress: the ledger is played again from its beginning.
struct Audit<'a> {
    app: &'a App,
    report: Report,
    /// When it began.
    begun: Timestamp,
    /// The number with which the ledger ended then, by its own record.
    ended_with: u64,
    recorded: BTreeMap<Uuid, RecordedCredit>,
    /// The credits of each learner, in the order of the ledger.
    of_learner: BTreeMap<Uuid, Vec<Uuid>>,
    /// The addresses under which the credits were recorded, by their bundles: a command may not know them.
    bases: BTreeSet<String>,
    /// Packages whose files were checked already.
    packages: BTreeSet<Sha256>,
    /// Credits whose evidence was released, with the erasure that did and when.
    released: BTreeMap<Uuid, (ErasureId, Timestamp)>,
}

/// The credits whose evidence was released.
async fn released(app: &App) -> Result<BTreeMap<Uuid, (ErasureId, Timestamp)>, StoreError> {
    let mut released = BTreeMap::new();
    for erasure in erasure::list(app).await? {
        for held in &erasure.held {
            let of = held.released.map(|at| held.credits.iter().map(move |credit| (*credit, (erasure.id, at))));
            released.extend(of.into_iter().flatten());
        }
    }
    Ok(released)
}

impl<'a> Audit<'a> {
    fn new(app: &'a App, released: BTreeMap<Uuid, (ErasureId, Timestamp)>) -> Self {
        let report = Report { provider: app.provider.as_str().to_owned(), ..Report::default() };
        let (recorded, of_learner) = (BTreeMap::new(), BTreeMap::new());
        let begun = app.clock.now();
        let (bases, packages) = (BTreeSet::from([app.config.url.clone()]), BTreeSet::new());
        Self { app, report, begun, ended_with: 0, recorded, of_learner, bases, packages, released }
    }

    fn differs(&mut self, entry: Option<u64>, credit: Option<Uuid>, message: String) {
        self.report.differences.push(Difference { entry, credit, message });
    }

    /// The keys that may have signed, each checked against what is known from elsewhere.
    async fn keys(&mut self, anchors: &Anchors) -> Result<Vec<PublicKey>, Error> {
        let keys = match entries::public_keys(self.app).await {
            Ok(keys) => keys,
            Err(error) => {
                self.differs(None, None, format!("The keys of the ledger cannot be read: {error}."));
                Vec::new()
            }
        };
        for key in &keys {
            if !anchors.keys.is_empty() && !anchors.keys.contains(&key.id) {
                let message = format!("The ledger has the key {}, which is not one of those that you named.", key.id);
                self.differs(None, None, message);
            }
        }
        self.report.keys = keys.iter().map(|key| key.id.clone()).collect();
        Ok(keys)
    }

    /// Damage that prevents one comparison is a difference, and does not prevent the others.
    fn readable<T>(&mut self, read: Result<T, StoreError>, what: &str) -> Result<Option<T>, Error> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(StoreError::Failed(error)) => {
                self.differs(None, None, format!("{what} cannot be read: {error}."));
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn entry(&mut self, entry: &LedgerEntry) -> Result<(), Error> {
        let number = entry.number;
        if entry.provider != self.app.provider.as_str() {
            let message = format!("Entry {number} belongs to the provider {}.", entry.provider);
            self.differs(Some(number), None, message);
        }
        if let Deed::Reinstatement { credit, despite, approval } = &entry.deed {
            self.reinstate(number, *credit, despite, approval);
        }
        if let Some(ended) = entry.deed.ends() {
            self.end(number, ended, &entry.deed);
        }
        if let Some(credit) = entry.deed.credit() {
            self.credit(entry, credit).await?;
        }
        Ok(())
    }

    /// Plays an entry that ends a credit.
    fn end(&mut self, number: u64, id: Uuid, deed: &Deed) {
        let standing = match deed {
            Deed::Correction { .. } => CreditState::Superseded { entry: number },
            Deed::Revocation { approval, .. } => CreditState::Revoked { entry: number, approval: approval.clone() },
            Deed::Award { .. } | Deed::Reinstatement { .. } => CreditState::Revoked { entry: number, approval: None },
        };
        match self.recorded.get_mut(&id) {
            Some(recorded) if recorded.ended.is_none() => recorded.ended = Some(standing),
            _ => {
                let message = format!("Entry {number} ends credit {id}, which no earlier entry records as active.");
                self.differs(Some(number), Some(id), message);
            }
        }
    }

    /// Plays an entry by which a revoked credit counts again.
    fn reinstate(&mut self, number: u64, id: Uuid, despite: &[StatementId], approval: &JointDecision) {
        match self.recorded.get_mut(&id) {
            Some(recorded) if matches!(recorded.ended, Some(CreditState::Revoked { .. })) => {
                let revoked = match recorded.ended.take() {
                    Some(CreditState::Revoked { entry, .. }) => entry,
                    _ => 0,
                };
                let (despite, approval) = (despite.to_vec(), approval.clone());
                recorded.reinstated = Some(Reinstatement { revoked, entry: number, despite, approval });
            }
            _ => {
                let message = format!("Entry {number} reinstates credit {id}, which no earlier entry has revoked.");
                self.differs(Some(number), Some(id), message);
            }
        }
    }

    /// The active credits of a learner at this point of the ledger, but for those of one registration.
    fn active_beside(&self, credit: &Credit) -> Vec<&Credit> {
        let of_learner = self.of_learner.get(&credit.learner).into_iter().flatten();
        of_learner
            .filter_map(|id| self.recorded.get(id))
            .filter(|recorded| recorded.ended.is_none() && recorded.credit.registration != credit.registration)
            .map(|recorded| &recorded.credit)
            .collect()
    }

    /// Compares the records by which credits are found with the ledger.
    async fn records(&mut self) -> Result<(), Error> {
        let ids: Vec<Uuid> = self.recorded.keys().copied().collect();
        for id in ids {
            let record = credits::get(self.app, CreditId(id)).await;
            let Some(recorded) = self.recorded.get(&id) else { continue };
            let message = match record {
                Err(error @ StoreError::Failed(_)) => format!("The record of credit {id} cannot be read: {error}."),
                Err(error) => return Err(error.into()),
                Ok(None) => format!("Credit {id} is in the ledger and its record is gone."),
                Ok(Some(record)) => match disagreeing(&record, recorded).as_slice() {
                    [] => continue,
                    members => {
                        let members = members.join(", ");
                        format!("The record of credit {id} says something else than the ledger: {members}.")
                    }
                },
            };
            self.differs(Some(recorded.entry), Some(id), message);
        }
        self.holders().await?;
        self.unrecorded().await
    }

    /// Compares the name, profession and code of each certificate with what the ledger signed.
    async fn holders(&mut self) -> Result<(), Error> {
        let signed: Vec<_> =
            self.recorded.values().filter_map(|made| Some((made.credit.id, made.entry, made.credit.holder?))).collect();
        for (id, entry, signed) in signed {
            let Ok(Some(record)) = credits::get(self.app, CreditId(id)).await else { continue };
            let message = match credits::holder(self.app, &record).await {
                Ok(Some(holder)) if holder.is_signed_as(signed) => continue,
                Ok(Some(_)) => {
                    format!("The name, profession and code of credit {id} are not those that the ledger signed.")
                }
                Ok(None) if self.released.contains_key(&id) && record.name == ERASED => continue,
                Ok(None) => {
                    format!(
                        "Credit {id}: the salt of its name, profession and code is gone, and no erasure released it."
                    )
                }
                Err(StoreError::Failed(error)) => {
                    format!("Credit {id}: the salt of its name, profession and code cannot be read: {error}.")
                }
                Err(error) => return Err(error.into()),
            };
            self.differs(Some(entry), Some(id), message);
        }
        Ok(())
    }

    /// Looks for records that the ledger knows nothing of.
    async fn unrecorded(&mut self) -> Result<(), Error> {
        // Continued after the index's own keys: a record may say anything about itself.
        let mut after = None;
        loop {
            let span = Span { after, ..Span::beginning("recorded", "", PAGE) };
            let page = self.app.store.range(&self.app.provider, CreditRecord::KIND, span).await;
            let page = self.readable(page, "The list of credit records")?.unwrap_or_default();
            let Some((key, last)) = page.last() else { return Ok(()) };
            after = Some((key.clone(), last.key.clone()));
            for (_, record) in &page {
                self.unrecorded_one(record).await;
            }
        }
    }

    async fn unrecorded_one(&mut self, record: &Record) {
        let read = serde_json::from_slice::<CreditRecord>(&record.body);
        let known = read.as_ref().is_ok_and(|read| self.recorded.contains_key(&read.id.0));
        // Recorded while this runs: its entry is left for the next time.
        let is_later = match &read {
            Ok(read) if read.entry > self.ended_with => {
                entries::end(self.app).await.is_ok_and(|now| now.number >= read.entry)
            }
            _ => false,
        };
        if !known && !is_later {
            let message = format!("Credit {} has a record and no entry of the ledger.", record.key);
            self.differs(None, record.key.parse().ok(), message);
        }
    }
}

/// What a record says differently from the ledger.
fn disagreeing(record: &CreditRecord, recorded: &RecordedCredit) -> Vec<&'static str> {
    let RecordedCredit { credit, entry, at, ended, reinstated } = recorded;
    let checks = [
        (record.learner.0 == credit.learner, "learner"),
        (record.registration.0 == credit.registration, "registration"),
        (record.activity == credit.activity, "activity"),
        (record.version == credit.version, "version"),
        (record.offering == credit.offering, "offering"),
        (record.system == credit.system, "credit system"),
        (record.window == credit.window, "window"),
        (record.amount == credit.amount, "amount"),
        (record.completed == credit.completed, "completion date"),
        (record.tier == credit.tier, "trust tier"),
        (record.bundle == credit.bundle, "evidence bundle"),
        (record.entry == *entry, "entry"),
        (record.recorded.duration_since(*at).abs() <= ONE_COMMIT, "time of recording"),
        (record.standing == *ended.as_ref().unwrap_or(&CreditState::Active), "status"),
        (record.reinstated == *reinstated, "reinstatement"),
    ];
    checks.into_iter().filter(|(agrees, _)| !agrees).map(|(_, what)| what).collect()
}

/// How far apart the instants of an entry and of the record of the same commit can be.
const ONE_COMMIT: SignedDuration = SignedDuration::from_mins(1);
