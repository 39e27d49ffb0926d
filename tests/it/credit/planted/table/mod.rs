//! The changes, by what they are made to.

mod files;
mod ledger;
mod log;
mod records;

use super::{Change, Plant, Prepared};
use std::path::Path;

fn sql(what: &'static str, sql: &'static str, found: &'static str) -> Change {
    Change { what, plant: Plant::Sql(sql), found }
}

fn files(what: &'static str, plant: fn(&Path, &Prepared), found: &'static str) -> Change {
    Change { what, plant: Plant::Files(plant), found }
}

pub(super) fn changes() -> Vec<Change> {
    let all = [
        log::log(),
        log::pages(),
        log::voiding(),
        records::records(),
        records::leading(),
        ledger::ledger(),
        ledger::credits(),
        records::playing(),
        files::blobs(),
        records::due(),
        files::schema(),
    ];
    all.into_iter().flatten().collect()
}
