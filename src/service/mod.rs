//! The use cases: each connects the pure crates to the store, and knows nothing of HTTP.

pub mod audit;
pub mod catalogue;
pub mod crediting;
pub mod erasure;
mod expiry;
mod ids;
pub mod learning;
pub mod ledger;
pub mod people;
pub mod playing;
pub mod queues;
pub mod records;
pub mod reporting;
mod stop;
pub mod transfer;
pub mod upkeep;
pub mod verification;
mod wrapping;

pub use catalogue::versions::{ActivityVersion, PackageVersion};
pub use ids::{AccountId, ErasureId, PackageVersionId, RegistrationId, SessionId};
pub use learning::registrations::Registration;
pub use people::account_issuer::AccountIssuer;
pub use people::accounts::{Account, Profession, Role};
pub use queues::QUEUES;
pub use stop::{Stop, Stopper, stopper};
/// What the store reports when a read or a commit fails. Each use case passes it on.
pub use store::StoreError;
pub use store::archive::Archive;

use crate::config::Config;
use base::clock::Clock;
use credit::RuleSets;
use crediting::certificates::{FontError, Fonts};
use std::sync::Arc;
use store::{self, LocationError, Provider, Store, StoreLocation};
use upkeep::memory::Memory;
use xapi::trust::Anchors;

/// The state that every use case works with. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub config: Arc<Config>,
    /// The rule sets that credit is decided by.
    pub rule_sets: Arc<RuleSets>,
    /// The provider that this server works for.
    pub provider: Provider,
    /// The authorities that signers of statements must lead to; none if any signer is accepted.
    pub(crate) anchors: Option<Arc<Anchors>>,
    /// What certificates are set in.
    pub(crate) fonts: Arc<Fonts>,
    pub(crate) memory: Arc<Memory>,
    pub(crate) reports: Arc<reporting::ReportingState>,
}

/// The location of the store that `config` names.
///
/// # Errors
/// When `store` is not a valid location.
pub fn store_location(config: &Config) -> Result<StoreLocation, LocationError> {
    if config.store.is_empty() {
        return Ok(StoreLocation::Directory(config.data.clone()));
    }
    StoreLocation::named(&config.store)
}

/// Why a server, or a command, cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("store cannot be used: {0}")]
    Place(#[from] LocationError),
    #[error("xapi.trust_anchors cannot be used: {path}: {reason}")]
    TrustAnchors { path: String, reason: String },
    #[error("certificates.fonts cannot be used: {0}")]
    Fonts(#[from] FontError),
}

impl App {
    /// Opens the store that `config` names for a server; in an embedded one it alone appends to the log from now on.
    pub async fn open(config: Config, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let anchors = records::trust::anchors(&config)?;
        let fonts = Arc::new(Fonts::with(&config.certificates.fonts)?);
        let store = store_location(&config)?.open(store::StoreRole::Server, Arc::clone(&clock)).await?;
        Ok(Self { anchors, fonts, ..Self::over(store, config, clock) })
    }

    /// Opens the store for a command that runs beside a server, or alone.
    pub async fn open_beside(config: Config, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let store = store_location(&config)?.open(store::StoreRole::Command, Arc::clone(&clock)).await?;
        Ok(Self::over(store, config, clock))
    }

    /// Opens the store for a command that only reads it: creates nothing, and works beside a server and on a read-only copy.
    ///
    /// # Errors
    /// Also when there is no store.
    pub async fn open_to_read(config: Config, clock: Arc<dyn Clock>) -> Result<(Self, Arc<dyn Archive>), OpenError> {
        let archive = store_location(&config)?.open(store::StoreRole::Reader, Arc::clone(&clock)).await?;
        let store: Arc<dyn Store> = Arc::<dyn Archive>::clone(&archive);
        Ok((Self::over(store, config, clock), archive))
    }

    /// The same server or command, working for another provider.
    #[must_use]
    pub fn for_provider(&self, id: &str) -> Self {
        Self { provider: Provider::new(id), ..self.clone() }
    }

    /// Removes what the engine still has of contents that were replaced; false if others prevented it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn scrub(&self) -> Result<bool, StoreError> {
        self.store.scrub().await
    }

    /// Ends all work of this process with the store.
    ///
    /// # Errors
    /// When what is buffered cannot be written.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.store.close().await
    }

    fn over(store: Arc<dyn Store>, config: Config, clock: Arc<dyn Clock>) -> Self {
        let provider = Provider::new(&config.provider.id);
        let memory = Arc::new(Memory::new(&config));
        let rule_sets = Arc::new(RuleSets::released());
        Self {
            store,
            clock,
            config: Arc::new(config),
            rule_sets,
            provider,
            anchors: None,
            fonts: Arc::new(Fonts::embedded()),
            memory,
            reports: Arc::default(),
        }
    }
}
