//! Whatever arrives: no panic, no memory out of proportion, and what is taken is kept as it was sent.
//!
//! Each target reads the seeds as they are, then as many changed ones as `ENDURING_FUZZ_INPUTS` says. A failure prints the
//! input and the number from which the dice began; what failed once belongs into `fixtures/fuzz`. The long run, which
//! is guided by what code an input reaches, is `scripts/fuzz`.

mod memory;
pub mod mutate;
mod nasty;
mod parts;
pub mod targets;

use mutate::Dice;
use std::panic::catch_unwind;
use targets::{TARGETS, Target};

/// Longer texts are not changed again and again: that would take all the time.
const LONGEST_SEED: usize = 4096;

/// How many changed inputs each target reads.
fn inputs() -> usize {
    std::env::var("ENDURING_FUZZ_INPUTS").map_or(20_000, |said| said.parse().expect("ENDURING_FUZZ_INPUTS is a number"))
}

/// What the changes begin with: the files of `fixtures/fuzz`, each an input, and the short ones of the nasty texts.
fn seeds() -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/fuzz");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let nasty = nasty::cases().map(|case| case.text.into_bytes()).filter(|text| text.len() <= LONGEST_SEED);
    files.iter().map(|file| std::fs::read(file).unwrap()).chain(nasty).collect()
}

fn run(name: &str) {
    let (_, target) = *TARGETS.iter().find(|(known, _)| *known == name).unwrap();
    let begun = base::ids::random().as_u64_pair().0;
    let (seeds, mut dice) = (seeds(), Dice(begun));
    for seed in &seeds {
        reads(target, seed, &format!("{name}, a seed"));
    }
    for _ in 0..inputs() {
        reads(target, &mutate::input(&mut dice, &seeds), &format!("{name}, dice from {begun}"));
    }
}

fn reads(target: Target, input: &[u8], told: &str) {
    let outcome = catch_unwind(|| target(input));
    assert!(outcome.is_ok(), "{told}, panics at {}", input.escape_ascii());
}

#[test]
fn statements_are_taken_as_they_are_or_refused_with_the_places_of_their_faults() {
    run("statements");
}

#[test]
fn one_statement_is_taken_under_the_id_that_the_request_names() {
    run("statement");
}

#[test]
fn json_gets_the_verdict_of_another_reader() {
    run("json");
}

#[test]
fn merging_documents_does_what_a_map_would() {
    run("merge");
}

#[test]
fn only_a_signature_of_the_statement_is_accepted() {
    run("signature");
}

#[test]
fn xml_is_read_or_refused_with_its_place() {
    run("xml");
}

#[test]
fn commits_of_the_player_are_read_or_refused() {
    run("commit");
}

#[test]
fn query_strings_cursors_headers_and_simple_values_are_read_or_refused() {
    for name in ["query", "cursor", "headers", "values"] {
        run(name);
    }
}

#[test]
fn every_target_is_run() {
    let source = include_str!("mod.rs");
    for (name, _) in TARGETS {
        assert!(source.contains(&format!("\"{name}\"")), "{name}");
    }
}
