//! `enduring sample`: the samples as files, to be changed, checked and published like one's own.

use super::Refusal;
use crate::service::catalogue::samples;
use std::io::{self, Write as _};
use std::path::PathBuf;

/// Flags of `sample`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder to write into; made when it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Writes every sample, and says which files that made.
pub(super) fn run(args: &Args) -> Result<(), Refusal> {
    let mut out = io::stdout().lock();
    for sample in samples::ALL {
        let written = sample.write(&args.out);
        for path in written.map_err(|error| Refusal::because(format!("{}: {error}", args.out.display())))? {
            writeln!(out, "{}", path.display())?;
        }
    }
    Ok(())
}
