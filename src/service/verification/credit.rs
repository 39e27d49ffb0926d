//! Recomputes one credit.

use super::everything::hash_of_blob;
use super::{Audit, Difference, Error, RecordedCredit};
use crate::service::catalogue::packages;
use crate::service::erasure::ErasureId;
use crate::service::learning::registrations;
use crate::service::ledger::credits::{self, CreditId, CreditRecord};
use crate::service::{ActivityVersion, RegistrationId};
use base::hash::Sha256;
use bytes::Bytes;
use credit::bundle::Bundle;
use credit::evidence::{Evidence, Facts, LoggedStatement};
use credit::ledger::{Credit, LedgerEntry};
use credit::{ActiveCredit, identify, recompute};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use store::{Records as _, StoreError};
use xapi::StatementId;

impl Audit<'_> {
    /// Plays an entry that records a credit: recomputes it, and then lists it as active.
    pub(super) async fn credit(&mut self, made: &LedgerEntry, credit: &Credit) -> Result<(), Error> {
        let (entry, at) = (made.number, made.at);
        self.report.credits += 1;
        let differences = match self.recompute(credit).await {
            Err(Error::Store(StoreError::Failed(error))) => vec![format!("it cannot be computed again: {error}.")],
            recomputed => recomputed?,
        };
        for message in differences {
            self.differs(Some(entry), Some(credit.id), format!("Credit {}: {message}", credit.id));
        }
        let recorded = RecordedCredit { credit: credit.clone(), entry, at, ended: None, reinstated: None };
        if self.recorded.insert(credit.id, recorded).is_some() {
            self.differs(Some(entry), Some(credit.id), format!("Credit {} was recorded before.", credit.id));
        }
        self.of_learner.entry(credit.learner).or_default().push(credit.id);
        Ok(())
    }

    /// What differs when a credit is recomputed, as sentences.
    async fn recompute(&mut self, credit: &Credit) -> Result<Vec<String>, Error> {
        let bundle = match self.bundle(credit).await? {
            Ok(bundle) => bundle,
            Err(message) => return Ok(vec![message]),
        };
        self.bases.insert(bundle.base.clone());
        let mut differences = identify(&bundle, credit);
        let Some(version) = self.version(credit, &mut differences).await? else { return Ok(differences) };
        self.package(&version, &mut differences).await?;
        if let Some((erasure, at)) = self.released.get(&credit.id).copied() {
            self.report_released(credit, erasure, at);
            return Ok(differences);
        }
        let today = registrations::log(self.app, RegistrationId(credit.registration)).await?;
        // What was read then is a prefix of today's log.
        let then = today.partition_point(|logged| logged.seq <= bundle.through);
        let log = today.get(..then).unwrap_or(&today);
        self.statements(&bundle, log, &mut differences);
        let zone = match TimeZone::get(&bundle.time_zone) {
            Ok(zone) => zone,
            Err(error) => {
                differences.push(format!("Its time zone cannot be used: {error}."));
                return Ok(differences);
            }
        };
        let facts = facts(&bundle, &version, zone);
        let rule_sets = &self.app.rule_sets;
        differences.extend(recompute(&bundle, &facts, log, &self.active(credit), rule_sets));
        if let Ok(rules) = rule_sets.named(&bundle.decision.rules) {
            differences.extend(self.voided_since(&bundle, credit, &rules.fold(&facts, &today)).await?);
        }
        Ok(differences)
    }

    fn report_released(&mut self, credit: &Credit, erasure: ErasureId, at: Timestamp) {
        let message = format!(
            "Credit {}: the statements that it rests on were released by erasure {erasure} on {}, after their retention; \
             its entry and its evidence bundle are as they were signed, and its name and code were erased.",
            credit.id,
            xapi::instant(at)
        );
        self.report.released.push(Difference { entry: None, credit: Some(credit.id), message });
    }

    async fn bundle(&self, credit: &Credit) -> Result<Result<Bundle, String>, Error> {
        let Some(bytes) = self.app.store.blob(credit.bundle, 0..u64::MAX).await? else {
            return Ok(Err(format!("Its evidence bundle {} is gone.", credit.bundle)));
        };
        let found = Sha256::of(&bytes);
        if found != credit.bundle {
            return Ok(Err(format!("Its evidence bundle has the hash {found}; the ledger signed {}.", credit.bundle)));
        }
        Ok(Bundle::read(&bytes).map_err(|error| format!("Its evidence bundle cannot be read: {error}.")))
    }

    /// The pinned version, with its document's hash.
    async fn version(&self, credit: &Credit, differences: &mut Vec<String>) -> Result<Option<ActivityVersion>, Error> {
        let key = ActivityVersion::key_of(&credit.activity, credit.version);
        let Some(kept) = self.app.store.get::<ActivityVersion>(&self.app.provider, &key).await? else {
            differences.push(format!("Version {} of activity {} is gone.", credit.version, credit.activity));
            return Ok(None);
        };
        let version = kept.document;
        let hash = version.document.canonical().map(Sha256::of).ok();
        if hash != Some(credit.document) || version.sha256 != credit.document {
            differences.push(format!("Version {} of activity {} was changed.", credit.version, credit.activity));
        }
        if version.package_sha256 != credit.package {
            differences.push("The version names another package than the credit.".to_owned());
        }
        Ok(Some(version))
    }

    /// The package's files by their hashes; each package once.
    async fn package(&mut self, version: &ActivityVersion, differences: &mut Vec<String>) -> Result<(), Error> {
        if !self.packages.insert(version.package_sha256) {
            return Ok(());
        }
        let package = match packages::get(self.app, version.package).await {
            Ok(package) if package.sha256 == version.package_sha256 => package,
            Ok(_) => {
                differences.push("Its package was replaced.".to_owned());
                return Ok(());
            }
            Err(packages::Error::Store(error)) => return Err(error.into()),
            Err(error) => {
                differences.push(format!("Its package cannot be read: {error}."));
                return Ok(());
            }
        };
        for (path, file) in &package.package.files {
            let found = hash_of_blob(&*self.app.store, file.sha256).await?;
            if found != Some(file.sha256) {
                differences.push(format!("The package's file {path} was changed or is gone."));
            }
        }
        Ok(())
    }

    /// Each statement of the bundle, by the hash of its stored bytes.
    fn statements(&mut self, bundle: &Bundle, log: &[LoggedStatement<Bytes>], differences: &mut Vec<String>) {
        let stored: BTreeMap<_, _> = log.iter().map(|logged| (logged.id, logged)).collect();
        for named in &bundle.statements {
            self.report.statements += 1;
            let found = stored.get(&named.id).map(|logged| Sha256::of(&logged.bytes));
            match found {
                None => differences.push(format!("Statement {} is gone from the log.", named.id)),
                Some(hash) if hash != named.sha256 => {
                    differences.push(format!("Statement {} was changed: its bytes have another hash.", named.id));
                }
                Some(_) => {}
            }
        }
    }

    /// The credits that V13 considered when the credit was recorded.
    fn active(&self, credit: &Credit) -> Vec<ActiveCredit> {
        let beside = self.active_beside(credit).into_iter();
        beside
            .map(|other| ActiveCredit {
                credit: other.id,
                activity: other.activity.clone(),
                offering: other.offering.clone(),
                window: other.window,
            })
            .collect()
    }

    /// A credit that is active must not rest on a statement that was voided after it was recorded.
    async fn voided_since(&self, bundle: &Bundle, credit: &Credit, today: &Evidence) -> Result<Vec<String>, Error> {
        let record = credits::get(self.app, CreditId(credit.id)).await?;
        let Some(record) = record.filter(CreditRecord::is_active) else { return Ok(Vec::new()) };
        let despite = record.reinstated.map(|reinstated| reinstated.despite).unwrap_or_default();
        let counts = |id: &StatementId| today.voided.contains_key(id) && !despite.contains(id);
        let under = bundle.decision.rests_on().into_iter().filter(counts);
        Ok(under
            .map(|id| format!("Statement {id}, on which it rests, was voided, and no entry has revoked the credit."))
            .collect())
    }
}

fn facts<'a>(bundle: &'a Bundle, version: &'a ActivityVersion, zone: TimeZone) -> Facts<'a> {
    Facts {
        base: &bundle.base,
        activity: &version.document,
        version: version.version,
        document: version.sha256,
        package: version.package_sha256,
        required_items: &version.required_items,
        learner: bundle.learner,
        registration: bundle.registration,
        zone,
    }
}
