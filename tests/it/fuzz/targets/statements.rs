//! Statements: what is taken can be taken again and is the same; what is refused is refused with the places of its faults.

use std::cell::Cell;
use uuid::Uuid;
use xapi::fault::{Code, Fault};
use xapi::format::{self, Definitions};
use xapi::hand_down;
use xapi::intake::StatementBatch;
use xapi::json::{Document, Kind, Member, Value};
use xapi::language::Preferences;
use xapi::{Authority, Intake, NewStatement, StatementId, Version};

/// As many statements as are taken at once here.
const MOST: usize = 20;

/// The members that a server may set or change (Part 2 §2.4).
const ASSIGNED: [&str; 5] = ["id", "stored", "authority", "timestamp", "version"];

/// One statement or several, by the rules of both versions.
pub(super) fn statements(bytes: &[u8]) {
    let [old, new] = [Version::V1, Version::V2].map(|version| {
        let taken = take(bytes, version);
        match &taken {
            Ok(taken) => is_kept(bytes, taken, version),
            Err(faults) => is_blamed(bytes, faults),
        }
        taken
    });
    if let Ok(old) = old {
        let new = new.expect("what 1.0.3 takes, 2.0 takes too");
        assert!(old.statements.iter().map(|one| one.digest).eq(new.statements.iter().map(|one| one.digest)));
    }
}

/// One statement under an id that the request names.
pub(super) fn one_statement(bytes: &[u8]) {
    let id = StatementId(Uuid::from_u128(9));
    let authority = authority();
    let intake = Intake { version: Version::V2, authority: &authority, most: MOST, new_id: &|| id.0 };
    match intake.statement(id, bytes) {
        Ok(taken) => assert_eq!(taken.statements.iter().map(|one| one.id).collect::<Vec<_>>(), [id]),
        Err(faults) => is_blamed(bytes, &faults),
    }
}

fn authority() -> Authority {
    Authority::account("https://lrs.example", "fuzz")
}

fn take(bytes: &[u8], version: Version) -> Result<StatementBatch, Vec<Fault>> {
    let (authority, made) = (authority(), Cell::new(0));
    let new_id = || {
        made.set(made.get() + 1);
        Uuid::from_u128(made.get())
    };
    Intake { version, authority: &authority, most: MOST, new_id: &new_id }.statements(bytes)
}

fn is_kept(bytes: &[u8], taken: &StatementBatch, version: Version) {
    let sent = Document::read(std::str::from_utf8(bytes).unwrap()).unwrap();
    let sent: Vec<Value<'_>> = match sent.root().kind() {
        Kind::Array => sent.root().items().collect(),
        _ => vec![sent.root()],
    };
    assert_eq!(sent.len(), taken.statements.len());
    for (sent, prepared) in sent.into_iter().zip(&taken.statements) {
        let stored = stamped(prepared);
        let read = Document::read(&stored).unwrap();
        is_the_same(sent, read.root());
        let again = take(stored.as_bytes(), version).unwrap_or_else(|faults| panic!("{faults:?} in {stored}"));
        let [again] = again.statements.try_into().unwrap();
        assert_eq!(stamped(&again), stored, "what was stored is stored again as it is");
        assert_eq!(NewStatement { bytes: prepared.bytes.clone(), ..again }, *prepared);
        assert!(prepared.tokens.is_sorted_by(|one, next| one < next));
        is_shown(&stored, taken);
    }
}

fn stamped(prepared: &NewStatement) -> String {
    String::from_utf8(prepared.bytes.stamp("2026-01-15T09:30:00.123Z".parse().unwrap())).unwrap()
}

/// Every member that no server sets stays where it was, as it was written.
fn is_the_same(sent: Value<'_>, stored: Value<'_>) {
    let (sent, stored) = (own(sent), own(stored));
    assert_eq!(sent.len(), stored.len());
    for (sent, stored) in sent.into_iter().zip(stored) {
        assert_eq!(sent.key.raw(), stored.key.raw());
        is_as_written(sent.value, stored.value);
    }
}

fn own(statement: Value<'_>) -> Vec<Member<'_>> {
    statement.members().filter(|member| !ASSIGNED.contains(&&*member.name())).collect()
}

/// As it was written, but for a single context activity that became a list (Part 2 §2.4.6.2).
fn is_as_written(sent: Value<'_>, stored: Value<'_>) {
    if sent.raw() == stored.raw() {
        return;
    }
    if sent.kind() == Kind::Object && stored.kind() == Kind::Array {
        assert_eq!(format!("[{}]", sent.raw()), stored.raw());
        return;
    }
    assert_eq!((sent.kind(), stored.kind()), (Kind::Object, Kind::Object), "{} became {}", sent.raw(), stored.raw());
    assert_eq!(sent.members().count(), stored.members().count());
    for (sent, stored) in sent.members().zip(stored.members()) {
        assert_eq!(sent.key.raw(), stored.key.raw());
        is_as_written(sent.value, stored.value);
    }
}

/// In each format it is a statement, and showing what is shown changes nothing.
fn is_shown(stored: &str, taken: &StatementBatch) {
    let ids = format::ids(stored).unwrap();
    assert_eq!(format::ids(&ids).unwrap(), ids);
    let languages = Preferences::parse("de, en-GB;q=0.8");
    let held = taken
        .statements
        .iter()
        .flat_map(|statement| &statement.defined)
        .map(|defined| (defined.activity.clone(), defined.definition.clone()))
        .collect();
    let canonical = format::canonical(stored, &languages, &held).unwrap();
    assert_eq!(format::canonical(&canonical, &languages, &Definitions::new()).unwrap(), canonical);
    for shown in [ids, canonical] {
        assert!(take(shown.as_bytes(), Version::V2).is_ok(), "{stored} is shown as {shown}");
    }
    let down = hand_down::to_1_0(stored).unwrap();
    assert!(take(down.as_bytes(), Version::V1).is_ok(), "{stored} is handed down as {down}");
    assert_eq!(hand_down::to_1_0(&down).unwrap(), down);
    for activity in format::activities(stored).unwrap() {
        assert!(!activity.is_empty());
    }
}

fn is_blamed(bytes: &[u8], faults: &[Fault]) {
    assert!((1..=1001).contains(&faults.len()), "{} faults", faults.len());
    let document = std::str::from_utf8(bytes).ok().map(Document::read);
    let Some(Ok(document)) = document else {
        assert!(faults.iter().all(|fault| fault.code == Code::Json), "{faults:?}");
        return;
    };
    for fault in faults {
        assert!(is_there(document.root(), &fault.pointer), "nothing is at {} of {faults:?}", fault.pointer);
        assert!(!fault.message.is_empty());
    }
}

/// Whether a JSON pointer leads anywhere. Where a member occurs twice, each of the two counts.
fn is_there(root: Value<'_>, pointer: &str) -> bool {
    let mut places = vec![root];
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        places = places.into_iter().flat_map(|place| children(place, &step)).collect();
    }
    !places.is_empty() && (pointer.is_empty() || pointer.starts_with('/'))
}

fn children<'d>(place: Value<'d>, step: &str) -> Vec<Value<'d>> {
    let item = step.parse().ok().and_then(|at| place.items().nth(at));
    let members = place.members().filter(|member| member.name() == step).map(|member| member.value);
    item.into_iter().chain(members).collect()
}
