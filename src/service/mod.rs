//! The use cases: each joins the pure folders to the store, and knows nothing of HTTP.

pub mod accounts;
pub mod activities;
pub mod assessment;
pub mod certificates;
pub mod claims;
pub mod commits;
pub mod credentials;
pub mod credits;
pub mod decisions;
pub mod definitions;
pub mod deliveries;
pub mod demo;
pub mod document_resources;
mod documents;
pub mod enrolment;
pub mod erasure;
pub mod evaluation;
mod expiry;
pub mod history;
pub mod holds;
mod housekeeping;
pub mod installation;
pub mod issuers;
mod kinds;
pub mod launches;
pub mod ledger;
pub mod limits;
mod memory;
pub mod packages;
pub mod portal;
pub mod programs;
pub mod readiness;
pub mod registrations;
pub mod reports;
pub mod samples;
pub mod sessions;
pub mod sign_in;
pub mod spool;
pub mod statements;
mod stop;
pub mod transcript;
pub mod transfer;
mod trust;
pub mod verify;
pub mod voiding;
pub mod workers;

pub use documents::{
    Account, AccountId, ActivityVersion, PackageVersion, PackageVersionId, Profession, Registration, RegistrationId,
    Role,
};
pub use stop::{Stop, Stopper, stopper};

use crate::config::Config;
use base::clock::Clock;
use memory::Memory;
use std::sync::Arc;
use store::{self, NoPlace, Place, Provider, Store, StoreError};
use xapi::trust::Anchors;

/// What every use case works with. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub config: Arc<Config>,
    /// The provider that this server speaks for.
    pub provider: Provider,
    /// The authorities that signers of statements must lead to; none where signers need lead nowhere.
    pub(crate) anchors: Option<Arc<Anchors>>,
    pub(crate) memory: Arc<Memory>,
    pub(crate) reports: Arc<reports::Shared>,
}

/// Every queue of due work, by the name of the worker that does it.
pub const QUEUES: &[&str] = &[registrations::DECIDE, launches::SILENT, erasure::ERASE, erasure::RELEASE];

/// Where `config` says that the store is.
///
/// # Errors
/// When `store` names no place.
pub fn place(config: &Config) -> Result<Place, NoPlace> {
    if config.store.is_empty() {
        return Ok(Place::Directory(config.data.clone()));
    }
    Place::named(&config.store)
}

/// Why a server, or a command, cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("store cannot be used: {0}")]
    Place(#[from] NoPlace),
    #[error("xapi.trust_anchors cannot be used: {path}: {reason}")]
    TrustAnchors { path: String, reason: String },
}

impl App {
    /// Opens the store that `config` names for a server; in an embedded one it alone appends to the log from now on.
    pub async fn open(config: Config, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let anchors = trust::anchors(&config)?;
        let store = place(&config)?.open(store::Role::Server, Arc::clone(&clock)).await?;
        Ok(Self { anchors, ..Self::over(store, config, clock) })
    }

    /// Opens the store for a command that runs beside a server, or alone.
    pub async fn open_beside(config: Config, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let store = place(&config)?.open(store::Role::Command, Arc::clone(&clock)).await?;
        Ok(Self::over(store, config, clock))
    }

    fn over(store: Arc<dyn Store>, config: Config, clock: Arc<dyn Clock>) -> Self {
        let provider = Provider::new(&config.provider.id);
        let memory = Arc::new(Memory::new(&config));
        Self { store, clock, config: Arc::new(config), provider, anchors: None, memory, reports: Arc::default() }
    }
}
