//! Sign-in sessions: an opaque secret in a cookie, its hash in the store.

use crate::service::expiry;
use crate::service::people::accounts;
use crate::service::{Account, AccountId, AccountIssuer, App};
use base::hash::Sha256;
use base::ids;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Commit, Document, Index, IndexKey, Kind, Records, Result, Span, StoredDocument, Write};

/// The longest time for which one sign-in lasts.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(12);

/// An unused session ends after this. An activity is played on another origin, which sends no cookie, so it
/// must outlast the longest activity.
pub const IDLE: SignedDuration = SignedDuration::from_hours(4);

/// How old the recorded time of the last use may be, so that not every page needs a write.
const TOUCH: SignedDuration = SignedDuration::from_mins(10);

/// One sign-in. Its key is the SHA-256 of the secret, so that a copy of the store signs nobody in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::service) struct SignInSession {
    secret_sha256: Sha256,
    account: AccountId,
    created: Timestamp,
    expires: Timestamp,
}

impl Document for SignInSession {
    const KIND: &'static Kind = &Kind { name: "sign-in", indexes: &[Index { name: expiry::INDEX, unique: false }] };

    fn key(&self) -> String {
        self.secret_sha256.to_string()
    }

    fn index(&self) -> Vec<IndexKey> {
        vec![IndexKey { index: expiry::INDEX, key: xapi::instant(self.expires) }]
    }
}

/// Signs `account` in and returns the secret for its cookie. Every sign-in has a new secret.
pub async fn open(app: &App, account: &Account) -> Result<String> {
    let now = app.clock.now();
    let secret = ids::secret();
    let session = SignInSession {
        secret_sha256: Sha256::of(&secret),
        account: account.id,
        created: now,
        expires: later(now, IDLE),
    };
    app.store.commit(&app.provider, Commit { writes: vec![session.insert()?], ..Commit::default() }).await?;
    expiry::sweep::<SignInSession>(app, now).await?;
    Ok(secret)
}

/// The account that `secret` signs in, unless the session has ended.
pub async fn account_of(app: &App, secret: &str) -> Result<Option<Account>> {
    let now = app.clock.now();
    let key = Sha256::of(secret).to_string();
    let Some(mut kept) = app.store.get::<SignInSession>(&app.provider, &key).await? else { return Ok(None) };
    if kept.document.expires <= now {
        return Ok(None);
    }
    let expires = later(now, IDLE).min(later(kept.document.created, LONGEST));
    if expires.duration_since(kept.document.expires) >= TOUCH {
        kept.document.expires = expires;
        expiry::unless_changed(app, kept.replace()?).await?;
    }
    let account = accounts::get(app, kept.document.account).await?;
    // Whoever signed in as a person of the demonstration is signed out when it is off.
    Ok(account.filter(|account| app.config.demo || account.issuer != AccountIssuer::Demo))
}

/// Ends the session of `secret`, if there is one.
pub async fn close(app: &App, secret: &str) -> Result<()> {
    let key = Sha256::of(secret).to_string();
    match app.store.get::<SignInSession>(&app.provider, &key).await? {
        Some(kept) => expiry::unless_changed(app, kept.delete()).await,
        None => Ok(()),
    }
}

/// The writes that end every sign-in of an account. Once the account is gone, they sign nobody in anyway.
pub(in crate::service) async fn endings(app: &App, account: AccountId) -> Result<Vec<Write>> {
    const PAGE: usize = 1000;
    let mut endings = Vec::new();
    let mut span = Span::beginning(expiry::INDEX, "", PAGE);
    loop {
        let page = app.store.list::<SignInSession>(&app.provider, span.clone()).await?;
        let Some(last) = page.last() else { return Ok(endings) };
        span.after = Some((xapi::instant(last.document.expires), last.document.key()));
        endings.extend(page.iter().filter(|kept| kept.document.account == account).map(StoredDocument::delete));
    }
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
