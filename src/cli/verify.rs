//! `enduring verify`: every credit computed again, every hash checked.

use super::{Place, Refusal, answer};
use crate::service::App;
use crate::service::crediting::verify::{Report, verify};
use store::Provider;

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
    place: Place,
}

/// Exit status 0 when everything is as the ledger says, 1 when anything differs.
pub(super) async fn run(args: Args) -> Result<(), Refusal> {
    let app = args.place.open().await?;
    let provider = args.provider.as_deref().map_or_else(|| app.provider.clone(), Provider::new);
    let verified = verify(&App { provider, ..app.clone() }).await;
    app.store.close().await?;
    let report = verified.map_err(Refusal::because)?;
    answer(args.json, &report, &text(&report))?;
    if report.is_clean() { Ok(()) } else { Err(Refusal::Said) }
}

pub(super) fn text(report: &Report) -> String {
    let Report { provider, entries, credits, statements, released, differences } = report;
    let looked = format!("{provider}: {entries} ledger entries, {credits} credits, {statements} statements.");
    let verdict = if report.is_clean() { " Everything is as the ledger says." } else { "" };
    let lines = differences.iter().map(|difference| format!("\n- {}", difference.message));
    let told = released.iter().map(|released| format!("\n  {}", released.message));
    format!("{looked}{verdict}{}", lines.chain(told).collect::<String>())
}
