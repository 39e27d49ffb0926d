//! What must hold for any bytes, one function for each thing that reads what others send. Each panics when it does not hold.
//!
//! They are called by the bounded run of `cargo test` and by the long, coverage-guided one of the crate in `fuzz/`.

mod documents;
mod statements;
mod words;

/// Takes any bytes.
pub type Target = fn(&[u8]);

/// All of them, by name.
pub const TARGETS: [(&str, Target); 11] = [
    ("statements", statements::statements),
    ("statement", statements::one_statement),
    ("json", documents::json),
    ("merge", documents::merge),
    ("signature", documents::signature),
    ("xml", documents::xml),
    ("commit", documents::commit),
    ("query", words::query),
    ("cursor", words::cursor),
    ("headers", words::headers),
    ("values", words::values),
];
