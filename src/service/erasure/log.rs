//! The log, from its beginning to its end: every statement that names the person names the pseudonym instead.
//!
//! All of it is read, not only what the person's tokens find: a mailbox may be known by its hash alone, and text that
//! mentions the person may be in statements of others too.

use super::{Counts, Erasure, Stage, Subject, retention};
use crate::service::ledger::credits::CreditRecord;
use crate::service::ledger::{entries, log_pages};
use crate::service::records::access::is_vouched_for;
use crate::service::records::document_resources;
use crate::service::records::originals::Original;
use crate::service::records::statements::{registration_of, server_authority};
use crate::service::{App, PackageVersion, Registration, RegistrationId};
use base::hash::Sha256;
use std::collections::{BTreeMap, BTreeSet};
use store::{Commit, Document as _, Records as _, Redaction, Scan, Seq, Span, StoreError, StoredStatement, Write};
use xapi::pseudonym::{self, Person, Pseudonym, Pseudonymization};

/// How many statements are examined, and changed, at once.
pub(super) const PAGE: usize = 100;

/// Examines the next statements; the stage ends with the log.
pub(super) async fn step(
    app: &App,
    erasure: &mut Erasure,
    subject: &Subject,
    after: u64,
) -> Result<Commit, StoreError> {
    let page = next(app, after).await?;
    let mut commit = Commit::default();
    let (person, pseudonym) = (subject.person(), erasure.pseudonym(app));
    let mut without_credit = BTreeMap::new();
    for stored in &page {
        let Some(reading) = read(stored, &person, &pseudonym) else { continue };
        erasure.note(stored, &reading);
        let Some(replaced) = reading.replaced else { continue };
        if let Some(registration) = evidence_in(app, stored)
            && is_retained(app, erasure, registration, &mut without_credit).await?
            && app.store.get::<Original>(&app.provider, &stored.id.to_string()).await?.is_none()
        {
            let text = String::from_utf8_lossy(&stored.bytes).into_owned();
            let original = Original { statement: stored.id, erasure: erasure.id, registration, text };
            commit.writes.push(original.insert()?);
            erasure.counts.held += 1;
        }
        commit.redactions.push(Redaction {
            id: stored.id,
            expected: Sha256::of(&stored.bytes),
            bytes: replaced.text.into(),
            digest: replaced.digest,
            tokens: replaced.tokens,
        });
    }
    commit.writes.extend(without_credit.into_values());
    commit.writes.extend(resealed(app, &page, &commit.redactions).await?);
    match page.last() {
        Some(last) => {
            erasure.through = last.seq.0;
            erasure.turn_to(Stage::Log { after: last.seq.0 });
        }
        None => erasure.forget_subject(),
    }
    Ok(commit)
}

/// What the sealed pages of the log have of the statements that are changed.
async fn resealed(app: &App, page: &[StoredStatement], redactions: &[Redaction]) -> Result<Vec<Write>, StoreError> {
    let seqs: BTreeMap<_, _> = page.iter().map(|stored| (stored.id, stored.seq)).collect();
    let changed = redactions.iter().filter_map(|redaction| Some((*seqs.get(&redaction.id)?, &redaction.bytes[..])));
    match log_pages::rewriting(app, &changed.collect::<Vec<_>>()).await {
        Ok(writes) => Ok(writes),
        Err(entries::Error::Store(error)) => Err(error),
        Err(error) => Err(StoreError::Failed(error.to_string())),
    }
}

async fn next(app: &App, after: u64) -> Result<Vec<StoredStatement>, StoreError> {
    let scan = Scan { after: Seq(after), ..Scan::everything(Vec::new(), PAGE) };
    app.store.scan(&app.provider, scan).await
}

fn read(stored: &StoredStatement, person: &Person, pseudonym: &Pseudonym) -> Option<Pseudonymization> {
    let reading = pseudonym::read(&stored.bytes, person, pseudonym);
    if reading.is_err() {
        // It cannot be sent to readers either, and `verify` reports it if a credit rests on it.
        tracing::error!(statement = %stored.id, "a stored statement cannot be read, and an erasure skips it");
    }
    reading.ok()
}

