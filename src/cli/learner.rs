//! `enduring learner`: pseudonymizing a person. Works beside a running server, or alone.

use super::{CommandError, StoreArgs, print};
use crate::service::App;
use crate::service::erasure::{
    self, Counts, Erasure, ErasureRequest, ErasureResponse, ErasureView, HeldEvidence, PreviewResponse, until,
};
use clap::Subcommand;
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

/// What to do with learners.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Replace a person by a pseudonym, everywhere; evidence under issued credits is held until its retention ends
    #[command(name = "pseudonymise")]
    Pseudonymize(Pseudonymize),
    /// List what was erased, when, by whom and why
    Erasures(Erasures),
}

#[derive(Debug, clap::Args)]
pub(super) struct Pseudonymize {
    /// The person's account here
    #[arg(long, value_name = "ID")]
    account: Option<Uuid>,
    /// An agent that is the same person, as JSON; give the flag again for more
    #[arg(long, value_name = "JSON")]
    agent: Vec<String>,
    /// Why, for whoever audits the provider; it is kept, so it names nobody
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    /// Only report what would happen
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: StoreArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct Erasures {
    /// Print JSON: an array
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: StoreArgs,
}

/// Runs the command.
pub(super) async fn run(command: Command) -> Result<(), CommandError> {
    match command {
        Command::Pseudonymize(args) => pseudonymize(args).await,
        Command::Erasures(args) => erasures(args).await,
    }
}

async fn pseudonymize(args: Pseudonymize) -> Result<(), CommandError> {
    let agents = args.agent.iter().map(|text| serde_json::from_str::<Value>(text));
    let agents =
        agents.collect::<Result<_, _>>().map_err(|e| CommandError::Usage(format!("--agent is not JSON: {e}")))?;
    let wanted = ErasureRequest { account: args.account, agents, reason: args.reason };
    let app = args.place.open().await?;
    let done =
        if args.dry_run { preview(&app, &wanted, args.json).await } else { erase(&app, &wanted, args.json).await };
    app.close().await?;
    done
}

async fn preview(app: &App, wanted: &ErasureRequest, json: bool) -> Result<(), CommandError> {
    let found = erasure::preview(app, wanted).await.map_err(CommandError::failed)?;
    let text = format!("Nothing was changed. An erasure would do this:\n{}", lines(app, found.counts, &found.held));
    print(json, &PreviewResponse::of(app, &found), &text)
}

async fn erase(app: &App, wanted: &ErasureRequest, json: bool) -> Result<(), CommandError> {
    let (begun, receipt) = erasure::begin(app, wanted, "command line").await.map_err(CommandError::failed)?;
    let done = finish(app, &begun).await?;
    let value = ErasureResponse { erasure: ErasureView::of(app, &done), receipt: &receipt.0 };
    let text = format!(
        "Erased as {}; the pseudonym's account is {}.\n{}\nreceipt     {}\n\nThe receipt is not kept; give it to the person.",
        done.id,
        done.pseudonym,
        lines(app, done.counts, &done.held),
        receipt.0
    );
    print(json, &value, &text)
}

/// Works until it is done; a server beside may do some or all of it.
async fn finish(app: &App, begun: &Erasure) -> Result<Erasure, CommandError> {
    const REST: Duration = Duration::from_millis(100);
    loop {
        let worked = erasure::work(app).await.map_err(|error| {
            CommandError::failed(format!(
                "erasure {} has begun and stays due; a server will continue it: {error}",
                begun.id
            ))
        })?;
        match erasure::get(app, begun.id).await? {
            Some(now) if now.is_done() => return Ok(now),
            _ if worked => {}
            _ => tokio::time::sleep(REST).await,
        }
    }
}

fn lines(app: &App, counts: Counts, held: &[HeldEvidence]) -> String {
    let Counts { statements, actors, texts, mentions, documents, registrations, records, attachments, .. } = counts;
    let last = held.iter().map(|held| until(app, held)).max();
    let held = match last {
        Some(last) => format!("{} statements in {} registrations, until {last} at the latest", counts.held, held.len()),
        None => "nothing".to_owned(),
    };
    format!(
        "statements  {statements}, in which {actors} actors and {texts} strings were the person\n\
         mentions    {mentions} strings, which stay\n\
         documents   {documents}\n\
         records     {records}, and {registrations} registrations without credit\n\
         attachments {attachments}\n\
         held        {held}"
    )
}

async fn erasures(args: Erasures) -> Result<(), CommandError> {
    let app = args.place.open().await?;
    let listed = erasure::list(&app).await;
    app.close().await?;
    let listed = listed?;
    let shown: Vec<_> = listed.iter().map(|erasure| ErasureView::of(&app, erasure)).collect();
    let line = |erasure: &Erasure| {
        let requested = xapi::instant(erasure.requested);
        format!("{}  {requested}  {}  {}  {}\n", erasure.id, erasure.state(), erasure.by, erasure.reason)
    };
    print(args.json, &shown, &listed.iter().map(line).collect::<String>())
}
