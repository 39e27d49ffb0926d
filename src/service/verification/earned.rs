//! The statements by which other tools know of awards, compared with the ledger both ways.

use super::{Audit, Error};
use serde::Deserialize;
use std::collections::BTreeSet;
use store::{Scan, Seq, StoredStatement};
use uuid::Uuid;
use xapi::vocabulary::{extension, verb};
use xapi::{Authority, token};

/// How many statements are read at once.
const PAGE: usize = 200;

/// What such a statement says of a credit.
#[derive(Deserialize)]
struct Earned {
    result: Outcome,
    context: Context,
}

#[derive(Deserialize)]
struct Outcome {
    response: String,
}

#[derive(Deserialize)]
struct Context {
    registration: Uuid,
    extensions: serde_json::Map<String, serde_json::Value>,
}

impl Audit<'_> {
    /// Each award has its statement, and each statement its award.
    pub(super) async fn earned(&mut self) -> Result<(), Error> {
        let mut said = BTreeSet::new();
        for base in std::mem::take(&mut self.bases) {
            self.earned_under(&base, &mut said).await?;
        }
        let unsaid: Vec<_> = self.recorded.keys().filter(|id| !said.contains(*id)).copied().collect();
        for id in unsaid {
            let message = format!("Credit {id} is in the ledger, and no statement of the log reports it as earned.");
            self.differs(None, Some(id), message);
        }
        Ok(())
    }

    /// The statements that the server wrote when this was its address.
    async fn earned_under(&mut self, base: &str, said: &mut BTreeSet<Uuid>) -> Result<(), Error> {
        let authority = Authority::account(base, ::credit::AUTHORITY);
        let tokens = vec![token::verb(verb::EARNED), token::authority(authority.ifi())];
        let mut after = Seq(0);
        loop {
            let scan = Scan { after, ..Scan::everything(tokens.clone(), PAGE) };
            let page = match self.app.store.scan(&self.app.provider, scan).await {
                Ok(page) => page,
                Err(error @ store::StoreError::Failed(_)) => {
                    self.differs(None, None, format!("The statements that report awards cannot be read: {error}."));
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            };
            let Some(last) = page.last() else { return Ok(()) };
            after = last.seq;
            for stored in &page {
                self.earned_by(stored, said);
            }
        }
    }

    fn earned_by(&mut self, stored: &StoredStatement, said: &mut BTreeSet<Uuid>) {
        // A statement that voids one of these is found along with it.
        let Ok(Earned { result, context }) = serde_json::from_slice::<Earned>(&stored.bytes) else { return };
        let id = context.extensions.get(extension::CREDIT).and_then(|id| id.as_str()?.parse::<Uuid>().ok());
        let Some(id) = id else { return };
        let message = match self.recorded.get(&id) {
            None if self.is_later(stored) => return,
            None => "which is not in the ledger".to_owned(),
            Some(recorded) if recorded.credit.amount.to_string() != result.response => {
                format!("with the amount {}; the ledger has {}", result.response, recorded.credit.amount)
            }
            Some(recorded) if recorded.credit.registration != context.registration => {
                "for another registration than the ledger".to_owned()
            }
            Some(_) if stored.voided => "and was voided".to_owned(),
            Some(_) if said.insert(id) => return,
            Some(_) => "a second time".to_owned(),
        };
        said.insert(id);
        self.differs(None, Some(id), format!("Statement {} reports credit {id} as earned, {message}.", stored.id));
    }

    /// Whether a statement was stored after the verification began, with an entry that it does not read.
    fn is_later(&self, stored: &StoredStatement) -> bool {
        stored.stored > self.begun
    }
}
