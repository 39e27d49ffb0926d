//! Beginning an activity: whether it is open, what was shown, and the registration.

use crate::config::Locale;
use crate::service::learning::registrations;
use crate::service::{Account, ActivityVersion, App, Registration};
use credit::{Activity, Event, FrontMatterPart};
use jiff::civil::Date;
use std::collections::BTreeSet;
use store::Commit;

/// Whether learners can begin an activity today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    Open,
    /// Not before this day.
    From(Date),
    /// Closed since the day after this one.
    Expired(Date),
}

impl Availability {
    /// Whether it can be begun.
    pub fn is_open(self) -> bool {
        self == Self::Open
    }

    /// A sentence for a learner, with dates as `locale` writes them.
    pub fn sentence(self, locale: Locale) -> String {
        match self {
            Self::Open => "This activity is open.".to_owned(),
            Self::From(date) => format!("This activity opens on {}; come back then.", locale.date(date)),
            Self::Expired(date) => format!(
                "This activity expired on {} and can no longer be started. Credit that was earned before stays valid; \
                 choose another activity from the start page.",
                locale.date(date)
            ),
        }
    }
}

/// Why an activity was not begun.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("confirm below that you have read the disclosures and what you need to do; then begin")]
    NotRead,
    #[error("a new version of the activity was published while you were reading; read it below, then begin again")]
    Changed,
    /// With a sentence for the learner.
    #[error("{0}")]
    Closed(String),
    #[error(transparent)]
    Registration(#[from] registrations::Error),
}

/// Whether `activity` can be begun today.
pub fn availability(app: &App, activity: &Activity) -> Result<Availability, registrations::Error> {
    let (today, dates) = (registrations::today(app)?, activity.dates);
    Ok(match () {
        () if today < dates.released => Availability::From(dates.released),
        () if today > dates.expires => Availability::Expired(dates.expires),
        () => Availability::Open,
    })
}

/// Registers `account` for `version` and records what was shown. Beginning twice is the same as beginning once.
///
/// `shown` is the version that the page showed, and `read` whether the learner confirmed having read it.
pub async fn begin(
    app: &App,
    account: &Account,
    version: &ActivityVersion,
    shown: Option<u32>,
    read: bool,
) -> Result<Registration, Error> {
    match availability(app, &version.document)? {
        Availability::Open => {}
        closed => return Err(Error::Closed(closed.sentence(app.config.provider.locale))),
    }
    if shown != Some(version.version) {
        return Err(Error::Changed);
    }
    if !read {
        return Err(Error::NotRead);
    }
    let registration = registrations::register(app, &version.activity, account).await?;
    record_informed(app, &registration, version).await?;
    Ok(registration)
}

/// Records that the front matter of `version` was shown, with every part that the page has.
pub async fn record_informed(
    app: &App,
    registration: &Registration,
    version: &ActivityVersion,
) -> Result<(), registrations::Error> {
    let event = Event::Informed { shown: BTreeSet::from(FrontMatterPart::ALL), document: version.sha256 };
    registrations::record(app, registration, vec![event], Commit::default()).await?;
    Ok(())
}

/// The newest registration of `account` for `activity`.
pub async fn of_learner(
    app: &App,
    account: &Account,
    activity: &str,
) -> Result<Option<Registration>, registrations::Error> {
    let all = registrations::of_learner(app, account).await?;
    Ok(all.into_iter().find(|registration| registration.activity == activity))
}
