//! Due work: the name of each queue, and the one place where an item of each is created.
//!
//! A [`DueItem`] is written in the commit that it follows from, and done at least once by the worker of its queue.

use super::ids::{ErasureId, RegistrationId, SessionId};
use jiff::{SignedDuration, Timestamp};
use store::{Claim, ClaimRequest, DueItem};

/// Registrations to decide about.
pub const DECIDE: &str = "decide";
/// Play sessions to suspend, unless the browser sends something.
pub const SILENT_SESSION: &str = "silent-session";
/// Erasures to do the next step of.
pub const ERASE: &str = "erase";
/// Erasures whose retained evidence is to be released.
pub const RELEASE_EVIDENCE: &str = "release-evidence";

/// Every queue.
pub const QUEUES: &[&str] = &[DECIDE, SILENT_SESSION, ERASE, RELEASE_EVIDENCE];

/// How long the browser may be silent before its session is suspended.
const SILENCE: SignedDuration = SignedDuration::from_mins(10);

/// By how much clocks of several processes may differ.
const DIFFERENCE: SignedDuration = SignedDuration::from_mins(1);

/// A request for claims on what is due in `queue`. An item that is due later than this server ever makes one due, or whose
/// lease ends later, was written while the clock was ahead, and does not wait until that time comes.
pub(in crate::service) fn claims(
    queue: &'static str,
    now: Timestamp,
    lease: SignedDuration,
    limit: usize,
) -> ClaimRequest {
    let latest = match queue {
        SILENT_SESSION => SILENCE,
        // Evidence is retained for years.
        RELEASE_EVIDENCE => SignedDuration::MAX,
        _ => SignedDuration::ZERO,
    };
    let horizon = latest.saturating_add(lease).saturating_add(DIFFERENCE);
    ClaimRequest { horizon, ..ClaimRequest::new(queue, now, lease, limit) }
}

/// A decision about `registration`.
pub(in crate::service) fn decide(registration: RegistrationId, at: Timestamp) -> DueItem {
    DueItem { queue: DECIDE, key: registration.to_string(), at }
}

/// A check of `session`, once it has been silent for too long after `heard`.
pub(in crate::service) fn silent_session(session: SessionId, heard: Timestamp) -> DueItem {
    DueItem { queue: SILENT_SESSION, key: session.to_string(), at: heard.saturating_add(SILENCE).unwrap_or(heard) }
}

/// The next step of `erasure`.
pub(in crate::service) fn erase(erasure: ErasureId, at: Timestamp) -> DueItem {
    DueItem { queue: ERASE, key: erasure.to_string(), at }
}

/// The release of what `erasure` retains.
pub(in crate::service) fn release_evidence(erasure: ErasureId, at: Timestamp) -> DueItem {
    DueItem { queue: RELEASE_EVIDENCE, key: erasure.to_string(), at }
}

/// The item of `claim`, due again; `None` in a queue that this version does not have.
pub(in crate::service) fn repeated(claim: &Claim, at: Timestamp) -> Option<DueItem> {
    let queue = QUEUES.iter().find(|queue| **queue == claim.queue)?;
    Some(DueItem { queue, key: claim.key.clone(), at })
}
