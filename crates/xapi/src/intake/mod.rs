//! From bytes that someone sent to statements that are ready to be stored (Part 3 §2.1.1 and §2.1.2).

pub mod examine;
pub mod signature;
pub mod trust;

use crate::actor::Ifi;
use crate::check::Check;
use crate::fault::{Code, Fault};
use crate::json::{Document, Kind, SyntaxError, Value};
use crate::splice::{Edits, Part};
use crate::statement::{Object, Statement, statement};
use crate::version::Version;
use crate::{ActivityDefinition, NewStatement, StatementId, StatementTemplate, equivalence, timestamp, token};
use base::hash::Sha256;
use std::cell::OnceCell;
use std::collections::HashSet;
use uuid::Uuid;

/// Who vouches for what is sent (Part 2 §2.4.9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    ifi: Ifi<'static>,
    /// The agent, as it is written into statements.
    json: String,
}

impl Authority {
    /// The agent with the account `name` at `home_page`.
    pub fn account(home_page: &str, name: &str) -> Self {
        let account = serde_json::json!({"homePage": home_page, "name": name});
        let json = serde_json::json!({"objectType": "Agent", "account": account}).to_string();
        Self { ifi: Ifi::account(home_page.to_owned(), name.to_owned()), json }
    }

    /// What identifies it.
    pub fn ifi(&self) -> &Ifi<'static> {
        &self.ifi
    }
}

/// Statements that were accepted, ready to be stored.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct StatementBatch {
    pub statements: Vec<NewStatement>,
    /// The attachments that they list.
    pub enclosed: Vec<ListedAttachment>,
}

/// An attachment that a statement lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedAttachment {
    /// Where it is listed.
    pub pointer: String,
    /// In hexadecimal digits, as written.
    pub sha2: String,
    pub content_type: String,
    /// Whether it says where else its bytes can be found (`fileUrl`).
    pub is_elsewhere: bool,
    /// If it is a signature: the digest of what it must have signed.
    pub unsigned: Option<Sha256>,
}

impl ListedAttachment {
    /// Its hash, when it is a SHA-256.
    pub fn sha256(&self) -> Option<Sha256> {
        self.sha2.parse().ok()
    }
}

/// How statements are accepted.
pub struct Intake<'a> {
    /// The rules to check by.
    pub version: Version,
    pub authority: &'a Authority,
    /// The most statements at once.
    pub most: usize,
    /// Makes ids for statements that have none.
    pub new_id: &'a dyn Fn() -> Uuid,
}

impl Intake<'_> {
    /// Reads one statement, or several in an array: all of them if none has a fault.
    ///
    /// # Errors
    /// Every fault of each.
    pub fn statements(&self, body: &[u8]) -> Result<StatementBatch, Vec<Fault>> {
        self.read(body, |root, check| match root.kind() {
            Kind::Array => self.batch(root, check),
            _ => statement(root, check).into_iter().collect(),
        })
    }

    /// Reads exactly one statement, whose id is `id` or missing.
    ///
    /// # Errors
    /// Every fault of it.
    pub fn statement(&self, id: StatementId, body: &[u8]) -> Result<StatementBatch, Vec<Fault>> {
        self.read(body, |root, check| {
            let found = statement(root, check);
            if let Some(given) = found.as_ref().and_then(|statement| statement.id)
                && given != id
            {
                let message = format!("the statement has the id {given}, but the request names {id}");
                check.faults.at(root.get("id").unwrap_or(root), Code::Rule, message);
            }
            found.into_iter().collect()
        })
    }

    fn read<F>(&self, body: &[u8], read: F) -> Result<StatementBatch, Vec<Fault>>
    where
        F: for<'d> FnOnce(Value<'d>, &mut Check) -> Vec<Statement<'d>>,
    {
        let text = std::str::from_utf8(body).map_err(|_| vec![not_utf8()])?;
        let document = Document::read(text).map_err(|error| vec![not_json(&error)])?;
        let mut check = Check::by(self.version);
        let found = read(document.root(), &mut check);
        if !check.faults.is_empty() {
            return Err(check.faults.into_vec());
        }
        Ok(StatementBatch {
            statements: found.iter().map(|statement| self.prepare(text, statement)).collect(),
            enclosed: found.iter().flat_map(enclosed).collect(),
        })
    }

    pub(crate) fn too_many(&self) -> String {
        format!("send at most {} statements at once", self.most)
    }

    fn batch<'d>(&self, list: Value<'d>, check: &mut Check) -> Vec<Statement<'d>> {
        if list.items().count() > self.most {
            check.faults.at(list, Code::Limit, self.too_many());
            return Vec::new();
        }
        let found: Vec<_> = list.items().filter_map(|item| statement(item, check)).collect();
        let mut ids = HashSet::new();
        for statement in &found {
            refuse_second(statement, &mut ids, check);
        }
        found
    }

    pub(crate) fn prepare(&self, text: &str, statement: &Statement<'_>) -> NewStatement {
        let id = statement.id.unwrap_or_else(|| StatementId((self.new_id)()));
        NewStatement {
            id,
            bytes: StatementTemplate { pieces: self.set_members(statement, id).apply(text, statement.value.place()) },
            digest: equivalence::digest(statement.value),
            tokens: token::of(statement, &self.authority.ifi),
            refers_to: statement.refers_to(),
            voiding: statement.is_voiding(),
            voidable_by: None,
            registration: statement.sentence.context.registration,
            defined: definitions(statement).collect(),
        }
    }

    /// The members that a server sets, and arrays where the standard returns arrays (Part 2 §2.4.6.2).
    fn set_members(&self, statement: &Statement<'_>, id: StatementId) -> Edits {
        let mut edits = Edits::default();
        let place = statement.value.place();
        if statement.id.is_none() {
            edits.insert(place.start + 1, [Part::Text(format!("\"id\":\"{id}\","))]);
        }
        let end = place.end.saturating_sub(1);
        let mut set = |name: &str, given: Option<Value<'_>>, part: Part| match given {
            Some(given) => edits.replace(given.place(), [part]),
            None => edits.insert(end, [Part::Text(format!(",\"{name}\":")), part]),
        };
        set("stored", statement.given.stored, Part::Instant);
        set("authority", statement.given.authority, Part::Text(self.authority.json.clone()));
        match statement.given.timestamp {
            None => set("timestamp", None, Part::Instant),
            Some(given) => {
                if let Some(utc) = in_utc(given) {
                    set("timestamp", Some(given), Part::Text(utc));
                }
            }
        }
        if statement.given.version.is_none() {
            set("version", None, Part::Text(format!("\"{}\"", self.version.of_statements())));
        }
        for single in statement.sentences().flat_map(|sentence| &sentence.context.singles) {
            edits.insert(single.place().start, [Part::Text("[".to_owned())]);
            edits.insert(single.place().end, [Part::Text("]".to_owned())]);
        }
        edits
    }
}

