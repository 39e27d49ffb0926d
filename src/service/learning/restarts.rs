//! The way on after a registration has come to an end: one more attempt, or a new registration beside the old one.

use crate::service::catalogue::activities;
use crate::service::learning::assessment;
use crate::service::learning::registrations::{self, Error, RegistrationStatus, kept, stated, status, today};
use crate::service::ledger::credits::CreditRecord;
use crate::service::people::accounts;
use crate::service::{Account, App, Registration, RegistrationId};
use base::ids;
use credit::assessment::NextAttempt;
use credit::{Event, RuleSetName};
use store::{Commit, Document as _, StoredDocument};

/// Lets the learner take the assessment once more although the attempts are used.
pub async fn grant_attempt(app: &App, id: RegistrationId, by: &Account, reason: &str) -> Result<(), Error> {
    let reason = stated(reason)?;
    let status = status(app, id).await?;
    not_restarted(&status)?;
    if status.registration.rules == RuleSetName::FIRST {
        return Err(Error::NoGrants(RuleSetName::FIRST));
    }
    if assessment::next(app, &status)? != Some(NextAttempt::Exhausted) {
        return Err(Error::NotExhausted);
    }
    status.record(app, vec![Event::AttemptGranted { by: by.id.0, reason }], Commit::default()).await?;
    Ok(())
}

/// Begins the activity again for the learner, in its current version, beside a registration that has come to an end.
pub async fn restart(app: &App, id: RegistrationId, by: &Account, reason: &str) -> Result<Registration, Error> {
    let reason = stated(reason)?;
    let old = status(app, id).await?;
    not_restarted(&old)?;
    if old.offerings.iter().any(|offering| offering.credit.as_ref().is_some_and(CreditRecord::is_active)) {
        return Err(Error::Credited);
    }
    let version = activities::current(app, &old.registration.activity).await?;
    let (day, dates) = (today(app)?, version.document.dates);
    if day > dates.expires {
        return Err(Error::Expired(dates.expires));
    }
    let account = accounts::get(app, old.registration.learner).await?.ok_or(Error::Unknown(id))?;
    let same = version.version == old.registration.version;
    let registration = Registration {
        id: RegistrationId(ids::random()),
        learner: account.id,
        activity: version.activity.clone(),
        version: version.version,
        created: app.clock.now(),
        rules: app.rule_sets.in_force(day).name.clone(),
        turn: if same { old.registration.turn.saturating_add(1) } else { 0 },
        restarts: Some(id),
        restarted_as: None,
    };
    let StoredDocument { version: edition, document } = kept(app, id).await?;
    let ended = Registration { restarted_as: Some(registration.id), ..document };
    let ended = StoredDocument { version: edition, document: ended }.replace()?;
    let begin = Commit { writes: vec![registration.insert()?, ended], ..Commit::default() };
    let events =
        vec![registrations::registered_event(&version, &account), Event::Restarted { from: id.0, by: by.id.0, reason }];
    registrations::record_in(app, &registration, &version, events, begin).await?;
    Ok(registration)
}

fn not_restarted(status: &RegistrationStatus) -> Result<(), Error> {
    status.registration.restarted_as.map_or(Ok(()), |by| Err(Error::Restarted(by)))
}
