//! The sizes of commits and of their parts: how much of a queue they fill, and what an engine can store as one.

use super::{Commit, Draft, Result, StoreError, Write};
use base::log::NewStatement;

/// The most bytes that a statement or a record may have, including its index keys. Every engine refuses more, so that the
/// content of one can always be copied to another; a MongoDB document has at most 16 MiB.
const LARGEST: usize = 15 << 20;
/// About how many bytes an engine needs for each token or index key, in addition to its own bytes.
const BESIDE: usize = 32;

/// About how much of a queue a commit fills, in KiB.
pub(super) fn weight(commit: &Commit) -> u32 {
    let statements = commit.statements.iter().map(|statement| 64 + of_statement(statement));
    let redactions = commit.redactions.iter().map(|redaction| 256 + redaction.bytes.len());
    let writes = commit.writes.iter().map(|write| 256 + write.draft().map_or(0, of_draft));
    let bytes: usize = statements.chain(redactions).chain(writes).sum();
    u32::try_from(bytes / 1024 + 1).unwrap_or(u32::MAX)
}

/// Refuses a commit of something that is too large.
pub(super) fn check(commit: &Commit) -> Result<()> {
    let refuse = |kind, key| Err(StoreError::TooLarge { kind, key });
    if let Some(large) = commit.statements.iter().find(|statement| of_statement(statement) > LARGEST) {
        return refuse("statement", large.id.to_string());
    }
    let drafts = commit.writes.iter().filter_map(Write::draft);
    drafts.filter(|draft| of_draft(draft) > LARGEST).try_for_each(|large| refuse(large.kind.name, large.key.clone()))
}

fn of_statement(statement: &NewStatement) -> usize {
    let bytes: usize = statement.bytes.pieces.iter().map(Vec::len).sum();
    bytes + statement.tokens.len() * (16 + BESIDE)
}

fn of_draft(draft: &Draft) -> usize {
    let keys: usize = draft.index.iter().map(|key| key.key.len() + BESIDE).sum();
    draft.body.len() + keys
}