/// Notes a statement whose id another one of its batch, of those in `ids`, has (Part 3 §2.1.2).
pub(crate) fn refuse_second(statement: &Statement<'_>, ids: &mut HashSet<StatementId>, check: &mut Check) {
    if let Some(id) = statement.id
        && !ids.insert(id)
    {
        let message = format!("another statement of the batch has the id {id}");
        check.faults.at(statement.value.get("id").unwrap_or(statement.value), Code::Duplicate, message);
    }
}

/// The definitions in a statement: of its object, of its context, and of both within a SubStatement.
fn definitions<'s>(statement: &'s Statement<'_>) -> impl Iterator<Item = ActivityDefinition> + use<'s> {
    let activities = statement.sentences().flat_map(|sentence| match &sentence.object {
        Object::Activity(object) => sentence.context.activities.iter().chain(Some(object)),
        _ => sentence.context.activities.iter().chain(None),
    });
    activities.filter_map(|activity| {
        let definition = activity.definition?.raw().to_owned();
        Some(ActivityDefinition { activity: activity.id.clone().into_owned(), definition })
    })
}

/// The attachments of a statement, and of a SubStatement in it. Only the statement itself can be signed.
pub(crate) fn enclosed<'s>(statement: &'s Statement<'_>) -> impl Iterator<Item = ListedAttachment> + use<'s> {
    let listed = statement
        .sentences()
        .enumerate()
        .flat_map(|(depth, sentence)| sentence.attachments.iter().map(move |attachment| (depth == 0, attachment)));
    // It takes a pass over the whole statement, and is the same for each of its signatures.
    let unsigned = OnceCell::new();
    listed.map(move |(is_own, attachment)| {
        let signs = is_own && signature::is_signature(attachment);
        ListedAttachment {
            pointer: attachment.value.pointer(),
            sha2: attachment.sha2.clone().into_owned(),
            content_type: attachment.content_type.clone().into_owned(),
            is_elsewhere: attachment.file_url.is_some(),
            unsigned: signs.then(|| *unsigned.get_or_init(|| signature::unsigned_digest(statement.value))).flatten(),
        }
    })
}

/// A timestamp in UTC, when it was written with another offset (Part 2 §4.5).
fn in_utc(given: Value<'_>) -> Option<String> {
    let text = given.string()?;
    if timestamp::is_utc(&text) {
        return None;
    }
    timestamp::parse(&text).map(|at| format!("\"{at}\""))
}

pub(crate) fn not_json(error: &SyntaxError) -> Fault {
    Fault { pointer: String::new(), code: Code::Json, message: error.to_string() }
}

