//! Records: each is of its type, is listed as its type says, and leads to records that exist; and what can be computed again
//! from the log or from other records is the same.

use super::{Error, Examination, Progress};
use crate::service::learning::registrations;
use crate::service::ledger::keys;
use crate::service::playing::sessions::{Session, StoredCommit};
use crate::service::upkeep::kinds;
use crate::service::{Account, ActivityVersion, PackageVersion, QUEUES, Registration, RegistrationId, erasure};
use base::hash::Sha256;
use credit::rule_sets;
use serde_json::Value;
use std::collections::BTreeSet;
use store::archive::LooseRecord;
use store::{Document as _, Kind, Records as _, StoreError};
use uuid::Uuid;
use xapi::vocabulary::verb;

/// How many records are read at once.
const PAGE: usize = 200;

/// Records that lead to others: the kind, the member that names the other, and the other's kind. A member that is null leads
/// nowhere.
const LEADS: &[(&str, &str, &str)] = &[
    ("assessment-attempt", "registration", "registration"),
    ("evaluation-draft", "registration", "registration"),
    ("hold", "registration", "registration"),
    ("play", "registration", "registration"),
    ("sco-state", "registration", "registration"),
    ("play-session", "registration", "registration"),
    ("play-session", "package", "package-version"),
    ("play-commit", "session", "play-session"),
    ("play-delivery", "session", "play-session"),
    ("held-statement", "erasure", "erasure"),
    ("credit-record", "registration", "registration"),
    ("activity-version", "package", "package-version"),
];

/// A record, by its kind and key. Parts of a key are joined by an invisible character.
fn named(record: &LooseRecord) -> String {
    format!("Record {} {}", record.kind, record.key.replace('\u{1f}', "/"))
}

