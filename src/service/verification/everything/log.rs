//! The log: every number is there, and what the store keeps next to a statement is what its bytes say.

use super::{Error, Examination, Progress};
use crate::service::Registration;
use crate::service::ledger::log_pages;
use crate::service::records::statements::server_authority;
use jiff::Timestamp;
use std::collections::BTreeSet;
use store::archive::LogEntry;
use store::{Document as _, Scan, Seq, StoreError, StoredStatement};
use xapi::stored::{self, StoredFacts};
use xapi::vocabulary::verb;
use xapi::{StatementId, token};

/// How many statements are read at once.
const PAGE: usize = 200;

/// Where the reading of the log is.
struct Place {
    seq: u64,
    stored: Timestamp,
}

impl Examination<'_> {
    /// Every statement of the log.
    pub(super) async fn log(&mut self) -> Result<(), Error> {
        let provider = self.app.provider.clone();
        let end = self.archive.log_end(&provider).await?.0;
        let mut place = Place { seq: 0, stored: Timestamp::MIN };
        while place.seq < end {
            match self.archive.statements_after(&provider, Seq(place.seq), PAGE).await {
                Ok(page) if page.is_empty() => break,
                Ok(page) => {
                    for entry in &page {
                        let compared = self.statement(entry, &mut place).await;
                        self.readable(compared, &format!("Statement {} (number {})", entry.id, entry.seq.0))?;
                    }
                }
                Err(StoreError::Failed(_)) => self.one_by_one(&mut place, end).await?,
                Err(error) => return Err(error.into()),
            }
            (self.progress)(Progress::Statements(self.examined.statements));
        }
        if place.seq < end {
            self.differs(format!("The log ends with number {}; it should end with number {end}.", place.seq));
        }
        if let Some(sealed) = self.report.log.filter(|sealed| sealed.last > place.seq) {
            self.differs(format!(
                "The log ends with number {}, and it was sealed up to number {}: statements were removed.",
                place.seq, sealed.last
            ));
        }
        Ok(())
    }

    /// The next page of the log when something in it cannot be read.
    async fn one_by_one(&mut self, place: &mut Place, end: u64) -> Result<(), Error> {
        let last = place.seq.saturating_add(u64::try_from(PAGE).unwrap_or(u64::MAX)).min(end);
        while place.seq < last {
            match self.archive.statements_after(&self.app.provider, Seq(place.seq), 1).await {
                Ok(page) => match page.first() {
                    Some(entry) => self.statement(entry, place).await?,
                    None => return Ok(()),
                },
                Err(StoreError::Failed(error)) => {
                    place.seq += 1;
                    self.differs(format!("The statement at number {} of the log cannot be read: {error}.", place.seq));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn statement(&mut self, entry: &LogEntry, place: &mut Place) -> Result<(), Error> {
        self.examined.statements += 1;
        let (seq, id) = (entry.seq.0, entry.id);
        match seq - place.seq {
            0 | 1 => {}
            2 => self.differs(format!("Number {} is missing from the log: a statement was removed.", seq - 1)),
            _ => {
                let message = format!(
                    "Numbers {} to {} are missing from the log: statements were removed.",
                    place.seq + 1,
                    seq - 1
                );
                self.differs(message);
            }
        }
        if entry.stored < place.stored {
            self.differs(format!("Statement {id} (number {seq}) was stored before the one in front of it."));
        }
        *place = Place { seq, stored: entry.stored };
        self.sealed(entry).await?;
        let Some(facts) = stored::read(&entry.bytes) else {
            self.differs(format!("Statement {id} (number {seq}): its bytes are not a statement."));
            return Ok(());
        };
        for what in differing(entry, &facts) {
            self.differs(format!("Statement {id} (number {seq}): its {what} is not what its bytes say."));
        }
        self.voiding(entry, &facts).await?;
        self.registering(entry).await
    }

    /// Whether it is the statement that was sealed at this place, if the log is sealed so far.
    async fn sealed(&mut self, entry: &LogEntry) -> Result<(), Error> {
        let (seq, provider) = (entry.seq.0, self.app.provider.clone());
        if self.page.as_ref().is_none_or(|page| page.last < seq) {
            if self.report.log.is_none_or(|sealed| sealed.last < seq) {
                self.examined.unsealed += 1;
                return Ok(());
            }
            self.page = log_pages::next(self.app, seq - 1).await?;
        }
        let Some(page) = self.page.as_ref().filter(|page| page.first <= seq) else { return Ok(()) };
        if page.check_statement(&self.keys, provider.as_str(), seq, &entry.bytes).is_ok() {
            return Ok(());
        }
        // An erasure may have rewritten both meanwhile.
        let (again, entries) = (
            log_pages::next(self.app, seq - 1).await?,
            self.archive.statements_after(&provider, Seq(seq - 1), 1).await?,
        );
        let bytes = entries.first().map_or(&entry.bytes, |entry| &entry.bytes);
        let checked = again.as_ref().map(|page| page.check_statement(&self.keys, provider.as_str(), seq, bytes));
        if let Some(Err(error)) = checked {
            self.differs(format!("Statement {} (number {seq}): {error}.", entry.id));
        }
        self.page = again;
        Ok(())
    }

    /// Whether it is voided exactly if a stored statement voids it.
    async fn voiding(&mut self, entry: &LogEntry, facts: &StoredFacts) -> Result<(), Error> {
        let (seq, id) = (entry.seq.0, entry.id);
        let Ok(Some(kept)) = self.app.store.statement(&self.app.provider, id).await else {
            self.differs(format!("Statement {id} (number {seq}) is not found by its id."));
            return Ok(());
        };
        let voiders = self.voiders(id).await?;
        let expected = !facts.voiding && !voiders.is_empty();
        if kept.voided && !expected {
            self.differs(format!("Statement {id} (number {seq}) is marked as voided, and no statement voids it."));
        } else if !kept.voided && expected {
            let by = voiders.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            self.differs(format!("Statement {id} (number {seq}) is not marked as voided, and {by} voids it."));
        }
        Ok(())
    }

    /// The statements that void this one, by their own bytes.
    async fn voiders(&self, id: StatementId) -> Result<Vec<StatementId>, StoreError> {
        let found = self.app.store.scan(&self.app.provider, Scan::everything(vec![token::reference(id)], PAGE)).await;
        let found = match found {
            // Damage, which its own check reports.
            Err(StoreError::Failed(_)) => return Ok(Vec::new()),
            found => found?,
        };
        let voids = |kept: &&StoredStatement| {
            stored::read(&kept.bytes).is_some_and(|facts| facts.voiding && facts.refers_to == Some(id))
        };
        Ok(found.iter().filter(voids).map(|kept| kept.id).collect())
    }

    /// Whether the registration exists that a statement of this server began.
    async fn registering(&mut self, entry: &LogEntry) -> Result<(), Error> {
        let own = token::authority(server_authority(self.app).ifi());
        if !entry.tokens.contains(&token::verb(verb::REGISTERED)) || !entry.tokens.contains(&own) {
            return Ok(());
        }
        let body: serde_json::Value = serde_json::from_slice(&entry.bytes).unwrap_or_default();
        let Some(id) = body.pointer("/context/registration").and_then(serde_json::Value::as_str) else { return Ok(()) };
        if self.app.store.record(&self.app.provider, Registration::KIND, id).await?.is_none() {
            let message = format!("Statement {} begins registration {id}, whose record is gone.", entry.id);
            self.differs(message);
        }
        Ok(())
    }
}

/// What the store says about a statement that its bytes do not say.
fn differing(entry: &LogEntry, facts: &StoredFacts) -> Vec<&'static str> {
    let tokens = |tokens: &[xapi::Token]| tokens.iter().copied().collect::<BTreeSet<_>>();
    let checks = [
        (entry.id == facts.id, "id"),
        (entry.stored == facts.stored, "time of storing"),
        (entry.digest == facts.digest, "digest"),
        (tokens(&entry.tokens) == tokens(&facts.tokens), "list of facts that it is found by"),
        (entry.refers_to == facts.refers_to, "reference to another statement"),
        (entry.voiding == facts.voiding, "mark of a voiding statement"),
    ];
    checks.into_iter().filter(|(agrees, _)| !agrees).map(|(_, what)| what).collect()
}
