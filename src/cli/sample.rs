//! `enduring sample`: the samples as files, to be changed, checked and published like your own.

use super::CommandError;
use crate::service::catalogue::samples;
use std::io::{self, Write as _};
use std::path::PathBuf;

/// Flags of `sample`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder to write into; created if it does not exist
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Writes every sample, and lists the files.
pub(super) fn run(args: &Args) -> Result<(), CommandError> {
    let mut out = io::stdout().lock();
    for sample in samples::ALL {
        let written = sample.write(&args.out);
        for path in written.map_err(|error| CommandError::failed(format!("{}: {error}", args.out.display())))? {
            writeln!(out, "{}", path.display())?;
        }
    }
    Ok(())
}
