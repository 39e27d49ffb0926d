//! A statement as a row of a table. `docs/reporting.md` says what the columns mean; their names and order never
//! change, and new ones come at the end.

use super::aggregate::{actor_key, at, is_activity};
use store::{StoreError, StoredStatement};
use xapi::actor::actor;
use xapi::check::Check;
use xapi::json::{Document, Kind, Value};
use xapi::language::Preferences;
use xapi::{Ifi, Version, instant};

/// The names of the columns.
pub const COLUMNS: [&str; 26] = [
    "seq",
    "stored",
    "timestamp",
    "id",
    "actor_type",
    "actor_ifi",
    "actor_id",
    "actor_home_page",
    "actor_name",
    "verb",
    "verb_display",
    "object_type",
    "object_id",
    "object_name",
    "registration",
    "success",
    "completion",
    "score_scaled",
    "score_raw",
    "score_min",
    "score_max",
    "duration",
    "response",
    "version",
    "authority_home_page",
    "authority_name",
];

/// What a spreadsheet takes as the beginning of a formula, also in the wide forms of East Asian text; and the mark of a
/// text that is guarded against that.
const GUARDED: [char; 12] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\''];

/// The row of `stored`, with texts in the language that the reader prefers.
pub fn row(stored: &StoredStatement, languages: &Preferences) -> Result<[String; COLUMNS.len()], StoreError> {
    let unreadable = || StoreError::Failed(format!("the statement at {} is not JSON", stored.seq.0));
    let text = std::str::from_utf8(&stored.bytes).map_err(|_| unreadable())?;
    let document = Document::read(text).map_err(|_| unreadable())?;
    let root = document.root();
    let string = |path: &[&str]| at(root, path).map(plain).unwrap_or_default();
    let number = |name: &str| at(root, &["result", "score", name]).map(number).unwrap_or_default();
    let display = |path: &[&str]| at(root, path).map(|map| in_language(map, languages)).unwrap_or_default();
    let [actor_type, actor_ifi, actor_id, actor_home_page] = root.get("actor").map(identity).unwrap_or_default();
    let [_, _, authority_name, authority_home_page] = root.get("authority").map(identity).unwrap_or_default();
    let (object_type, object_id) = root.get("object").map(object).unwrap_or_default();
    Ok([
        stored.seq.0.to_string(),
        instant(stored.stored),
        string(&["timestamp"]),
        stored.id.to_string(),
        actor_type,
        actor_ifi,
        actor_id,
        actor_home_page,
        string(&["actor", "name"]),
        string(&["verb", "id"]),
        display(&["verb", "display"]),
        object_type,
        object_id,
        display(&["object", "definition", "name"]),
        string(&["context", "registration"]),
        string(&["result", "success"]),
        string(&["result", "completion"]),
        number("scaled"),
        number("raw"),
        number("min"),
        number("max"),
        string(&["result", "duration"]),
        string(&["result", "response"]),
        string(&["version"]),
        authority_home_page,
        authority_name,
    ])
}

/// Type, kind of identifier, identifier, and home page of an account.
fn identity(value: Value<'_>) -> [String; 4] {
    let kind = value.get("objectType").map_or_else(|| "Agent".to_owned(), plain);
    let found = actor(value, &mut Check::of_names(Version::V2)).and_then(|actor| actor.ifi);
    let (ifi, id, home_page) = match found {
        Some(Ifi::Mbox(mbox)) => ("mbox", mbox, None),
        Some(Ifi::MboxSha1Sum(sum)) => ("mbox_sha1sum", sum, None),
        Some(Ifi::OpenId(openid)) => ("openid", openid, None),
        Some(Ifi::Account { home_page, name }) => ("account", name, Some(home_page)),
        None => return [kind, String::new(), String::new(), String::new()],
    };
    [kind, ifi.to_owned(), guarded(&id), home_page.map(|page| guarded(&page)).unwrap_or_default()]
}

/// Type and id of an object; of an agent or a group, what identifies it, as JSON. A SubStatement has no id.
fn object(value: Value<'_>) -> (String, String) {
    if is_activity(value) {
        return ("Activity".to_owned(), value.get("id").map(plain).unwrap_or_default());
    }
    let kind = value.get("objectType").map(plain).unwrap_or_default();
    let id = match kind.as_str() {
        "Agent" | "Group" => actor_key(value).unwrap_or_default(),
        _ => value.get("id").map(plain).unwrap_or_default(),
    };
    (kind, id)
}

fn in_language(map: Value<'_>, languages: &Preferences) -> String {
    languages.choose(map).map(|member| plain(member.value)).unwrap_or_default()
}

/// A text, guarded; anything else as it is written in JSON.
fn plain(value: Value<'_>) -> String {
    guarded(&value.string().unwrap_or_else(|| value.raw().into()))
}

/// A number as it is written. It needs no guard: no formula looks like a JSON number.
fn number(value: Value<'_>) -> String {
    if value.kind() == Kind::Number { value.raw().to_owned() } else { String::new() }
}

/// Puts an apostrophe before what a spreadsheet could run as a formula, and before what begins with an apostrophe. So
/// nothing is lost: removing one apostrophe from the beginning of a text that begins with one restores the original.
pub fn guarded(text: &str) -> String {
    if text.starts_with(GUARDED) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_a_formula_and_none_is_lost() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'quoted", "plain", "", "a=b", "1-1"] {
            let shown = guarded(text);
            assert!(!shown.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']), "{text}");
            assert_eq!(shown.strip_prefix('\'').unwrap_or(&shown), text);
        }
    }
}
