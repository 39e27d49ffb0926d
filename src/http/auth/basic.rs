//! A credential over HTTP Basic authentication (RFC 7617): the user name is its key, the password its secret.

use super::error::Error;
use crate::service::App;
use crate::service::people::credentials;
use crate::service::records::programs::Program;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The key and secret that a program sends.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Credential {
    pub(super) key: String,
    pub(super) secret: String,
}

impl Credential {
    /// The key ends at the first colon (RFC 7617 §2).
    pub(super) fn decode(encoded: &str) -> Option<Self> {
        let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
        let (key, secret) = text.split_once(':')?;
        Some(Self { key: key.to_owned(), secret: secret.to_owned() })
    }
}

/// The program with this credential. The inner error counts as a failure of the address; the outer one does not.
pub(super) async fn program(
    app: &App,
    Credential { key, secret }: &Credential,
    address: &str,
) -> Result<Result<Program, Error>, Error> {
    let limits = &app.memory.limits;
    limits.look(address, key, app.clock.now())?;
    let credential = credentials::authenticate(app, key, secret).await?;
    let known = credential.inspect(|_| limits.let_in(address, key));
    Ok(known.map(Program::Credential).ok_or(Error::Credential))
}
