//! One entry, and how it is added.

use crate::service::{App, expiry};
use base::ids;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Commit, Document, Index, IndexKey, Key, Kind, Result};

/// The index of all entries, in the order of time.
pub(super) const TIME: &str = "time";
/// The index of the entries of one person or program, in the order of time.
pub(super) const BY: &str = "by";

/// The longest text of an entry, in characters: a subject of another issuer has no other limit.
const LONGEST: usize = 600;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    SignedIn,
    SignInFailed,
    SignedOut,
    /// Read what is about other people: registrations, credits and their evidence, sessions, erasures.
    ReadRecords,
    ReadStatements,
    /// Read state or profiles by the record store.
    ReadDocuments,
    Exported,
    ReadAudit,
    CredentialCreated,
    CredentialRotated,
    CredentialRevoked,
    /// Made another key sign the ledger.
    SigningKeyRotated,
    Published,
    Decided,
    /// Proposed an act that needs a second person.
    Proposed,
    Erased,
    /// Changed something else that is not the caller's own; the route says what.
    Changed,
}

impl Act {
    /// All of them, with their names in entries and how a page says them.
    pub const ALL: [(Self, &'static str, &'static str); 17] = [
        (Self::SignedIn, "signed-in", "Signed in"),
        (Self::SignInFailed, "sign-in-failed", "Failed to sign in"),
        (Self::SignedOut, "signed-out", "Signed out"),
        (Self::ReadRecords, "read-records", "Read records about people"),
        (Self::ReadStatements, "read-statements", "Read statements"),
        (Self::ReadDocuments, "read-documents", "Read state or profiles"),
        (Self::Exported, "exported", "Exported"),
        (Self::ReadAudit, "read-audit", "Read the audit trail"),
        (Self::CredentialCreated, "credential-created", "Created a credential"),
        (Self::CredentialRotated, "credential-rotated", "Rotated a credential"),
        (Self::CredentialRevoked, "credential-revoked", "Revoked a credential"),
        (Self::SigningKeyRotated, "signing-key-rotated", "Rotated the signing key"),
        (Self::Published, "published", "Published an activity"),
        (Self::Decided, "decided", "Decided a hold or a proposal"),
        (Self::Proposed, "proposed", "Proposed an act for two"),
        (Self::Erased, "erased", "Erased a person"),
        (Self::Changed, "changed", "Changed something"),
    ];

    /// The act of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == name).map(|(act, ..)| *act)
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(act, ..)| *act == self).map_or("changed", |(_, name, _)| *name)
    }

    /// As a page says it.
    pub fn words(self) -> &'static str {
        Self::ALL.iter().find(|(act, ..)| *act == self).map_or("Changed something", |(.., words)| *words)
    }

    /// Whether a program that does it a thousand times in an hour by one route gets one entry: each alone says no more.
    fn is_bulk(self) -> bool {
        matches!(
            self,
            Self::ReadRecords | Self::ReadStatements | Self::ReadDocuments | Self::Changed | Self::SignInFailed
        )
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// The time, and something random that keeps entries of one instant apart.
    pub key: String,
    pub at: Timestamp,
    /// An account's id, `credential:` and its key, `token:` with issuer and subject, `operator` for the command line, or
    /// `nobody` who is known.
    pub by: String,
    pub act: Act,
    /// The pattern of the route, or the command.
    pub route: String,
    /// The ids in the address; empty if there are none.
    pub about: String,
    /// Until when it is retained.
    pub expires: Timestamp,
}

impl Document for AuditEntry {
    const KIND: &'static Kind = &Kind {
        name: "audit-entry",
        indexes: &[
            Index { name: TIME, unique: false },
            Index { name: BY, unique: false },
            Index { name: expiry::INDEX, unique: false },
        ],
    };

    fn key(&self) -> String {
        self.key.clone()
    }

    fn index(&self) -> Vec<IndexKey> {
        let at = xapi::instant(self.at);
        vec![
            IndexKey { index: TIME, key: at.clone() },
            IndexKey { index: BY, key: Key::of(&[&self.by, &at]).into() },
            IndexKey { index: expiry::INDEX, key: xapi::instant(self.expires) },
        ]
    }
}

/// Adds an entry. Of what a program does in bulk, the first of each hour and route is added, which bounds the entries by the number
/// of programs; a person's acts are added each.
pub async fn record(app: &App, by: &str, act: Act, route: &str, about: &str) -> Result<()> {
    let is_program = by.starts_with("credential:") || by.starts_with("token:") || by == "nobody";
    let seen = Key::of(&[&app.provider.as_str(), &by, &act.as_str(), &route]).into();
    if act.is_bulk() && is_program && app.memory.audited.contains_key(&seen) {
        return Ok(());
    }
    let now = app.clock.now();
    let short = |text: &str| text.chars().take(LONGEST).collect::<String>();
    let kept = SignedDuration::from_hours(24 * i64::from(app.config.retention.audit_days));
    let entry = AuditEntry {
        key: format!("{}-{}", xapi::instant(now), ids::random().simple()),
        at: now,
        by: short(by),
        act,
        route: short(route),
        about: short(about),
        expires: now.saturating_add(kept).unwrap_or(Timestamp::MAX),
    };
    app.store.commit(&app.provider, Commit { writes: vec![entry.insert()?], ..Commit::default() }).await?;
    if act.is_bulk() && is_program {
        app.memory.audited.insert(seen, ());
    }
    Ok(())
}

/// Removes entries whose time has passed.
pub(in crate::service) async fn sweep(app: &App) -> Result<()> {
    expiry::sweep::<AuditEntry>(app, app.clock.now()).await
}
