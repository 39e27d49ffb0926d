//! A packet: all that is needed to check one credit without the server that recorded it.

use crate::bundle::Bundle;
use crate::evidence::{Fingerprint, LoggedStatement};
use crate::holder::SaltedHolder;
use crate::ledger::{Jwk, PublicKey, SealedEntry};
use crate::{ActiveCredit, Activity, RuleSets, identify, recompute};
use base::hash::Sha256;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use xapi::StatementId;

/// What `GET /api/v1/credits/{id}/evidence/statements` returns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packet {
    /// The statements that the bundle names, in its order.
    pub statements: Vec<Exhibit>,
    /// Statements that would have counted, had they not been voided, and those that void them.
    pub voided: Vec<VoidedStatement>,
    /// The evidence bundle, byte for byte as the ledger signs its hash.
    pub bundle: String,
    /// The document of the version that the registration pins.
    pub activity: Activity,
    /// The learner's other credits that were active when this one was recorded.
    pub credits: Vec<ActiveCredit>,
    /// The entry of the ledger that records the credit.
    pub entry: SealedEntry,
    /// The provider's published keys.
    pub keys: Vec<Jwk>,
    /// Who the certificate is made out to; none after an erasure, and for credits of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<SaltedHolder>,
}

/// A statement that a credit rests on, with the hash that its bundle names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exhibit {
    pub id: StatementId,
    pub sha256: Sha256,
    /// Exactly as it was stored; `None` when it is no longer there, or was changed.
    pub text: Option<String>,
}

/// A statement that no longer counts, or one that voids another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoidedStatement {
    /// Its position in the log.
    pub seq: u64,
    pub text: String,
}

/// The members by which the log identifies a statement.
#[derive(Deserialize)]
struct StatementHeader {
    id: StatementId,
    stored: Timestamp,
}

impl Packet {
    /// What differs when everything is checked and the credit is decided again, as sentences; nothing when all is as it was signed.
    pub fn differences(&self, rule_sets: &RuleSets) -> Vec<String> {
        let keys: Vec<PublicKey> = self.keys.iter().filter_map(PublicKey::from_jwk).collect();
        let mut differences = Vec::new();
        if keys.len() != self.keys.len() {
            differences.push("A published key is not an Ed25519 key for signatures.".to_owned());
        }
        let bundle = match Bundle::read(self.bundle.as_bytes()) {
            Ok(bundle) => bundle,
            Err(error) => {
                differences.push(format!("The evidence bundle cannot be read: {error}."));
                return differences;
            }
        };
        differences.extend(self.signed(&keys, &bundle));
        if self.activity.canonical().map(Sha256::of).ok() != Some(bundle.document) {
            differences.push("The activity's document is not the one that the evidence bundle names.".to_owned());
        }
        differences.extend(self.exhibited(&bundle));
        match TimeZone::get(&bundle.time_zone) {
            Ok(zone) => {
                let facts = bundle.facts(&self.activity, zone);
                let log = self.log(&bundle);
                differences.extend(recompute(&bundle, &facts, &log, &self.credits, rule_sets));
            }
            Err(error) => differences.push(format!("The time zone of the evidence bundle cannot be used: {error}.")),
        }
        differences
    }

    /// Whether the ledger's entry signs this bundle.
    fn signed(&self, keys: &[PublicKey], bundle: &Bundle) -> Vec<String> {
        let entry = match self.entry.open_alone(keys) {
            Ok(entry) => entry,
            Err(broken) => return vec![format!("Entry {}: {broken}.", self.entry.number)],
        };
        let Some(credit) = entry.deed.credit() else {
            return vec![format!("Entry {} records no credit.", entry.number)];
        };
        let found = Sha256::of(&self.bundle);
        let mut differences = identify(bundle, credit);
        match (&self.holder, credit.holder) {
            (Some(holder), Some(signed)) if !holder.is_signed_as(signed) => {
                differences.push("The name, profession and code are not those that the ledger signed.".to_owned());
            }
            (Some(_), None) => differences.push("The ledger signed no name for this credit.".to_owned()),
            _ => {}
        }
        if found != credit.bundle {
            let signed = credit.bundle;
            differences.push(format!("The evidence bundle has the hash {found}; the ledger signed {signed}."));
        }
        differences
    }

    /// Whether the statements are those that the bundle names.
    fn exhibited(&self, bundle: &Bundle) -> Vec<String> {
        let mut differences = Vec::new();
        if self.statements.len() != bundle.statements.len() {
            let (found, named) = (self.statements.len(), bundle.statements.len());
            differences.push(format!("The evidence bundle names {named} statements; here are {found}."));
        }
        for (exhibit, named) in self.statements.iter().zip(&bundle.statements) {
            if (exhibit.id, exhibit.sha256) != (named.id, named.sha256) {
                differences.push(format!("Statement {} is not the one that the evidence bundle names.", exhibit.id));
            }
            match &exhibit.text {
                None => differences.push(format!("Statement {} is gone.", named.id)),
                Some(text) if Sha256::of(text) != named.sha256 => {
                    differences.push(format!("Statement {} was changed: its bytes have another hash.", named.id));
                }
                Some(_) => {}
            }
        }
        differences
    }

    /// The log, as far as it matters here, in its order.
    fn log(&self, bundle: &Bundle) -> Vec<LoggedStatement<&[u8]>> {
        let counted = bundle.statements.iter().zip(&self.statements).filter_map(|(named, exhibit)| {
            let Fingerprint { seq, id, stored, .. } = *named;
            Some(LoggedStatement { seq, id, stored, bytes: exhibit.text.as_ref()?.as_bytes() })
        });
        let voided = self.voided.iter().filter_map(|voided| {
            let StatementHeader { id, stored } = serde_json::from_str(&voided.text).ok()?;
            Some(LoggedStatement { seq: voided.seq, id, stored, bytes: voided.text.as_bytes() })
        });
        let mut log: Vec<_> = counted.chain(voided).collect();
        log.sort_by_key(|logged| logged.seq);
        log
    }
}
