//! `enduring copy`, `export` and `import`, by the real program, between real stores of both engines.

mod broken;
mod journey;
mod occupied;
mod pages;
mod sample_store;

use crate::harness::program;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

/// The program with these arguments. Relative names are those of `directory`.
fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = program(directory);
    command.args(arguments);
    command
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    command(directory, arguments).output().unwrap()
}

/// What a command that must succeed writes to the standard output.
fn done(directory: &Path, arguments: &[&str]) -> String {
    let output = run(directory, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", stderr_of(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// The complete error output of a command that must be refused.
fn refused(directory: &Path, arguments: &[&str]) -> String {
    let output = run(directory, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", stderr_of(&output));
    stderr_of(&output)
}

/// What a command wrote to the standard error output.
fn stderr_of(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The counts that a command has printed by `--json`.
fn counts(printed: &str) -> BTreeMap<String, u64> {
    serde_json::from_str(printed).unwrap()
}

/// The contents of an export of `store`.
fn exported(directory: &Path, store: &str) -> String {
    let name = format!("{}.jsonl", base::ids::random().simple());
    done(directory, &["export", "--from", store, &name]);
    std::fs::read_to_string(directory.join(name)).unwrap()
}

/// Whether every credit in `store` is as its ledger says.
fn verify(directory: &Path, store: &str) -> Value {
    let place = if store.starts_with("mongodb") { "--store" } else { "--data" };
    let report: Value = serde_json::from_str(&done(directory, &["verify", "--json", place, store])).unwrap();
    assert_eq!(report["differences"], serde_json::json!([]));
    report
}
