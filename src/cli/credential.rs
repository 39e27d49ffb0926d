//! `enduring credential`: keys for programs that use the record store. Works beside a running server.

use super::{CommandError, OPERATOR, StoreArgs, print};
use crate::service::App;
use crate::service::audit::{self, Act};
use crate::service::people::credentials::{self, CredentialView, Scope};
use clap::Subcommand;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use jiff::{SignedDuration, Span, SpanRelativeTo};

/// What to do with credentials.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create a credential, and show its secret once
    Create(Create),
    /// List the credentials, without their secrets
    List(List),
    /// Give a credential a new secret, and show it once
    Rotate(Rotate),
    /// Revoke a credential for good; a running server applies it within a minute
    Revoke(Revoke),
}

#[derive(Debug, clap::Args)]
pub(super) struct Create {
    #[command(flatten)]
    place: StoreArgs,
    /// What people call it
    #[arg(long)]
    name: String,
    /// What it may do; give the flag again for more
    #[arg(long, required = true, value_parser = scope())]
    scope: Vec<Scope>,
    /// Print JSON: {"key": …, "secret": …}
    #[arg(long)]
    json: bool,
}

/// Reads a scope by the name that the standard gives it.
fn scope() -> impl TypedValueParser<Value = Scope> {
    let names = Scope::EVERY.map(|scope| PossibleValue::new(scope.as_str()).help(credentials::meaning(scope)));
    PossibleValuesParser::new(names).try_map(|name| Scope::named(&name).ok_or("not a scope"))
}

#[derive(Debug, clap::Args)]
pub(super) struct List {
    #[command(flatten)]
    place: StoreArgs,
    /// Print JSON: an array
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Rotate {
    #[command(flatten)]
    place: StoreArgs,
    /// The key of the credential
    key: String,
    /// How long the old secret keeps working, such as 90s, 30m, 12h or 7d
    #[arg(long, default_value = "0s", value_parser = duration)]
    overlap: SignedDuration,
    /// Print JSON: {"key": …, "secret": …, "overlap_until": …}
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Revoke {
    #[command(flatten)]
    place: StoreArgs,
    /// The key of the credential
    key: String,
}

impl From<credentials::Error> for CommandError {
    fn from(error: credentials::Error) -> Self {
        Self::failed(error)
    }
}

/// Adds to the audit trail what was done. The command has succeeded, so a failure is only reported.
async fn note(app: &App, act: Act, command: &str, key: &str) {
    if let Err(error) = audit::record(app, OPERATOR, act, command, key).await {
        tracing::warn!(%error, "the audit trail has no entry of this");
    }
}

/// Runs the command.
pub(super) async fn run(command: Command) -> Result<(), CommandError> {
    match command {
        Command::Create(args) => create(args).await,
        Command::List(args) => list(args).await,
        Command::Rotate(args) => rotate(args).await,
        Command::Revoke(args) => revoke(args).await,
    }
}

async fn create(args: Create) -> Result<(), CommandError> {
    let app = args.place.open().await?;
    let made = credentials::create(&app, &args.name, args.scope.into_iter().collect()).await;
    if let Ok((credential, _)) = &made {
        note(&app, Act::CredentialCreated, "enduring credential create", &credential.key).await;
    }
    app.close().await?;
    let (credential, secret) = made?;
    let value = serde_json::json!({"key": credential.key, "secret": secret});
    let text = format!("key     {}\nsecret  {secret}\n\nThe secret is not kept; write it down now.", credential.key);
    print(args.json, &value, &text)
}

async fn list(args: List) -> Result<(), CommandError> {
    let app = args.place.open().await?;
    let listed = credentials::list(&app).await;
    app.close().await?;
    let listed = listed?;
    let shown: Vec<_> = listed.iter().map(|credential| CredentialView::of(credential, app.clock.now())).collect();
    print(args.json, &shown, &shown.iter().map(line).collect::<String>())
}

fn line(shown: &CredentialView<'_>) -> String {
    let state = if shown.revoked.is_some() { "revoked" } else { "valid" };
    format!("{}  {}  {}  {}  {}\n", shown.key, shown.created, state, shown.scopes.join(","), shown.name)
}

async fn rotate(args: Rotate) -> Result<(), CommandError> {
    let app = args.place.open().await?;
    let done = credentials::rotate(&app, &args.key, args.overlap).await;
    if done.is_ok() {
        note(&app, Act::CredentialRotated, "enduring credential rotate", &args.key).await;
    }
    app.close().await?;
    let (credential, secret) = done?;
    let until = CredentialView::of(&credential, app.clock.now()).overlap_until;
    let value = serde_json::json!({"key": credential.key, "secret": secret, "overlap_until": until});
    let old = match until {
        Some(until) => format!("The old secret works until {until}."),
        None => "The old secret no longer works; a running server applies this within a minute.".to_owned(),
    };
    let text =
        format!("key     {}\nsecret  {secret}\n\nThe secret is not kept; write it down now. {old}", credential.key);
    print(args.json, &value, &text)
}

/// `90s`, `30m`, `12h` or `7d`.
fn duration(text: &str) -> Result<SignedDuration, String> {
    let unclear = |_| format!("write a duration such as 90s, 30m, 12h or 7d instead of {text:?}");
    let span: Span = text.parse().map_err(unclear)?;
    span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(unclear)
}

async fn revoke(args: Revoke) -> Result<(), CommandError> {
    let app = args.place.open().await?;
    let done = credentials::revoke(&app, &args.key).await;
    if done.is_ok() {
        note(&app, Act::CredentialRevoked, "enduring credential revoke", &args.key).await;
    }
    app.close().await?;
    Ok(done?)
}
