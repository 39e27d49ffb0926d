//! The sealed pages of the log: each is signed and follows on the one before. The statements are compared with them when
//! everything is examined.

use super::{Audit, Error, SealedLog};
use crate::service::ledger::log_pages;
use base::hash::Sha256;
use credit::ledger::PublicKey;
use credit::log_page::LogEnd;
use std::collections::BTreeSet;

impl Audit<'_> {
    /// Every page, from the first to the last; what was noted of one is taken out of `noted`.
    pub(super) async fn pages(&mut self, keys: &[PublicKey], noted: &mut BTreeSet<Sha256>) -> Result<(), Error> {
        let end = log_pages::end(self.app).await;
        let Some(end) = self.readable(end, "The record of the end of the sealed log")? else { return Ok(()) };
        let provider = self.app.provider.clone();
        let mut before = log_pages::NOWHERE;
        loop {
            let page = log_pages::next(self.app, before.last).await;
            let Some(page) = self.readable(page, "A page of the sealed log")?.flatten() else { break };
            if let Err(error) = page.check(keys, provider.as_str(), before) {
                self.differs(None, None, format!("Page {} of the sealed log: {error}.", page.page));
            }
            noted.remove(&page.hash);
            if page.last <= before.last {
                break;
            }
            before = page.end();
        }
        // A server may have sealed another page meanwhile.
        if before != end && log_pages::end(self.app).await.ok() != Some(before) {
            let message = format!(
                "The sealed log ends with page {}, and its own record says that it ends with page {}: pages were removed or replaced.",
                before.page, end.page
            );
            self.differs(None, None, message);
        }
        let LogEnd { page, last, hash } = before;
        self.report.log = (page > 0).then_some(SealedLog { page, last, hash });
        Ok(())
    }
}
