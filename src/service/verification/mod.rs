//! Verifying: recomputes every credit of a provider from the log and the pinned version, and every hash on the way.
//!
//! An auditor trusts the published key and nothing else. From there: each entry's signature and its place in the chain; the
//! evidence bundle by the hash that the entry signs; the activity document and the package's files by theirs; each statement
//! by the hash in the bundle; and last the decision itself, made again. Each difference is reported as a sentence.

mod credit;

use crate::service::App;
use crate::service::erasure::{self, ErasureId};
use crate::service::ledger::credits::{self, CreditId, CreditRecord, CreditState, Reinstatement};
use crate::service::ledger::entries;
use ::credit::JointDecision;
use ::credit::ledger::{BEGINNING, Credit, Deed, LedgerEntry};
use base::hash::Sha256;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::{Records as _, StoreError};
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
    /// Credits whose evidence was released after an erasure, once its retention had passed.
    pub released: Vec<Difference>,
    pub differences: Vec<Difference>,
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

/// Verifies the whole ledger of the provider.
pub async fn verify(app: &App) -> Result<Report, Error> {
    let mut audit = Audit::new(app, released(app).await?);
    let keys = entries::public_keys(app).await?;
    let mut before = (0, BEGINNING);
    loop {
        let page = entries::page(app, before.0, PAGE).await?;
        let Some(last) = page.last() else { break };
        let last = (last.number, last.hash);
        for sealed in &page {
            audit.report.entries += 1;
            match sealed.open(&keys, before) {
                Ok(entry) => audit.entry(&entry).await?,
                Err(broken) => audit.differs(Some(sealed.number), None, format!("Entry {}: {broken}.", sealed.number)),
            }
            before = (sealed.number, sealed.hash);
        }
        before = last;
    }
    let end = entries::end(app).await?;
    if (end.number, end.hash) != before {
        let message = format!(
            "The ledger ends with entry {}, and its own record says that it ends with entry {}: entries were removed or replaced.",
            before.0, end.number
        );
        audit.differs(None, None, message);
    }
    audit.records().await?;
    Ok(audit.report)
}

/// A credit that the ledger recorded, with the entry that did so and the one that ended it.
struct RecordedCredit {
    credit: Credit,
    entry: u64,
    ended: Option<CreditState>,
    reinstated: Option<Reinstatement>,
}

/// Verifying in progress: the ledger is played again from its beginning.
struct Audit<'a> {
    app: &'a App,
    report: Report,
    recorded: BTreeMap<Uuid, RecordedCredit>,
    /// The credits of each learner, in the order of the ledger.
    of_learner: BTreeMap<Uuid, Vec<Uuid>>,
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
        Self { app, report, recorded, of_learner, packages: BTreeSet::new(), released }
    }

    fn differs(&mut self, entry: Option<u64>, credit: Option<Uuid>, message: String) {
        self.report.differences.push(Difference { entry, credit, message });
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
            self.credit(number, credit).await?;
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
            let record = credits::get(self.app, CreditId(id)).await?;
            let Some(recorded) = self.recorded.get(&id) else { continue };
            let message = match record {
                None => format!("Credit {id} is in the ledger and its record is gone."),
                Some(record) if !agrees(&record, recorded) => {
                    format!("The record of credit {id} says something else than the ledger.")
                }
                Some(_) => continue,
            };
            self.differs(Some(recorded.entry), Some(id), message);
        }
        self.unrecorded().await
    }

    /// Looks for records that the ledger knows nothing of.
    async fn unrecorded(&mut self) -> Result<(), Error> {
        let mut after = None;
        loop {
            let span = store::Span { after, ..store::Span::beginning("recorded", "", PAGE) };
            let page = self.app.store.list::<CreditRecord>(&self.app.provider, span).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some((xapi::instant(last.document.recorded), last.document.id.to_string()));
            for kept in page {
                let id = kept.document.id.0;
                if !self.recorded.contains_key(&id) {
                    let message = format!("Credit {id} has a record and no entry of the ledger.");
                    self.differs(None, Some(id), message);
                }
            }
        }
    }
}

/// Whether a record agrees with the ledger.
fn agrees(record: &CreditRecord, recorded: &RecordedCredit) -> bool {
    let RecordedCredit { credit, entry, ended, reinstated } = recorded;
    record.learner.0 == credit.learner
        && record.registration.0 == credit.registration
        && record.activity == credit.activity
        && record.version == credit.version
        && record.offering == credit.offering
        && record.system == credit.system
        && record.window == credit.window
        && record.amount == credit.amount
        && record.completed == credit.completed
        && record.tier == credit.tier
        && record.bundle == credit.bundle
        && record.entry == *entry
        && record.standing == *ended.as_ref().unwrap_or(&CreditState::Active)
        && record.reinstated == *reinstated
}
