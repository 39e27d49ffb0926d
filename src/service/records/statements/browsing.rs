//! Statements as a person browses them: pages that lead both ways and do not shift while others write.

use super::{App, Bounds, Reading, first_bounds};
use crate::service::records::access::Access;
use store::{Result, Scan, Seq, StoredStatement, VoidedStatements};
use xapi::check::parse_uuid;
use xapi::json::Document;
use xapi::query::{Direction, Filter};
use xapi::{StatementId, token};

/// Which part of a result a page shows. A position in the log never moves, so a URL that names one shows the same
/// statements whenever it is opened, except those that are voided meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The newest that there are.
    Newest,
    /// The oldest that there are.
    Oldest,
    /// The nearest that are older than this.
    Before(Seq),
    /// The nearest that are newer than this.
    After(Seq),
}

/// The statements of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementListing {
    /// The newest first, whichever way the window was opened.
    pub statements: Vec<StoredStatement>,
    /// The window of those that are older, if there are any.
    pub older: Option<Window>,
    /// The window of those that are newer, if there are any.
    pub newer: Option<Window>,
}

/// The statements that match `filter` within `window`, at most `most`. The limit and direction of `filter` are the
/// caller's to apply.
pub async fn browse(
    app: &App,
    filter: &Filter,
    window: Window,
    voided: VoidedStatements,
    most: usize,
) -> Result<StatementListing> {
    let head = app.store.head(&app.provider).await?;
    let whole = first_bounds(app, filter, head.seq).await?;
    let reader = Reader { app, filter, voided };
    let (direction, bounds) = match window {
        Window::Newest => (Direction::NewestFirst, whole),
        Window::Oldest => (Direction::OldestFirst, whole),
        Window::Before(seq) => (Direction::NewestFirst, up_to(whole, just_before(seq))),
        Window::After(seq) => (Direction::OldestFirst, rest_after(whole, seq)),
    };
    let mut statements = reader.read(bounds, direction, most + 1).await?;
    let goes_on = statements.len() > most;
    statements.truncate(most);
    if direction == Direction::OldestFirst {
        statements.reverse();
    }
    let newest = statements.first().map_or(bounds.upto, |stored| stored.seq);
    let oldest = statements.last().map_or_else(|| just_after(bounds.after), |stored| stored.seq);
    let (older, newer) = match direction {
        Direction::NewestFirst => (goes_on, reader.any(rest_after(whole, newest)).await?),
        Direction::OldestFirst => (reader.any(up_to(whole, just_before(oldest))).await?, goes_on),
    };
    Ok(StatementListing {
        statements,
        older: older.then_some(Window::Before(oldest)),
        newer: newer.then_some(Window::After(newest)),
    })
}

/// The statement with this id, voided or not.
pub async fn any(app: &App, id: StatementId) -> Result<Option<StoredStatement>> {
    app.store.statement(&app.provider, id).await
}

/// The statements whose object refers to this one, with this verb or with any, voided ones too, the oldest first. A
/// statement is found by the tokens of those that it refers to, so some of the `most` that are read may refer to it only indirectly and are left out.
pub async fn referring(
    app: &App,
    target: StatementId,
    verb: Option<&str>,
    most: usize,
) -> Result<Vec<StoredStatement>> {
    let tokens = std::iter::once(token::reference(target)).chain(verb.map(token::verb));
    let mut found = app.store.scan(&app.provider, Scan::everything(tokens.collect(), most)).await?;
    found.retain(|stored| refers_to(&stored.bytes) == Some(target));
    Ok(found)
}

/// The statement that the object of a stored statement refers to.
fn refers_to(bytes: &[u8]) -> Option<StatementId> {
    let document = Document::read(std::str::from_utf8(bytes).ok()?).ok()?;
    let object = document.root().get("object")?;
    let is_reference = object.get("objectType")?.string()? == "StatementRef";
    is_reference.then(|| parse_uuid(&object.get("id")?.string()?).map(StatementId))?
}

fn just_before(seq: Seq) -> Seq {
    Seq(seq.0.saturating_sub(1))
}

fn just_after(seq: Seq) -> Seq {
    Seq(seq.0.saturating_add(1))
}

fn up_to(bounds: Bounds, seq: Seq) -> Bounds {
    Bounds { upto: bounds.upto.min(seq), ..bounds }
}

/// A URL can name any number; positions after the end are not requested from the store.
fn rest_after(bounds: Bounds, seq: Seq) -> Bounds {
    Bounds { after: bounds.after.max(seq).min(bounds.upto), ..bounds }
}

/// What all reads for one page have in common.
struct Reader<'a> {
    app: &'a App,
    filter: &'a Filter,
    voided: VoidedStatements,
}

impl Reader<'_> {
    /// At most `most` statements within `bounds`, from the end where `direction` begins.
    async fn read(&self, bounds: Bounds, direction: Direction, most: usize) -> Result<Vec<StoredStatement>> {
        let filter = Filter { direction, ..self.filter.clone() };
        let mut reading = Reading::new(&Access::All, &filter, bounds).with(self.voided).of_at_most(most);
        let mut found = Vec::new();
        while let Some(stored) = reading.next(self.app).await? {
            found.push(stored);
        }
        Ok(found)
    }

    async fn any(&self, bounds: Bounds) -> Result<bool> {
        Ok(!self.read(bounds, Direction::NewestFirst, 1).await?.is_empty())
    }
}
