//! Verifying everything that a store has: the ledger and its credits, then each statement of the log, each record, each blob,
//! due work, and the store's own structures. It reads page by page, reports all that it finds, and changes nothing.
//!
//! What nobody can see without knowing something from elsewhere, `docs/verification.md` says.

mod blobs;
mod log;
mod records;
mod sessions;

pub(super) use blobs::hash_of_blob;

use super::{Anchors, Difference, Error, Report, ledger};
use crate::service::App;
use crate::service::ledger::entries;
use ::credit::ledger::PublicKey;
use ::credit::log_page::SealedPage;
use serde::Serialize;
use store::StoreError;
use store::archive::Archive;

/// How much was examined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Examined {
    /// Statements of the log.
    pub statements: u64,
    /// Of these, those after the last page of the sealed log.
    pub unsealed: u64,
    pub records: u64,
    pub blobs: u64,
    /// Items of due work.
    pub due: u64,
}

/// What is being examined, for whoever waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    Store,
    Ledger,
    Statements(u64),
    Records(u64),
    Blobs(u64),
}

/// The most differences that are listed; more than that is one sentence.
const MOST: usize = 10_000;

/// Verifies everything of the provider, and all blobs. `archive` is the store of `app`.
pub async fn verify_everything(
    app: &App,
    archive: &dyn Archive,
    anchors: &Anchors,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Report, Error> {
    progress(Progress::Store);
    let damage = archive.damage().await?;
    progress(Progress::Ledger);
    let audit = ledger(app, anchors).await?;
    let mut examination = Examination {
        app,
        archive,
        report: audit.report,
        examined: Examined::default(),
        unlisted: 0,
        // Damage to them was reported.
        keys: entries::public_keys(app).await.unwrap_or_default(),
        page: None,
        progress,
    };
    for message in damage {
        examination.differs(message);
    }
    examination.log().await?;
    examination.records().await?;
    examination.due().await?;
    examination.blobs().await?;
    Ok(examination.finish())
}

/// An examination in progress.
struct Examination<'a> {
    app: &'a App,
    archive: &'a dyn Archive,
    report: Report,
    examined: Examined,
    /// Differences beyond [`MOST`].
    unlisted: u64,
    keys: Vec<PublicKey>,
    /// The page of the sealed log that was read last.
    page: Option<SealedPage>,
    progress: &'a (dyn Fn(Progress) + Sync),
}

impl Examination<'_> {
    fn differs(&mut self, message: String) {
        if self.report.differences.len() < MOST {
            self.report.differences.push(Difference { entry: None, credit: None, message });
        } else {
            self.unlisted += 1;
        }
    }

    /// Damage that prevents one comparison is a difference, and does not prevent the others.
    fn readable(&mut self, compared: Result<(), Error>, what: &str) -> Result<(), Error> {
        match compared {
            Err(Error::Store(StoreError::Failed(error))) => {
                self.differs(format!("{what} cannot be compared with what belongs to it: {error}."));
                Ok(())
            }
            compared => compared,
        }
    }

    fn finish(mut self) -> Report {
        if self.unlisted > 0 {
            let message = format!("{} more differences were found and are not listed.", self.unlisted);
            self.report.differences.push(Difference { entry: None, credit: None, message });
        }
        self.report.examined = Some(self.examined);
        self.report
    }
}
