//! Closing launches when their learner signs out of the app.

use crate::service::learning::registrations;
use crate::service::people::sign_in;
use crate::service::playing::sessions::Session;
use crate::service::{App, expiry};
use base::hash::Sha256;
use store::{Key, Order, Records as _, Span, StoreError};

/// The most launches of one registration that are looked at, the newest first: one sign-in lasts hours.
const MOST: usize = 50;

/// Ends the sign-in of `secret`, and every launch that was made with it.
pub async fn sign_out(app: &App, secret: &str) -> Result<(), StoreError> {
    if let Some(account) = sign_in::account_of(app, secret).await? {
        for registration in registrations::of_account(app, account.id).await? {
            let prefix = Key::beginning(&[&registration.id]);
            let span = Span { order: Order::Newest, ..Span::beginning("registration", &prefix, MOST) };
            for mut session in app.store.list::<Session>(&app.provider, span).await? {
                if session.document.signed_in == Some(Sha256::of(secret)) && session.document.files.is_some() {
                    session.document.close();
                    expiry::unless_changed(app, session.replace()?).await?;
                }
            }
        }
    }
    sign_in::close(app, secret).await
}
