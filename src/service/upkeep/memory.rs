//! What a process caches so that it need not read it again. Nothing here is authoritative: losing all of it only costs time.

use crate::config::Config;
use crate::service::catalogue::packages;
use crate::service::people::credentials::Credential;
use crate::service::people::issuers::Issuers;
use crate::service::playing::content_key::ContentKey;
use crate::service::playing::deliveries::PendingDeliveries;
use crate::service::upkeep::bodies::Bodies;
use crate::service::upkeep::limits::Limits;
use crate::service::upkeep::readiness::LastCheck;
use base::hash::Sha256;
use moka::sync::Cache;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use store::StoredDocument;

/// How long something is used without being read again. Another process may have changed it meanwhile.
pub(in crate::service) const FRESH: Duration = Duration::from_mins(1);

/// What one process caches of one store.
pub(crate) struct Memory {
    /// Credentials used recently, by provider and key.
    pub(in crate::service) credentials: Cache<String, StoredDocument<Arc<Credential>>>,
    /// The definitions that add nothing to the stored one of an activity, by provider and activity.
    pub(in crate::service) definitions: Cache<Sha256, Arc<BTreeSet<Sha256>>>,
    /// The secrets of the content origin, by provider.
    pub(in crate::service) content_keys: Cache<String, Arc<ContentKey>>,
    /// The files that play sessions were given lately.
    pub(in crate::service) delivered: PendingDeliveries,
    /// Packages: those read lately, and whose turn it is to be examined.
    pub(in crate::service) packages: packages::Memory,
    /// The keys that issuers of tokens have published.
    pub(in crate::service) issuers: Issuers,
    /// What programs did in bulk within the last hour, of which the audit trail has an entry.
    pub(in crate::service) audited: Cache<String, ()>,
    /// How often each caller has called.
    pub(crate) limits: Arc<Limits>,
    /// Whether the store accepted a write a moment ago.
    pub(in crate::service) ready: LastCheck,
    /// How much of what callers have sent is in memory.
    pub(crate) bodies: Bodies,
}

impl Memory {
    /// Nothing yet.
    pub(in crate::service) fn new(config: &Config) -> Self {
        Self {
            credentials: Cache::builder().max_capacity(10_000).time_to_live(FRESH).build(),
            definitions: Cache::builder().max_capacity(100_000).time_to_live(FRESH).build(),
            content_keys: Cache::builder().max_capacity(1_000).build(),
            delivered: PendingDeliveries::default(),
            packages: packages::Memory::default(),
            issuers: Issuers::new(&config.issuers),
            audited: Cache::builder().max_capacity(100_000).time_to_live(Duration::from_hours(1)).build(),
            limits: Arc::new(Limits::new(&config.limits)),
            ready: LastCheck::default(),
            bodies: Bodies::new(config.limits.bodies_bytes),
        }
    }
}
