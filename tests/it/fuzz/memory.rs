//! What reading costs in memory: never more than a small multiple of what is read.

use super::targets::Target;
use super::{inputs, mutate, nasty, seeds};
use allocation_counter::measure;
use mutate::Dice;
use uuid::Uuid;
use xapi::format::{self, Definitions};
use xapi::language::Preferences;
use xapi::{Authority, Intake, Query, Version, merge};

/// At most this many bytes are in memory for each byte that is read,
const FACTOR: u64 = 60;
/// and this many more whatever is read.
const CONSTANT: u64 = 64 << 10;

fn intake(bytes: &[u8]) {
    let authority = Authority::account("https://lrs.example", "fuzz");
    let intake = Intake { version: Version::V2, authority: &authority, most: 1000, new_id: &|| Uuid::nil() };
    drop(intake.statements(bytes));
}

fn shown(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    drop(format::ids(text));
    drop(format::activities(text));
    drop(format::canonical(text, &Preferences::parse("de, en"), &Definitions::new()));
}

fn merged(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    drop(merge::definition(text, text));
}

fn asked(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    drop(Query::read(&[("agent".to_owned(), text.to_owned())], Version::V2));
}

fn is_in_proportion(bytes: &[u8], told: &str) {
    let size = u64::try_from(bytes.len()).unwrap();
    let readers: [(&str, Target); 4] = [("intake", intake), ("shown", shown), ("merged", merged), ("asked", asked)];
    for (name, read) in readers {
        let held = measure(|| read(bytes)).bytes_max;
        let most = FACTOR * size + CONSTANT;
        assert!(held <= most, "{name} held {held} bytes for {size} of {told}");
    }
}

#[test]
fn reading_holds_a_small_multiple_of_what_is_read() {
    let (seeds, mut dice) = (seeds(), Dice(base::ids::random().as_u64_pair().0));
    for _ in 0..inputs() / 4 {
        let input = mutate::input(&mut dice, &seeds);
        is_in_proportion(&input, &input.escape_ascii().to_string());
    }
}

#[test]
fn texts_made_to_be_expensive_are_read_in_proportion_too() {
    for case in nasty::cases() {
        is_in_proportion(case.text.as_bytes(), &case.what);
    }
}
