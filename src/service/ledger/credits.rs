//! Credit records: what a learner keeps and a registry receives, as the ledger has it.

use crate::service::{AccountId, App, RegistrationId};
use base::hash::Sha256;
use credit::holder::{Holder, Salt, SaltedHolder};
use credit::{Credits, JointDecision, OfferingId, Profession, System, Tier, Window};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;
use store::{Document, Index, IndexKey, Key, Kind, Order, Records as _, Span, StoreError, StoredDocument};
use uuid::Uuid;
use xapi::StatementId;

/// The id of a credit record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CreditId(pub Uuid);

impl fmt::Display for CreditId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A credit that was recorded. Only its status ever changes, and each change is an entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreditRecord {
    pub id: CreditId,
    pub learner: AccountId,
    /// As it was when the credit was recorded; what the certificate is made out to.
    pub name: String,
    pub registration: RegistrationId,
    pub activity: String,
    pub version: u32,
    pub offering: OfferingId,
    pub system: System,
    /// The period in which no second one is recorded (V13).
    pub window: Window,
    pub amount: Credits,
    /// In the provider's time zone; computed once.
    pub completed: Date,
    pub recorded: Timestamp,
    /// How far the passed assessment can be trusted; absent where there was none.
    pub tier: Option<Tier>,
    pub standing: CreditState,
    /// How it came to count again after a revocation, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reinstated: Option<Reinstatement>,
    /// What the certificate shows, and anyone can check.
    pub code: String,
    /// The entry of the ledger that recorded it.
    pub entry: u64,
    /// The evidence bundle's name.
    pub bundle: Sha256,
}

/// Whether a credit record counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum CreditState {
    Active,
    /// Revoked by this entry of the ledger: since evidence was voided, or since two people decided so.
    Revoked {
        entry: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approval: Option<JointDecision>,
    },
    /// Corrected by this entry of the ledger, which recorded another in its place.
    Superseded {
        entry: u64,
    },
}

/// The entry of the ledger by which a revoked credit counts again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reinstatement {
    /// The entry that had revoked it.
    pub revoked: u64,
    pub entry: u64,
    /// The voided statements that it rests on all the same.
    pub despite: Vec<StatementId>,
    pub approval: JointDecision,
}

impl CreditRecord {
    /// Whether two people revoked it.
    pub fn is_revoked_by_hand(&self) -> bool {
        matches!(self.standing, CreditState::Revoked { approval: Some(_), .. })
    }

    /// Whether it counted when the ledger had `entry` as its next one.
    pub(in crate::service) fn counted_before(&self, entry: u64) -> bool {
        let ended = match self.standing {
            CreditState::Active => None,
            CreditState::Revoked { entry, .. } | CreditState::Superseded { entry } => Some(entry),
        };
        let paused = self.reinstated.as_ref().is_some_and(|again| again.revoked < entry && entry < again.entry);
        self.entry < entry && ended.is_none_or(|ended| ended > entry) && !paused
    }

    /// Whether it counts.
    pub fn is_active(&self) -> bool {
        self.standing == CreditState::Active
    }

    /// The key under which there is never a second active record.
    fn unique_key(&self) -> String {
        let Self { learner, activity, offering, window, .. } = self;
        Key::of(&[learner, activity, offering, &window.from]).into()
    }
}

impl Document for CreditRecord {
    const KIND: &'static Kind = &Kind {
        name: "credit-record",
        indexes: &[
            Index { name: "recorded", unique: false },
            Index { name: "learner", unique: false },
            Index { name: "activity", unique: false },
            Index { name: "registration", unique: false },
            Index { name: "code", unique: true },
            Index { name: "active", unique: true },
        ],
    };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn index(&self) -> Vec<IndexKey> {
        let recorded = xapi::instant(self.recorded);
        let mut keys = vec![
            IndexKey { index: "recorded", key: recorded.clone() },
            IndexKey { index: "learner", key: Key::of(&[&self.learner, &recorded]).into() },
            IndexKey { index: "activity", key: Key::of(&[&self.activity, &recorded]).into() },
            IndexKey { index: "registration", key: self.registration.to_string() },
            IndexKey { index: "code", key: self.code.clone() },
        ];
        if self.is_active() {
            keys.push(IndexKey { index: "active", key: self.unique_key() });
        }
        keys
    }
}

/// What binds the name, the profession and the certificate's code of a credit to its entry. Without it, the entry's hash of
/// them says nothing: an erasure removes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::service) struct CreditSalt {
    pub(in crate::service) credit: CreditId,
    pub(in crate::service) salt: Salt,
    /// As it was when the credit was recorded.
    pub(in crate::service) profession: Profession,
}

impl Document for CreditSalt {
    const KIND: &'static Kind = &Kind { name: "credit-salt", indexes: &[] };

    fn key(&self) -> String {
        self.credit.to_string()
    }

    fn index(&self) -> Vec<IndexKey> {
        Vec::new()
    }
}

/// The salt of a credit; none for one of an earlier release, and after an erasure.
pub(in crate::service) async fn salt(
    app: &App,
    id: CreditId,
) -> Result<Option<StoredDocument<CreditSalt>>, StoreError> {
    app.store.get::<CreditSalt>(&app.provider, &id.to_string()).await
}

/// Who a certificate is made out to, with the salt of the ledger's hash, while there is one.
pub(in crate::service) async fn holder(app: &App, record: &CreditRecord) -> Result<Option<SaltedHolder>, StoreError> {
    let salt = salt(app, record.id).await?.map(|kept| kept.document);
    Ok(salt.map(|CreditSalt { salt, profession, .. }| SaltedHolder {
        holder: Holder { name: record.name.clone(), profession, code: record.code.clone() },
        salt,
    }))
}

/// The record of this id.
pub async fn get(app: &App, id: CreditId) -> Result<Option<CreditRecord>, StoreError> {
    Ok(app.store.get::<CreditRecord>(&app.provider, &id.to_string()).await?.map(|kept| kept.document))
}

/// The record whose certificate shows this code, however it was typed.
pub async fn by_code(app: &App, code: &str) -> Result<Option<CreditRecord>, StoreError> {
    let code = credit::ledger::read_code(code);
    Ok(app.store.find::<CreditRecord>(&app.provider, "code", &code).await?.map(|kept| kept.document))
}

/// A learner's records, the last recorded first.
pub async fn of_learner(app: &App, learner: AccountId, limit: usize) -> Result<Vec<CreditRecord>, StoreError> {
    newest(app, "learner", &Key::beginning(&[&learner]), limit).await
}

/// The records of an activity, the last recorded first.
pub async fn of_activity(app: &App, activity: &str, limit: usize) -> Result<Vec<CreditRecord>, StoreError> {
    newest(app, "activity", &Key::beginning(&[&activity]), limit).await
}

/// The records of a registration.
pub async fn of_registration(app: &App, id: RegistrationId) -> Result<Vec<CreditRecord>, StoreError> {
    newest(app, "registration", &id.to_string(), Span::ALL).await
}

/// The records, the last recorded first.
pub async fn latest(app: &App, limit: usize) -> Result<Vec<CreditRecord>, StoreError> {
    newest(app, "recorded", "", limit).await
}

async fn newest(app: &App, index: &'static str, prefix: &str, limit: usize) -> Result<Vec<CreditRecord>, StoreError> {
    let span = Span { order: Order::Newest, ..Span::beginning(index, prefix, limit) };
    let found = app.store.list::<CreditRecord>(&app.provider, span).await?;
    Ok(found.into_iter().map(|kept| kept.document).collect())
}
