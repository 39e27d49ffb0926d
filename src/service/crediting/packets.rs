//! Packets: a credit with all that is needed to check it without this server.

use crate::service::catalogue::activities;
use crate::service::crediting::decisions;
use crate::service::learning::registrations;
use crate::service::ledger::credits::{self, CreditRecord};
use crate::service::ledger::entries;
use crate::service::{App, RegistrationId};
use base::hash::Sha256;
use bytes::Bytes;
use credit::bundle::{Bundle, BundleError};
use credit::evidence::{Fingerprint, LoggedStatement};
use credit::packet::{Exhibit, Packet, VoidedStatement};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use store::{Span, StoreError};
use xapi::StatementId;

/// Why there is no packet of a credit.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("an evidence bundle cannot be read: {0}")]
    Bundle(#[from] BundleError),
    #[error("the time zone of an evidence bundle cannot be used: {0}")]
    Zone(#[from] jiff::Error),
    #[error("the ledger has no entry {0}; restore the store from a backup")]
    NoEntry(u64),
    #[error(transparent)]
    Decision(#[from] decisions::Error),
    #[error(transparent)]
    Activity(#[from] activities::Error),
    #[error(transparent)]
    Ledger(#[from] entries::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The packet of a credit: its statements as they were when it was recorded.
pub async fn packet(app: &App, credit: &CreditRecord) -> Result<Packet, Error> {
    let bytes = decisions::bundle_bytes(app, credit).await?;
    let bundle = Bundle::read(&bytes)?;
    let version = activities::version(app, &credit.activity, credit.version).await?;
    let log = registrations::log(app, RegistrationId(bundle.registration)).await?;
    let known = credits::of_learner(app, credit.learner, Span::ALL).await?;
    let entry = entries::entry(app, credit.entry).await?.ok_or(Error::NoEntry(credit.entry))?;
    let facts = bundle.facts(&version.document, TimeZone::get(&bundle.time_zone)?);
    // Without the rule set, nobody can know what was voided or decide again.
    let rules = app.rule_sets.named(&bundle.decision.rules).ok();
    let then = log.get(..log.partition_point(|logged| logged.seq <= bundle.through)).unwrap_or(&log);
    let voided = rules.map(|rules| rules.fold(&facts, then).voided).unwrap_or_default();
    Ok(Packet {
        statements: exhibits(&bundle, &log),
        voided: texts(then, &voided),
        credits: known.iter().filter(|other| was_active_beside(other, credit)).map(registrations::active).collect(),
        bundle: String::from_utf8_lossy(&bytes).into_owned(),
        activity: version.document.clone(),
        entry,
        keys: entries::published_keys(app).await?,
        holder: credits::holder(app, credit).await?,
    })
}

fn exhibits(bundle: &Bundle, log: &[LoggedStatement<Bytes>]) -> Vec<Exhibit> {
    let stored: BTreeMap<_, _> = log.iter().map(|logged| (logged.id, &logged.bytes)).collect();
    let exhibit = |named: &Fingerprint| {
        let bytes = stored.get(&named.id).filter(|bytes| Sha256::of(bytes) == named.sha256);
        let text = bytes.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
        Exhibit { id: named.id, sha256: named.sha256, text }
    };
    bundle.statements.iter().map(exhibit).collect()
}

/// The statements that were voided, and those that void them, in the order of the log.
fn texts(log: &[LoggedStatement<Bytes>], voided: &BTreeMap<StatementId, StatementId>) -> Vec<VoidedStatement> {
    let ids: BTreeSet<_> = voided.iter().flat_map(|(target, voider)| [*target, *voider]).collect();
    let listed = log.iter().filter(|logged| ids.contains(&logged.id));
    listed
        .map(|logged| VoidedStatement { seq: logged.seq, text: String::from_utf8_lossy(&logged.bytes).into_owned() })
        .collect()
}

/// Whether `other` counted when `credit` was recorded, from another registration.
fn was_active_beside(other: &CreditRecord, credit: &CreditRecord) -> bool {
    other.counted_before(credit.entry) && other.registration != credit.registration
}
