//! `enduring verify`: recomputes every credit and checks every hash.

use super::{CommandError, StoreArgs, print};
use crate::service::verification::{Report, verify};

/// Flags of `verify`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The provider whose ledger is verified [default: the configured one]
    #[arg(long, value_name = "ID")]
    provider: Option<String>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: StoreArgs,
}

/// Exit status 0 when everything is as the ledger says, 1 when anything differs.
pub(super) async fn run(args: Args) -> Result<(), CommandError> {
    let app = args.place.open().await?;
    let audited = args.provider.as_deref().map_or_else(|| app.clone(), |provider| app.for_provider(provider));
    let verified = verify(&audited).await;
    app.close().await?;
    let report = verified.map_err(CommandError::failed)?;
    print(args.json, &report, &text(&report))?;
    if report.is_clean() { Ok(()) } else { Err(CommandError::Reported) }
}

pub(super) fn text(report: &Report) -> String {
    let Report { provider, entries, credits, statements, released, differences } = report;
    let counts = format!("{provider}: {entries} ledger entries, {credits} credits, {statements} statements.");
    let verdict = if report.is_clean() { " Everything is as the ledger says." } else { "" };
    let lines = differences.iter().map(|difference| format!("\n- {}", difference.message));
    let notes = released.iter().map(|released| format!("\n  {}", released.message));
    format!("{counts}{verdict}{}", lines.chain(notes).collect::<String>())
}
