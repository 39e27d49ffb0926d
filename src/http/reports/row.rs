//! One statement as a row of the table.

use super::agent;
use super::form::Form;
use super::parts::{ActorView, ObjectView, StatementFormatter, VerbView, marks};
use crate::http::Problem;
use crate::http::pages::Formats;
use crate::http::pages::presenter::Badge;
use base::log::StoredStatement;
use jiff::{SignedDuration, Timestamp};
use xapi::json::{Document, Value};
use xapi::{instant, timestamp};

/// A statement whose timestamp differs from the time of storing by more than this shows it in its row.
const APART: SignedDuration = SignedDuration::from_mins(1);

/// A longer address is not made, since servers and browsers would refuse it.
const LONGEST_ADDRESS: usize = 4_000;

/// One row.
pub(super) struct Row {
    pub id: String,
    pub seq: u64,
    pub stored: String,
    /// The same instant with every digit, in UTC.
    pub exact: String,
    /// When it happened by its timestamp, if that is not when it was stored.
    pub happened: Option<String>,
    pub voided: bool,
    pub actor: ActorView,
    pub actor_href: Option<String>,
    pub verb: VerbView,
    pub verb_href: Option<String>,
    pub thing: ObjectView,
    pub thing_href: Option<String>,
    pub marks: Vec<Badge>,
}

/// The row of a stored statement; its links narrow `form` further.
pub(super) async fn row(
    stored: &StoredStatement,
    formatter: &mut StatementFormatter<'_>,
    form: &Form,
    formats: &Formats,
) -> Result<Row, Problem> {
    let text = std::str::from_utf8(&stored.bytes).map_err(Problem::internal)?;
    let document = Document::read(text).map_err(Problem::internal)?;
    let root = document.root();
    let part = |name: &str| root.get(name).ok_or_else(|| Problem::internal(format!("{} lacks {name}", stored.id)));
    let actor = formatter.who(part("actor")?).await?;
    let verb = formatter.verb(part("verb")?);
    let thing = formatter.thing(part("object")?).await?;
    let said = root.get("timestamp").and_then(Value::string).and_then(|at| timestamp::parse(&at));
    Ok(Row {
        id: stored.id.to_string(),
        seq: stored.seq.0,
        stored: formats.second(stored.stored),
        exact: instant(stored.stored),
        happened: said.filter(|at| is_apart(*at, stored.stored)).map(|at| formats.second(at)),
        voided: stored.voided,
        actor_href: narrowed_to_actor(form, &actor),
        actor,
        verb_href: narrowed(form, "verb", &verb.id),
        verb,
        thing_href: narrowed_to_object(form, &thing),
        thing,
        marks: root.get("result").map(|result| marks(result, formats.locale())).unwrap_or_default(),
    })
}

fn is_apart(said: Timestamp, stored: Timestamp) -> bool {
    said.duration_since(stored).abs() > APART
}

/// The address of `form` with `text` in one more field, if an address can hold it.
pub(super) fn narrowed(form: &Form, field: &'static str, text: &str) -> Option<String> {
    Some(form.with(field, text).href()).filter(|href| href.len() <= LONGEST_ADDRESS)
}

/// The address of `form` narrowed to one agent or group.
pub(super) fn narrowed_to_actor(form: &Form, who: &ActorView) -> Option<String> {
    narrowed(form, "agent", &agent::write(who.ifi.as_ref()?))
}

/// The address of `form` narrowed to one object; for a statement, its own page.
pub(super) fn narrowed_to_object(form: &Form, thing: &ObjectView) -> Option<String> {
    match thing {
        ObjectView::Activity { id, .. } => narrowed(form, "activity", id),
        ObjectView::Actor(who) => narrowed_to_actor(form, who),
        ObjectView::Statement(id) => Some(format!("/reports/statements/{id}")),
        ObjectView::Sentence(_) => None,
    }
}