pub(crate) fn not_utf8() -> Fault {
    let message = "the text is not UTF-8; JSON is always sent in UTF-8".to_owned();
    Fault { pointer: String::new(), code: Code::Json, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "6690e6c9-3ef0-4ed3-8b37-7f3964730bee";

    fn take(version: Version, body: &str) -> Result<Vec<NewStatement>, Vec<Fault>> {
        let authority = Authority::account("http://lrs.example", "enduring");
        Intake { version, authority: &authority, most: 3, new_id: &|| Uuid::from_u128(7) }
            .statements(body.as_bytes())
            .map(|taken| taken.statements)
    }

    fn stored(body: &str) -> String {
        let prepared = take(Version::V1, body).unwrap().remove(0);
        String::from_utf8(prepared.bytes.stamp("2026-01-02T03:04:05.678Z".parse().unwrap())).unwrap()
    }

    #[test]
    fn the_members_that_a_server_sets_are_added_and_nothing_else_changes() {
        let body = r#" { "actor": {"mbox":"mailto:a@b.c"}, "verb":{"id":"v:\u0061"},"object" :{"id":"a:1"} ,"result":{"score":{"scaled":0.950}}}"#;
        assert_eq!(
            stored(body),
            r#"{"id":"00000000-0000-0000-0000-000000000007", "actor": {"mbox":"mailto:a@b.c"}, "verb":{"id":"v:\u0061"},"object" :{"id":"a:1"} ,"result":{"score":{"scaled":0.950}},"stored":"2026-01-02T03:04:05.678Z","authority":{"account":{"homePage":"http://lrs.example","name":"enduring"},"objectType":"Agent"},"timestamp":"2026-01-02T03:04:05.678Z","version":"1.0.0"}"#
        );
    }

    #[test]
    fn what_a_sender_says_in_their_place_is_overwritten_or_kept_as_the_standard_rules() {
        let body = format!(
            r#"{{"authority":{{"mbox":"mailto:me@b.c"}},"stored":"2000-01-01T00:00:00Z","version":"1.0.9","id":"{ID}","timestamp":"2026-01-02T03:04:05+01:00","actor":{{"mbox":"mailto:a@b.c"}},"verb":{{"id":"v:a"}},"object":{{"id":"a:1"}},"context":{{"contextActivities":{{"parent":{{"id":"a:2"}}}}}}}}"#
        );
        assert_eq!(
            stored(&body),
            format!(
                r#"{{"authority":{{"account":{{"homePage":"http://lrs.example","name":"enduring"}},"objectType":"Agent"}},"stored":"2026-01-02T03:04:05.678Z","version":"1.0.9","id":"{ID}","timestamp":"2026-01-02T02:04:05Z","actor":{{"mbox":"mailto:a@b.c"}},"verb":{{"id":"v:a"}},"object":{{"id":"a:1"}},"context":{{"contextActivities":{{"parent":[{{"id":"a:2"}}]}}}}}}"#
            )
        );
    }

    #[test]
    fn every_fault_of_every_statement_is_named_with_its_place() {
        let body = r#"[{"actor":{"name":"x","MBOX":null},"verb":{"id":"no iri","display":{"something":1}},"object":{"id":"a:1"}},
            {"actor":{"mbox":"mailto:a@b.c"},"verb":{"id":"v:a"},"object":{"id":"a:1"},"result":{"score":{"scaled":1.00001,"raw":"3"}}},
            {"actor":{"mbox":"mailto:a@b.c"},"actor":{"mbox":"mailto:a@b.c"},"verb":{"id":"v:a"}}]"#;
        let faults = take(Version::V1, body).unwrap_err();
        let places: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_str())).collect();
        assert_eq!(
            places,
            [
                ("/0/actor/MBOX", "unknown"),
                ("/0/actor", "missing"),
                ("/0/verb/display/something", "format"),
                ("/0/verb/display/something", "type"),
                ("/0/verb/id", "format"),
                ("/1/result/score/raw", "type"),
                ("/1/result/score/scaled", "rule"),
                ("/2/actor", "duplicate"),
                ("/2", "missing"),
            ]
        );
    }

    #[test]
    fn a_batch_has_a_limit_and_no_id_twice() {
        let one = format!(
            r#"{{"id":"{ID}","actor":{{"mbox":"mailto:a@b.c"}},"verb":{{"id":"v:a"}},"object":{{"id":"a:1"}}}}"#
        );
        let batch = |count: usize| format!("[{}]", vec![one.clone(); count].join(","));
        assert_eq!(take(Version::V1, &batch(1)).unwrap().len(), 1);
        assert_eq!(take(Version::V1, &batch(2)).unwrap_err()[0].pointer, "/1/id");
        assert_eq!(take(Version::V1, &batch(4)).unwrap_err()[0].code, Code::Limit);
        assert_eq!(take(Version::V1, "[]"), Ok(Vec::new()));
    }
}
