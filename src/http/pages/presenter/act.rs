//! What the CME office did in a registration: who, when, what, and why; the same for the learner, the desk and the API.

use super::super::Formats;
use crate::service::crediting::proposals::{HandAct, Proposal, ProposalState};
use crate::service::learning::registrations::{ActKind, OfficeAct};
use crate::service::people::accounts;
use crate::service::{AccountId, App, StoreError};
use credit::Verdict;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// One act, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActRow {
    pub what: String,
    pub who: String,
    pub when: String,
    pub reason: String,
    /// Who agreed and why, where two people decided.
    pub second: Option<String>,
    pub takes_credit: bool,
}

/// The acts of a registration in the order in which they happened. The ledger's own acts are told by their proposals.
pub async fn acts(app: &App, logged: &[OfficeAct], proposals: &[Proposal]) -> Result<Vec<ActRow>, StoreError> {
    let mut names = Names { app, known: BTreeMap::new() };
    let mut rows = Vec::new();
    for act in logged {
        rows.push((act.at, names.row(of_log(&act.kind), act.at, act.by, &act.reason, second(act)).await?));
    }
    for proposal in proposals {
        let ProposalState::Approved(answer) = &proposal.state else { continue };
        let what = match proposal.act {
            HandAct::Revoke { .. } => "Credit revoked",
            HandAct::Reinstate { .. } => "Credit reinstated",
            HandAct::Void { .. } | HandAct::Award { .. } => continue,
        };
        let second = Some((answer.by, answer.reason.as_str()));
        let row = names.row(what.to_owned(), answer.at, proposal.proposed_by, &proposal.reason, second).await?;
        rows.push((answer.at, row));
    }
    rows.sort_by_key(|(at, _)| *at);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

fn of_log(kind: &ActKind) -> String {
    match kind {
        ActKind::Decision { verdict: Verdict::Accepted, .. } => "Reviewed and accepted".to_owned(),
        ActKind::Decision { verdict: Verdict::Upheld, .. } => "Reviewed and not accepted".to_owned(),
        ActKind::AttemptGranted => "One more attempt granted".to_owned(),
        ActKind::Restart { .. } => "Started again".to_owned(),
        ActKind::Award { amount, .. } => format!("{amount} awarded by hand"),
        ActKind::Void { .. } => "Evidence voided".to_owned(),
    }
}

fn second(act: &OfficeAct) -> Option<(AccountId, &str)> {
    Some((act.approved_by?, act.approval_reason.as_deref().unwrap_or_default()))
}

/// The names of the people who acted, each looked up once.
struct Names<'a> {
    app: &'a App,
    known: BTreeMap<AccountId, String>,
}

impl Names<'_> {
    async fn of(&mut self, id: AccountId) -> Result<String, StoreError> {
        if let Some(name) = self.known.get(&id) {
            return Ok(name.clone());
        }
        let account = accounts::get(self.app, id).await?;
        let name = account.map_or_else(|| "someone who has no account any more".to_owned(), |account| account.name);
        self.known.insert(id, name.clone());
        Ok(name)
    }

    async fn row(
        &mut self,
        what: String,
        at: Timestamp,
        by: AccountId,
        reason: &str,
        second: Option<(AccountId, &str)>,
    ) -> Result<ActRow, StoreError> {
        let second = match second {
            Some((by, reason)) => Some(format!("Approved by {}: {reason}", self.of(by).await?)),
            None => None,
        };
        Ok(ActRow {
            takes_credit: matches!(what.as_str(), "Evidence voided" | "Credit revoked"),
            what,
            who: self.of(by).await?,
            when: Formats::of(self.app).moment(at),
            reason: reason.to_owned(),
            second,
        })
    }
}
