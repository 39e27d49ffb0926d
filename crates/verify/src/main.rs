//! `enduring-verify FILE`: checks the evidence of one credit, offline. It trusts nothing but the published keys in the
//! file, which the person who runs it compares with those of the provider.

use anyhow::Context as _;
use clap::Parser;
use credit::RuleSets;
use credit::holder::Holder;
use credit::packet::Packet;
use serde::Serialize;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Checks the evidence of one credit, offline.
///
/// FILE is what `GET /api/v1/credits/{id}/evidence/statements` returns. The exit status is 0 when everything is as it was
/// signed, 1 when something differs, and 2 when FILE cannot be read.
#[derive(Debug, Parser)]
#[command(name = "enduring-verify", version)]
struct Args {
    /// The evidence, as JSON
    file: PathBuf,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// The result of the check.
#[derive(Debug, Serialize)]
struct VerificationReport {
    verified: bool,
    /// The ids of the keys in the file: compare them with those that the provider publishes.
    keys: Vec<String>,
    /// Who the certificate is made out to, as the ledger signed it; none in evidence without a salt.
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<Holder>,
    differences: Vec<String>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match check(&args.file) {
        Ok(report) => {
            let status = if report.verified { ExitCode::SUCCESS } else { ExitCode::from(1) };
            show(&report, args.json).map_or(ExitCode::from(2), |()| status)
        }
        Err(error) => {
            // When even this cannot be written, there is nowhere left to report it.
            let _written = writeln!(io::stderr(), "{error:#}");
            ExitCode::from(2)
        }
    }
}

fn check(file: &Path) -> anyhow::Result<VerificationReport> {
    let text = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let packet: Packet =
        serde_json::from_slice(&text).with_context(|| format!("{} is not the evidence of a credit", file.display()))?;
    let differences = packet.differences(&RuleSets::released());
    let keys = packet.keys.into_iter().map(|key| key.kid).collect();
    let verified = differences.is_empty();
    let holder = packet.holder.filter(|_| verified).map(|salted| salted.holder);
    Ok(VerificationReport { verified, keys, holder, differences })
}

fn show(report: &VerificationReport, json: bool) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string(report)?)?;
        return Ok(());
    }
    for difference in &report.differences {
        writeln!(out, "{difference}")?;
    }
    if report.verified {
        writeln!(out, "Everything is as it was signed, by the key {}.", report.keys.join(", "))?;
        match &report.holder {
            Some(Holder { name, profession, code }) => {
                writeln!(out, "The certificate is made out to {name}, {profession}; its code is {code}.")?;
            }
            None => writeln!(
                out,
                "The evidence says nothing about the learner's name: it is of an earlier release, or the learner was erased."
            )?,
        }
    }
    Ok(())
}