impl Examination<'_> {
    /// Every record of the provider.
    pub(super) async fn records(&mut self) -> Result<(), Error> {
        let erasures = self.erasures().await?;
        let mut after: Option<(String, String)> = None;
        loop {
            let page = match self.archive.records_after(&self.app.provider, after.clone(), PAGE).await {
                Ok(page) => page,
                Err(StoreError::Failed(error)) => {
                    self.differs(format!("Some records cannot be read: {error}."));
                    match self.past(after.take().unwrap_or_default(), &erasures).await? {
                        Some(past) => after = Some(past),
                        None => return Ok(()),
                    }
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let Some(last) = page.last() else { return Ok(()) };
            after = Some((last.kind.clone(), last.key.clone()));
            for record in &page {
                let compared = self.record(record, &erasures).await;
                self.readable(compared, &named(record))?;
            }
            (self.progress)(Progress::Records(self.examined.records));
        }
    }

    /// Reads on after `place` one by one until a record cannot be read, and returns a place past that one's kind.
    async fn past(
        &mut self,
        mut place: (String, String),
        erasures: &Erasures,
    ) -> Result<Option<(String, String)>, Error> {
        while let Ok(page) = self.archive.records_after(&self.app.provider, Some(place.clone()), 1).await {
            let Some(record) = page.first() else { return Ok(None) };
            let compared = self.record(record, erasures).await;
            self.readable(compared, &named(record))?;
            place = (record.kind.clone(), record.key.clone());
        }
        // The record after `place` is of its kind, or the first of a later one.
        for kind in kinds::names().into_iter().filter(|kind| *kind >= place.0.as_str()) {
            let past = (format!("{kind}\0"), String::new());
            if self.archive.records_after(&self.app.provider, Some(past.clone()), 1).await.is_ok() {
                return Ok(Some(past));
            }
        }
        Ok(None)
    }

    async fn record(&mut self, record: &LooseRecord, erasures: &Erasures) -> Result<(), Error> {
        self.examined.records += 1;
        let reading = match kinds::reading(&record.kind, &record.body) {
            None => {
                self.differs(format!("{} is of a kind that this program does not know.", named(record)));
                return Ok(());
            }
            Some(Err(error)) => {
                self.differs(format!("{} does not fit its type: {error}.", named(record)));
                return Ok(());
            }
            Some(Ok(reading)) => reading,
        };
        if reading.key != record.key {
            self.differs(format!("{} has a key that its content does not have.", named(record)));
        }
        let expected: BTreeSet<_> =
            reading.index.into_iter().map(|entry| (entry.index.to_owned(), entry.key)).collect();
        let there: BTreeSet<_> = record.index.iter().cloned().collect();
        for (index, _) in expected.symmetric_difference(&there) {
            self.differs(format!("{} is listed in the index {index} otherwise than its content says.", named(record)));
        }
        let body: Value = serde_json::from_slice(&record.body).unwrap_or_default();
        self.leads(record, &body).await?;
        self.facts(record, erasures).await
    }

    /// Whether what the record leads to exists.
    async fn leads(&mut self, record: &LooseRecord, body: &Value) -> Result<(), Error> {
        for (_, member, other) in LEADS.iter().filter(|(kind, ..)| *kind == record.kind) {
            let (Some(key), Some(kind)) = (body.get(member).and_then(Value::as_str), kinds::named(other)) else {
                continue;
            };
            if !self.exists(kind, key).await? {
                self.differs(format!("{} leads to {other} {key}, which is gone.", named(record)));
            }
        }
        Ok(())
    }

    async fn exists(&self, kind: &'static Kind, key: &str) -> Result<bool, StoreError> {
        Ok(self.app.store.record(&self.app.provider, kind, key).await?.is_some())
    }

    /// What a record of this kind must agree with.
    async fn facts(&mut self, record: &LooseRecord, erasures: &Erasures) -> Result<(), Error> {
        let (kind, body) = (record.kind.as_str(), &record.body[..]);
        if kind == Registration::KIND.name {
            if let Ok(registration) = serde_json::from_slice(body) {
                self.registration(&registration, erasures).await?;
            }
        } else if kind == ActivityVersion::KIND.name {
            if let Ok(version) = serde_json::from_slice(body) {
                self.version(&version).await?;
            }
        } else if kind == PackageVersion::KIND.name {
            if let Ok(package) = serde_json::from_slice(body) {
                self.package(&package).await?;
            }
        } else if kind == Session::KIND.name {
            if let Ok(Session { id, .. }) = serde_json::from_slice(body) {
                self.session(id).await?;
            }
        } else if kind == StoredCommit::KIND.name {
            if let Ok(commit) = serde_json::from_slice(body) {
                self.commit(&commit);
            }
        } else if kind == keys::StoredKey::KIND.name
            && let Ok(key) = serde_json::from_slice::<keys::StoredKey>(body)
            && let Some(what) = keys::disagreeing(self.app, &key)
        {
            self.differs(format!("The signing key of the ledger is not whole: {what}."));
        }
        Ok(())
    }

    /// A registration: its version exists, its learner exists or was erased, and the log began it so.
    async fn registration(&mut self, registration: &Registration, erasures: &Erasures) -> Result<(), Error> {
        let id = registration.id;
        let key = ActivityVersion::key_of(&registration.activity, registration.version);
        let Some(kept) = self.app.store.get::<ActivityVersion>(&self.app.provider, &key).await? else {
            let (activity, version) = (&registration.activity, registration.version);
            self.differs(format!(
                "Registration {id} leads to version {version} of activity {activity}, which is gone."
            ));
            return Ok(());
        };
        let learner = registration.learner;
        let account = self.app.store.get::<Account>(&self.app.provider, &learner.to_string()).await?;
        if account.is_none() && !erasures.explain(learner.0, id) {
            self.differs(format!(
                "Registration {id} belongs to account {learner}, which is gone, and no erasure removed it."
            ));
        }
        let log = registrations::log(self.app, id).await?;
        let facts = match registrations::facts(self.app, registration, &kept.document) {
            Ok(facts) => facts,
            Err(error) => {
                self.differs(format!("Registration {id} cannot be compared with the log: {error}."));
                return Ok(());
            }
        };
        let begun = log.iter().find_map(|logged| {
            let body: Value = serde_json::from_slice(&logged.bytes).ok()?;
            (body.pointer("/verb/id")?.as_str()? == verb::REGISTERED).then_some(body)
        });
        let Some(begun) = begun else {
            self.differs(format!("Registration {id} was begun by no statement of the log."));
            return Ok(());
        };
        let actor = begun.pointer("/actor/account/name").and_then(Value::as_str).unwrap_or_default();
        let revision = begun.pointer("/context/revision").and_then(Value::as_str).unwrap_or_default();
        if actor != learner.to_string() && !erasures.explain(learner.0, id) {
            self.differs(format!("Registration {id} belongs to account {learner}; the log began it for {actor}."));
        }
        if revision != registration.version.to_string() {
            let message =
                format!("Registration {id} pins version {}; the log began it with {revision}.", registration.version);
            self.differs(message);
        }
        let pinned = rule_sets::pinned(&facts, &log);
        if pinned != registration.rules && !erasures.explain(learner.0, id) {
            let message = format!(
                "Registration {id} names the rule set {}; the log began it under {pinned}.",
                registration.rules
            );
            self.differs(message);
        }
        Ok(())
    }

    /// A version: its document has the hash that it is pinned by, and its package is the one that was published.
    async fn version(&mut self, version: &ActivityVersion) -> Result<(), Error> {
        let name = format!("Version {} of activity {}", version.version, version.activity);
        if version.document.canonical().map(Sha256::of).ok() != Some(version.sha256) {
            self.differs(format!("{name} was changed: its document has another hash."));
        }
        let package = self.app.store.get::<PackageVersion>(&self.app.provider, &version.package.to_string()).await;
        if let Ok(Some(package)) = package
            && package.document.sha256 != version.package_sha256
        {
            self.differs(format!("{name} was published with another package than it names."));
        }
        Ok(())
    }

    /// A package: every file is there.
    async fn package(&mut self, package: &PackageVersion) -> Result<(), Error> {
        for (path, file) in &package.package.files {
            match self.archive.blob_len(file.sha256).await? {
                Some(length) if length == file.size => {}
                Some(_) => self.differs(format!("Package {}: its file {path} has another length.", package.id)),
                None => self.differs(format!("Package {}: its file {path} is gone.", package.id)),
            }
        }
        Ok(())
    }

    /// The erasures, as far as they explain what is missing.
    async fn erasures(&mut self) -> Result<Erasures, Error> {
        let mut erasures = Erasures::default();
        match erasure::list(self.app).await {
            Ok(list) => {
                for erasure in list {
                    erasures.is_under_way |= !erasure.is_done();
                    erasures.pseudonyms.insert(erasure.pseudonym.0);
                    erasures.held.extend(erasure.held.iter().map(|held| held.registration));
                }
            }
            Err(StoreError::Failed(error)) => self.differs(format!("The erasures cannot be listed: {error}.")),
            Err(error) => return Err(error.into()),
        }
        Ok(erasures)
    }

    /// Due work: each item is of a queue that has a worker, and about something that can be named so.
    pub(super) async fn due(&mut self) -> Result<(), Error> {
        let mut after = None;
        loop {
            let page = match self.archive.due_after(&self.app.provider, after.clone(), PAGE).await {
                Ok(page) => page,
                Err(StoreError::Failed(error)) => {
                    self.differs(format!("Due work cannot be read: {error}."));
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            };
            let Some(last) = page.last() else { return Ok(()) };
            after = Some((last.queue.clone(), last.key.clone()));
            for item in page {
                self.examined.due += 1;
                if !QUEUES.contains(&item.queue.as_str()) {
                    self.differs(format!("Due work {} {} is in a queue that no worker has.", item.queue, item.key));
                } else if item.key.parse::<Uuid>().is_err() {
                    self.differs(format!("Due work {} {} is about nothing that has such an id.", item.queue, item.key));
                }
            }
        }
    }
}

/// What erasures have removed.
#[derive(Default)]
struct Erasures {
    is_under_way: bool,
    pseudonyms: BTreeSet<Uuid>,
    held: BTreeSet<RegistrationId>,
}

impl Erasures {
    /// Whether an erasure explains that the account of a registration is gone.
    fn explain(&self, learner: Uuid, registration: RegistrationId) -> bool {
        self.is_under_way || self.pseudonyms.contains(&learner) || self.held.contains(&registration)
    }
}
