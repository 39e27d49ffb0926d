//! `enduring verify`: recomputes every credit and checks every hash; with `--everything`, whatever else the store has.

use super::{CommandError, StoreArgs, print};
use crate::service::verification::everything::{Examined, Progress, verify_everything};
use crate::service::verification::{Anchors, Report, providers, verify_against};
use crate::service::{App, Archive};
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Flags of `verify`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The provider whose ledger is verified [default: the configured one]
    #[arg(long, value_name = "ID")]
    provider: Option<String>,
    /// Check each statement, record and blob too, and the store's own structures
    #[arg(long)]
    everything: bool,
    /// The hash of the ledger's last entry, or of the log's last page, as an earlier verification printed it: shows that none
    /// was removed since; may be repeated
    #[arg(long, value_name = "HASH")]
    head: Vec<String>,
    /// The fingerprint of a key that may have signed, as an earlier verification printed it; may be repeated
    #[arg(long, value_name = "FINGERPRINT")]
    key: Vec<String>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: StoreArgs,
}

/// Exit status 0 when everything is as the ledger says, 1 when anything differs, 2 when there is nothing to verify.
pub(super) async fn run(args: Args) -> Result<(), CommandError> {
    let anchors = Anchors { heads: args.head.iter().map(|text| head(text)).collect::<Result<_, _>>()?, keys: args.key };
    let (app, archive) = args.place.open_to_read().await?;
    let provider = args.provider.as_deref().unwrap_or(app.provider.as_str());
    let audited = app.for_provider(provider);
    let verified = verified(&audited, &*archive, &anchors, args.everything).await;
    app.close().await?;
    let report = verified?;
    print(args.json, &report, &text(&report))?;
    if report.is_clean() { Ok(()) } else { Err(CommandError::Reported) }
}

async fn verified(
    app: &App,
    archive: &dyn Archive,
    anchors: &Anchors,
    everything: bool,
) -> Result<Report, CommandError> {
    let (wanted, known) = (app.provider.as_str(), providers(archive).await?);
    if known.iter().all(|name| name != wanted) {
        let there = if known.is_empty() { "no provider".to_owned() } else { format!("only {}", known.join(", ")) };
        return Err(CommandError::Usage(format!("the store has nothing of a provider {wanted}: it has {there}")));
    }
    if !everything {
        return verify_against(app, anchors).await.map_err(CommandError::failed);
    }
    let shown = Mutex::new(Instant::now());
    let progress = |progress: Progress| show(progress, &shown);
    verify_everything(app, archive, anchors, &progress).await.map_err(CommandError::failed)
}

fn head(text: &str) -> Result<base::hash::Sha256, CommandError> {
    let sentence = "--head is the hash of a ledger's last entry or a log's last page: 64 hexadecimal digits, as `enduring verify` prints it";
    text.parse().map_err(|_| CommandError::Usage(sentence.to_owned()))
}

/// How often progress is shown, on a terminal and in a file.
const EVERY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// Shows how far a long verification is, on standard error.
fn show(progress: Progress, shown: &Mutex<Instant>) {
    let every = if io::stderr().is_terminal() { EVERY.0 } else { EVERY.1 };
    let Ok(mut shown) = shown.lock() else { return };
    if shown.elapsed() < every {
        return;
    }
    *shown = Instant::now();
    let line = match progress {
        Progress::Store => "checking the store's own structures".to_owned(),
        Progress::Ledger => "recomputing the credits".to_owned(),
        Progress::Statements(count) => format!("{count} statements checked"),
        Progress::Records(count) => format!("{count} records checked"),
        Progress::Blobs(count) => format!("{count} blobs checked"),
    };
    // Whoever closed standard error does not want to know.
    let _written = writeln!(io::stderr(), "{line}");
}

pub(super) fn text(report: &Report) -> String {
    let Report { provider, entries, credits, statements, released, differences, head, log, keys, examined } = report;
    let counts = format!("{provider}: {entries} ledger entries, {credits} credits, {statements} statements.");
    let verdict = if report.is_clean() { " Everything is as the ledger says." } else { "" };
    let examined = examined.map(|Examined { statements, unsealed, records, blobs, due }| {
        format!("\n  Examined: {statements} statements of the log ({unsealed} not sealed yet), {records} records, {blobs} blobs, {due} items of due work.")
    });
    let lines = differences.iter().map(|difference| format!("\n- {}", difference.message));
    let notes = released.iter().map(|released| format!("\n  {}", released.message));
    let head = head.map(|head| format!("\n  Ledger head: entry {}, {}", head.number, head.hash));
    let log = log.map(|log| format!("\n  Log head: page {} (to statement {}), {}", log.page, log.last, log.hash));
    let keys = keys.iter().map(|key| format!("\n  Key: {key}"));
    let rest: String = examined.into_iter().chain(lines).chain(notes).chain(head).chain(log).chain(keys).collect();
    format!("{counts}{verdict}{rest}")
}
