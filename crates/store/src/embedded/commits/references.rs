//! StatementRefs: the tokens that a statement inherits from another, and what voids it, whichever comes first.
//!
//! Both directions are followed when a statement is stored, so that a query follows neither. Reference cycles are possible,
//! since senders choose ids; each statement is visited once.

use crate::LONGEST_CHAIN;
use crate::embedded::fault::Fault;
use crate::embedded::log::{LogPosition, ProviderId};
use base::log::{NewStatement, StatementId, Token};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{BTreeSet, HashSet};
use std::iter::once;

/// How a statement that is about to be stored is related to stored ones.
pub(in crate::embedded) struct Ties {
    /// The tokens of the statements that it refers to, one list per link, nearest first.
    inherited: Vec<Vec<Token>>,
    /// The statements that refer to it, and by how many links.
    referrers: Vec<(usize, LogPosition)>,
    /// Whether a stored statement voids it.
    pub(in crate::embedded) voided: bool,
}

/// The ties of `statement` (Part 3 §2.1.3, "Filter Conditions for StatementRefs"; Part 2 §2.3.2 for voiding).
pub(in crate::embedded) fn of(db: &Connection, provider: ProviderId, statement: &NewStatement) -> Result<Ties, Fault> {
    let inherited =
        inherited(db, provider, *statement.id.0.as_bytes(), statement.refers_to.map(|id| *id.0.as_bytes()))?;
    let (referrers, voids) = referrers(db, provider, statement.id, statement.voidable_by)?;
    Ok(Ties { inherited, referrers, voided: voids && !statement.voiding })
}

impl Ties {
    /// The index entries of a statement at `place` that has `own` tokens: it and every statement that leads to it receive the
    /// tokens of it and of every statement that it leads to, as far as a chain is followed.
    pub(in crate::embedded) fn entries<'t>(
        &'t self,
        place: LogPosition,
        own: &'t [Token],
    ) -> impl Iterator<Item = (Token, LogPosition)> + 't {
        let receivers = once((0, place)).chain(self.referrers.iter().copied());
        receivers.flat_map(move |(links, place)| {
            let targets = once(own).chain(self.inherited.iter().map(Vec::as_slice));
            targets.take(LONGEST_CHAIN + 1 - links).flatten().map(move |token| (*token, place))
        })
    }
}

/// The tokens along the chain of references that begins at the statement `id`, which refers to `target`, as far as the chain
/// is stored.
fn inherited(
    db: &Connection,
    provider: ProviderId,
    id: [u8; 16],
    target: Option<[u8; 16]>,
) -> Result<Vec<Vec<Token>>, Fault> {
    let mut find = db.prepare_cached("SELECT tokens, target FROM statement WHERE provider = ?1 AND id = ?2")?;
    let mut found = Vec::new();
    let mut visited = HashSet::from([id]);
    let mut next = target;
    while let Some(id) = next.filter(|id| found.len() < LONGEST_CHAIN && visited.insert(*id)) {
        let row: Option<(Vec<u8>, Option<[u8; 16]>)> =
            find.query_row(params![provider, id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((tokens, target)) = row else { break };
        found.push(tokens.as_chunks::<16>().0.iter().copied().map(Token).collect());
        next = target;
    }
    Ok(found)
}

/// The statement `id` at `place`, and every one from which references lead to it.
pub(in crate::embedded) fn depending(
    db: &Connection,
    provider: ProviderId,
    id: StatementId,
    place: LogPosition,
) -> Result<Vec<LogPosition>, Fault> {
    let (referrers, _) = referrers(db, provider, id, None)?;
    Ok(once(place).chain(referrers.into_iter().map(|(_, place)| place)).collect())
}

/// Every token by which the stored statement at `place` is found.
pub(in crate::embedded) fn found_by(
    db: &Connection,
    provider: ProviderId,
    place: LogPosition,
) -> Result<BTreeSet<Token>, Fault> {
    let mut find = db.prepare_cached("SELECT id, target, tokens FROM statement WHERE place = ?1")?;
    let (id, target, own): ([u8; 16], Option<[u8; 16]>, Vec<u8>) =
        find.query_row([place], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let inherited = inherited(db, provider, id, target)?.into_iter().flatten();
    Ok(own.as_chunks::<16>().0.iter().copied().map(Token).chain(inherited).collect())
}

/// The statements from which references lead to `id`, and whether one of those that refer to it directly voids it; with
/// `voidable_by`, only one that has this token.
fn referrers(
    db: &Connection,
    provider: ProviderId,
    id: StatementId,
    voidable_by: Option<Token>,
) -> Result<(Vec<(usize, LogPosition)>, bool), Fault> {
    let mut find =
        db.prepare_cached("SELECT place, id, voiding, tokens FROM statement WHERE provider = ?1 AND target = ?2")?;
    let start = *id.0.as_bytes();
    let (mut places, mut voided) = (Vec::new(), false);
    let mut visited = HashSet::from([start]);
    let mut open = vec![(1, start)];
    while let Some((links, target)) = open.pop() {
        let mut rows = find.query(params![provider, target])?;
        while let Some(row) = rows.next()? {
            let (place, id, voiding): (LogPosition, [u8; 16], bool) = (row.get(0)?, row.get(1)?, row.get(2)?);
            if voiding && links == 1 && !voided {
                let tokens: Vec<u8> = row.get(3)?;
                voided = voidable_by.is_none_or(|by| tokens.as_chunks::<16>().0.contains(&by.0));
            }
            if visited.insert(id) {
                places.push((links, place));
                open.extend((links < LONGEST_CHAIN).then_some((links + 1, id)));
            }
        }
    }
    Ok((places, voided))
}

/// Marks `target` as voided, if it is stored and does not itself void another.
pub(in crate::embedded) fn void(db: &Connection, provider: ProviderId, target: StatementId) -> Result<(), Fault> {
    let mut mark =
        db.prepare_cached("UPDATE statement SET voided = 1 WHERE provider = ?1 AND id = ?2 AND voiding = 0")?;
    mark.execute(params![provider, target.0.as_bytes()])?;
    Ok(())
}