/// The registration in which a statement is evidence: its own, if this server vouches for the statement.
pub(super) fn evidence_in(app: &App, stored: &StoredStatement) -> Option<RegistrationId> {
    let is_ours = is_vouched_for(&stored.bytes, server_authority(app).ifi());
    registration_of(stored).filter(|_| is_ours)
}

/// Whether originals in the registration are retained, which is noted if it is not the person's own. If they are
/// not, the registration is written unchanged with the same commit, so that no credit can be awarded on them meanwhile.
async fn is_retained(
    app: &App,
    erasure: &mut Erasure,
    id: RegistrationId,
    without_credit: &mut BTreeMap<RegistrationId, Write>,
) -> Result<bool, StoreError> {
    if without_credit.contains_key(&id) {
        return Ok(false);
    }
    if erasure.held.iter().any(|held| held.registration == id) {
        return Ok(true);
    }
    let Some(registration) = app.store.get::<Registration>(&app.provider, &id.to_string()).await? else {
        return Ok(false);
    };
    let holding = retention::holding(app, id, false).await?;
    if holding.is_none() {
        without_credit.insert(id, registration.replace()?);
    }
    let is_retained = holding.is_some();
    erasure.held.extend(holding);
    Ok(is_retained)
}

impl Counts {
    /// Counts what was found in one statement.
    pub(super) fn add(&mut self, reading: &Pseudonymization) {
        self.mentions += reading.mentions;
        if let Some(replaced) = &reading.replaced {
            self.statements += 1;
            self.actors += replaced.actors;
            self.texts += replaced.texts;
        }
    }
}

impl Erasure {
    fn note(&mut self, stored: &StoredStatement, reading: &Pseudonymization) {
        self.counts.add(reading);
        if reading.mentions > 0 && self.mentioned.len() < Self::MENTIONED {
            self.mentioned.push(stored.id);
        }
        if let Some(work) = &mut self.work {
            work.blobs.extend(&reading.own);
        }
    }
}

/// Determines which of the blobs of the person's statements and documents others need; removes the rest.
pub(super) async fn blobs(app: &App, erasure: &mut Erasure, after: u64) -> Result<Commit, StoreError> {
    let Some(mut candidates) = erasure.work.as_ref().map(|work| work.blobs.clone()) else {
        return Ok(Commit::default());
    };
    let page = if candidates.is_empty() { Vec::new() } else { next(app, after).await? };
    let (person, pseudonym) = (Person::new(&[erasure.pseudonym(app).ifi()], &[]), erasure.pseudonym(app));
    for reading in page.iter().filter_map(|stored| read(stored, &person, &pseudonym)) {
        for needed in reading.others {
            candidates.remove(&needed);
        }
    }
    if let Some(last) = page.last() {
        erasure.turn_to(Stage::Blobs { after: last.seq.0 });
    } else {
        needed_by_records(app, &mut candidates).await?;
        for name in &candidates {
            app.store.forget(*name).await?;
        }
        erasure.counts.attachments = u64::try_from(candidates.len()).unwrap_or(u64::MAX);
        candidates.clear();
        erasure.turn_to(Stage::Scrub);
    }
    if let Some(work) = &mut erasure.work {
        work.blobs = candidates;
    }
    Ok(Commit::default())
}

/// Removes from `candidates` what packages, documents and credits consist of.
async fn needed_by_records(app: &App, candidates: &mut BTreeSet<Sha256>) -> Result<(), StoreError> {
    const MOST: usize = 100;
    if candidates.is_empty() {
        return Ok(());
    }
    document_resources::keep_needed(app, candidates).await?;
    let mut span = Span::beginning("imported", "", MOST);
    loop {
        let page = app.store.list::<PackageVersion>(&app.provider, span.clone()).await?;
        let Some(last) = page.last() else { break };
        span.after = Some((xapi::instant(last.document.imported), last.document.id.to_string()));
        for file in page.iter().flat_map(|kept| kept.document.package.files.values()) {
            candidates.remove(&file.sha256);
        }
    }
    let mut span = Span::beginning("recorded", "", MOST);
    loop {
        let page = app.store.list::<CreditRecord>(&app.provider, span.clone()).await?;
        let Some(last) = page.last() else { return Ok(()) };
        span.after = Some((xapi::instant(last.document.recorded), last.document.id.to_string()));
        for kept in page {
            candidates.remove(&kept.document.bundle);
        }
    }
}
