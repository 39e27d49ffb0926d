//! What the CME office did in a registration, as its log says: who, when, what, and why.

use super::RegistrationStatus;
use crate::service::records::access::is_vouched_for;
use crate::service::records::statements::server_authority;
use crate::service::{AccountId, App, RegistrationId};
use credit::{Credits, Event, JointDecision, OfferingId, Verdict};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;
use xapi::StatementId;
use xapi::vocabulary::{extension, verb};

/// One act of the CME office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfficeAct {
    /// The statement that says so.
    pub statement: StatementId,
    pub at: Timestamp,
    pub by: AccountId,
    /// Who agreed, where the act needs two people; with their reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval_reason: Option<String>,
    pub reason: String,
    #[serde(flatten)]
    pub kind: ActKind,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum ActKind {
    /// About integrity signals.
    Decision {
        signals: BTreeSet<String>,
        verdict: Verdict,
    },
    AttemptGranted,
    Restart {
        from: RegistrationId,
    },
    Award {
        offering: OfferingId,
        amount: Credits,
    },
    Void {
        target: StatementId,
    },
}

/// A statement, as far as it tells of an act.
#[derive(Deserialize)]
struct Told {
    actor: Actor,
    verb: Named,
    object: Object,
    #[serde(default)]
    result: Outcome,
}

#[derive(Deserialize)]
struct Actor {
    account: Account,
}

#[derive(Deserialize)]
struct Account {
    name: Uuid,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct Object {
    id: String,
}

#[derive(Default, Deserialize)]
struct Outcome {
    #[serde(default)]
    response: String,
    #[serde(default)]
    extensions: serde_json::Map<String, serde_json::Value>,
}

impl RegistrationStatus {
    /// What the CME office did in it, in the order of the log.
    pub fn acts(&self, app: &App) -> Vec<OfficeAct> {
        let authority = server_authority(app);
        let ours = self.log.iter().filter(|logged| is_vouched_for(&logged.bytes, authority.ifi()));
        ours.filter_map(|logged| act(logged.id, logged.stored, serde_json::from_slice(&logged.bytes).ok()?)).collect()
    }
}

fn act(statement: StatementId, at: Timestamp, told: Told) -> Option<OfficeAct> {
    let Told { actor, verb: Named { id: verb }, object, result: Outcome { response, mut extensions } } = told;
    let act = |by, reason, kind| OfficeAct {
        statement,
        at,
        by: AccountId(by),
        approved_by: None,
        approval_reason: None,
        reason,
        kind,
    };
    let joint = |decision: JointDecision, kind| OfficeAct {
        approved_by: Some(AccountId(decision.approved_by)),
        approval_reason: Some(decision.approval_reason),
        ..act(decision.proposed_by, decision.reason, kind)
    };
    if verb == verb::VOIDED {
        let kind = ActKind::Void { target: object.id.parse().ok().map(StatementId)? };
        let approval = extensions.remove(extension::APPROVAL).and_then(|told| serde_json::from_value(told).ok());
        return Some(match approval {
            Some(decision) => joint(decision, kind),
            // The first releases let one person void.
            None => act(actor.account.name, response, kind),
        });
    }
    match serde_json::from_value(extensions.remove(extension::EVENT)?).ok()? {
        Event::Settled { signals, by, verdict, reason } => {
            Some(act(by, reason, ActKind::Decision { signals, verdict }))
        }
        Event::AttemptGranted { by, reason } => Some(act(by, reason, ActKind::AttemptGranted)),
        Event::Restarted { from, by, reason } => Some(act(by, reason, ActKind::Restart { from: RegistrationId(from) })),
        Event::Awarded { offering, amount, approval, .. } => Some(joint(approval, ActKind::Award { offering, amount })),
        _ => None,
    }
}
