//! The changes.

use super::{Change, Plant, Prepared};
use std::path::{Path, PathBuf};

fn sql(what: &'static str, sql: &'static str, found: &'static str) -> Change {
    Change { what, plant: Plant::Sql(sql), found }
}

fn files(what: &'static str, plant: fn(&Path, &Prepared), found: &'static str) -> Change {
    Change { what, plant: Plant::Files(plant), found }
}

fn blob(data: &Path, prepared: &Prepared, name: &str) -> PathBuf {
    let name = prepared.named(name);
    data.join("blobs").join(&name[..2]).join(&name[2..])
}

fn write(path: &Path, change: impl Fn(Vec<u8>) -> Vec<u8>) {
    let bytes = std::fs::read(path).unwrap();
    let changed = change(bytes.clone());
    assert_ne!(bytes, changed);
    std::fs::remove_file(path).unwrap();
    std::fs::write(path, changed).unwrap();
}

pub(super) fn changes() -> Vec<Change> {
    [log(), pages(), voiding(), records(), ledger(), credits(), playing(), blobs(), due(), schema()]
        .into_iter()
        .flatten()
        .collect()
}

fn log() -> Vec<Change> {
    vec![
        sql(
            "a word in a program's statement",
            "UPDATE statement SET bytes = CAST(replace(CAST(bytes AS TEXT), 'answer 5', 'answer 9') AS BLOB) WHERE id = x'$fivehex'",
            "Statement $five (number",
        ),
        sql(
            "a word in a statement that a credit rests on",
            "UPDATE statement SET bytes = CAST(replace(CAST(bytes AS TEXT), '2026-03-01', '2026-03-02') AS BLOB) WHERE id = x'$claimedhex'",
            "Statement $claimed was changed",
        ),
        sql("the digest of a statement", "UPDATE statement SET digest = zeroblob(32) WHERE id = x'$fivehex'", "its digest is not"),
        sql("a digest of the wrong length", "UPDATE statement SET digest = x'00' WHERE id = x'$fivehex'", "of the wrong length"),
        sql(
            "the id under which a statement is kept",
            "UPDATE statement SET id = x'00000000000040008000000000000099' WHERE id = x'$fivehex'",
            "its id is not what its bytes say",
        ),
        sql("an id of the wrong length", "UPDATE statement SET id = x'0102' WHERE id = x'$fivehex'", "with an id of 2 bytes"),
        sql("when a statement was stored", "UPDATE statement SET stored = stored - 1000 WHERE id = x'$fivehex'", "its time of storing"),
        sql(
            "a statement that was stored before the one in front of it",
            "UPDATE statement SET stored = 1000 WHERE id = x'$fivehex'",
            "was stored before the one in front of it",
        ),
        sql("tokens of a statement", "UPDATE statement SET tokens = zeroblob(16) WHERE id = x'$fivehex'", "its list of facts"),
        sql("half a token", "UPDATE statement SET tokens = x'0102' WHERE id = x'$fivehex'", "of the wrong length"),
        sql(
            "an entry of the index that is gone",
            "DELETE FROM token WHERE place = (SELECT place FROM statement WHERE id = x'$fivehex')
             AND token = (SELECT min(token) FROM token WHERE place = (SELECT place FROM statement WHERE id = x'$fivehex'))",
            "Statement $five (number",
        ),
        sql(
            "an entry of the index that was added",
            "INSERT INTO token SELECT zeroblob(16), place FROM statement WHERE id = x'$fivehex'",
            "is found by a fact that it does not have",
        ),
        sql(
            "an entry of the index to nowhere",
            "INSERT INTO token SELECT zeroblob(16), place + 1000 FROM statement WHERE id = x'$fivehex'",
            "where no statement is",
        ),
        sql(
            "an inherited entry of the index that is gone",
            "DELETE FROM token WHERE place = (SELECT place FROM statement WHERE id = x'$twohex')
             AND token IN (SELECT token FROM token WHERE place = (SELECT place FROM statement WHERE id = x'$onehex'))",
            "of the",
        ),
        sql(
            "a statement that was removed with its entries",
            "DELETE FROM token WHERE place = (SELECT place FROM statement WHERE id = x'$fivehex');
             DELETE FROM statement WHERE id = x'$fivehex'",
            "a statement was removed",
        ),
        sql(
            "a statement under a credit that was removed",
            "DELETE FROM token WHERE place = (SELECT place FROM statement WHERE id = x'$claimedhex');
             DELETE FROM statement WHERE id = x'$claimedhex'",
            "Statement $claimed is gone from the log",
        ),
        sql(
            "a statement of another provider's",
            "INSERT INTO provider VALUES (99, 'elsewhere');
             UPDATE statement SET provider = 99 WHERE id = x'$fivehex'",
            "at a place of the log that is not its provider's",
        ),
        sql("bytes that are no statement", "UPDATE statement SET bytes = x'7b7d' WHERE id = x'$fivehex'", "its bytes are not a statement"),
        sql("bytes that are no text", "UPDATE statement SET bytes = x'ff' WHERE id = x'$fivehex'", "its bytes are not a statement"),
        sql("a gap in the numbers", "UPDATE statement SET place = place + 5 WHERE id = x'$sixhex'", "are missing from the log"),
        sql(
            "a reference to another statement",
            "UPDATE statement SET target = x'$sixhex' WHERE id = x'$twohex'",
            "its reference to another statement",
        ),
        sql("a reference that is gone", "UPDATE statement SET target = NULL WHERE id = x'$twohex'", "its reference to another statement"),
        sql(
            "whose word a statement is",
            "UPDATE statement SET bytes = CAST(replace(CAST(bytes AS TEXT), 'eve@', 'bob@') AS BLOB) WHERE id = x'$fivehex'",
            "its list of facts that it is found by",
        ),
    ]
}

/// Changes that the program itself could have made: only the sealed pages of the log show them, and changes of these pages.
fn pages() -> Vec<Change> {
    vec![
        files(
            "a program's statement that was replaced by a complete other one",
            |data, prepared| {
                let database = rusqlite::Connection::open(data.join("enduring.db")).unwrap();
                let id = prepared.named("x'$fivehex'");
                let read = format!("SELECT CAST(bytes AS TEXT) FROM statement WHERE id = {id}");
                let text: String = database.query_row(&read, [], |row| row.get(0)).unwrap();
                let other = text.replace("answer 5", "answer 9");
                let facts = xapi::stored::read(other.as_bytes()).unwrap();
                assert_eq!(facts.tokens, xapi::stored::read(text.as_bytes()).unwrap().tokens);
                let write = format!("UPDATE statement SET bytes = ?1, digest = ?2 WHERE id = {id}");
                let values = rusqlite::params![other.as_bytes(), &facts.digest.0[..]];
                assert_eq!(database.execute(&write, values).unwrap(), 1);
            },
            "it is not the statement that was sealed",
        ),
        sql(
            "two statements that changed places",
            "CREATE TEMP TABLE p AS SELECT (SELECT place FROM statement WHERE id = x'$fivehex') a, (SELECT place FROM statement WHERE id = x'$sixhex') b;
             UPDATE token SET place = place + 1000 WHERE place = (SELECT a FROM p); UPDATE statement SET place = place + 1000 WHERE place = (SELECT a FROM p);
             UPDATE token SET place = (SELECT a FROM p) WHERE place = (SELECT b FROM p); UPDATE statement SET place = (SELECT a FROM p) WHERE place = (SELECT b FROM p);
             UPDATE token SET place = (SELECT b FROM p) WHERE place = (SELECT a FROM p) + 1000; UPDATE statement SET place = (SELECT b FROM p) WHERE place = (SELECT a FROM p) + 1000",
            "it is not the statement that was sealed",
        ),
        sql(
            "the last statement that was removed with its entries",
            "DELETE FROM token WHERE place = (SELECT max(place) FROM statement); DELETE FROM statement WHERE place = (SELECT max(place) FROM statement)",
            "it was sealed up to number",
        ),
        sql(
            "a statement that an erasure is said to have rewritten",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.rewritten', json_object('1', json_object('leaf', substr(replace(hex(zeroblob(22)), '0', 'A'), 1, 43), 'jws', 'a.b.c'))) AS BLOB) WHERE kind = 'log-page' AND key = '$entry1'",
            "and no erasure signed that",
        ),
        sql(
            "what a page has of a statement",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.leaves[0]', substr(replace(hex(zeroblob(22)), '0', 'A'), 1, 43)) AS BLOB) WHERE kind = 'log-page' AND key = '$entry1'",
            "Page 1 of the sealed log: its list of statements is not the one that was signed",
        ),
        sql(
            "the signature of a page",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.jws', json_extract(body, '$.jws') || 'AA') AS BLOB) WHERE kind = 'log-page' AND key = '$entry1'",
            "Page 1 of the sealed log: its signature",
        ),
        sql(
            "a page with another's signature",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.jws', (SELECT json_extract(body, '$.jws') FROM record WHERE kind = 'log-page' AND key = '$entry2')) AS BLOB) WHERE kind = 'log-page' AND key = '$entry1'",
            "Page 1 of the sealed log: its content has the hash",
        ),
        sql(
            "a page that is gone",
            "DELETE FROM record_index WHERE kind = 'log-page' AND record_key = '$entry1'; DELETE FROM record WHERE kind = 'log-page' AND key = '$entry1'",
            "it is page 2 where 1 belongs",
        ),
        sql(
            "the last page that is gone",
            "DELETE FROM record_index WHERE kind = 'log-page' AND record_key = '$entry2'; DELETE FROM record WHERE kind = 'log-page' AND key = '$entry2'",
            "The sealed log ends with page 1",
        ),
        sql("the end of the sealed log", "DELETE FROM record WHERE kind = 'log-end'", "its own record says that it ends with page 0"),
    ]
}

fn voiding() -> Vec<Change> {
    vec![
        sql("a voided mark that nobody made", "UPDATE statement SET voided = 1 WHERE id = x'$fivehex'", "and no statement voids it"),
        sql("a voided mark that is gone", "UPDATE statement SET voided = 0 WHERE id = x'$threehex'", "is not marked as voided"),
        sql("a voided mark of two", "UPDATE statement SET voided = 2 WHERE id = x'$fivehex'", "neither yes nor no"),
        sql("a statement that is said to void", "UPDATE statement SET voiding = 1 WHERE id = x'$twohex'", "its mark of a voiding statement"),
        sql("a voiding statement that is said not to", "UPDATE statement SET voiding = 0 WHERE id = x'$fourhex'", "its mark of a voiding statement"),
        sql(
            "a voiding statement that is gone",
            "DELETE FROM token WHERE place = (SELECT place FROM statement WHERE id = x'$fourhex');
             DELETE FROM statement WHERE id = x'$fourhex'",
            "Statement $three (number",
        ),
        sql(
            "an award's statement that is marked as voided",
            "UPDATE statement SET voided = 1 WHERE CAST(bytes AS TEXT) LIKE '%$ada%verb/earned%'",
            "and was voided",
        ),
        sql(
            "an award's statement that is gone",
            "DELETE FROM token WHERE place = (SELECT place FROM statement WHERE CAST(bytes AS TEXT) LIKE '%$ada%verb/earned%');
             DELETE FROM statement WHERE CAST(bytes AS TEXT) LIKE '%$ada%verb/earned%'",
            "no statement of the log reports it as earned",
        ),
        sql(
            "another amount in an award's statement",
            "UPDATE statement SET bytes = CAST(replace(CAST(bytes AS TEXT), '\"0.75\"', '\"9.75\"') AS BLOB) WHERE CAST(bytes AS TEXT) LIKE '%$ada%verb/earned%'",
            "with the amount 9.75; the ledger has 0.75",
        ),
        sql(
            "another credit in an award's statement",
            "UPDATE statement SET bytes = CAST(replace(CAST(bytes AS TEXT), '$ada', '00000000-0000-4000-8000-0000000000ff') AS BLOB) WHERE CAST(bytes AS TEXT) LIKE '%$ada%verb/earned%'",
            "which is not in the ledger",
        ),
    ]
}

fn records() -> Vec<Change> {
    vec![
        sql(
            "a record that is no JSON",
            "UPDATE record SET body = x'7b' WHERE kind = 'account' AND key = '$adaacc'",
            "does not fit its type",
        ),
        sql(
            "a record without a member",
            "UPDATE record SET body = CAST(json_remove(CAST(body AS TEXT), '$.name') AS BLOB) WHERE kind = 'account' AND key = '$adaacc'",
            "Record account $adaacc does not fit its type",
        ),
        sql(
            "a record of an unknown kind",
            "UPDATE record SET kind = 'surprise' WHERE kind = 'account' AND key = '$adaacc'",
            "is of a kind that this program does not know",
        ),
        sql(
            "a record under another key",
            "UPDATE record SET key = 'x' WHERE kind = 'account' AND key = '$adaacc'",
            "has a key that its content does not have",
        ),
        sql(
            "a record that its index lost",
            "DELETE FROM record_index WHERE kind = 'account' AND record_key = '$adaacc'",
            "is not in the index",
        ),
        sql(
            "a record under another key of an index",
            "UPDATE record_index SET key = 'x' WHERE kind = 'account' AND record_key = '$adaacc'",
            "which does not belong there",
        ),
        sql(
            "an index entry without a record",
            "INSERT INTO record_index SELECT provider, kind, name, 'zz', 'nobody', record FROM record_index WHERE kind = 'account' LIMIT 1",
            "lists Record account nobody",
        ),
        sql(
            "an index entry that leads to another record",
            "UPDATE record_index SET record = (SELECT id FROM record WHERE kind = 'account' AND key = '$boacc') WHERE kind = 'account' AND record_key = '$adaacc'",
            "to another record",
        ),
        sql(
            "the list of a record's index entries",
            "UPDATE record SET entries = '[]' WHERE kind = 'account' AND key = '$adaacc'",
            "otherwise than its content says",
        ),
        sql(
            "a list of index entries that is no JSON",
            "UPDATE record SET entries = '[' WHERE kind = 'account' AND key = '$adaacc'",
            "list of index entries that cannot be read",
        ),
        sql(
            "an impossible version of a record",
            "UPDATE record SET version = 0 WHERE kind = 'account' AND key = '$adaacc'",
            "has an impossible version",
        ),
        sql(
            "a record of a provider that is not there",
            "PRAGMA foreign_keys = OFF; UPDATE record SET provider = 77 WHERE kind = 'account' AND key = '$adaacc'",
            "belongs to a provider that is not in the database",
        ),
        sql(
            "an account that is gone",
            "DELETE FROM record_index WHERE kind = 'account' AND record_key = '$adaacc'; DELETE FROM record WHERE kind = 'account' AND key = '$adaacc'",
            "belongs to account $adaacc, which is gone, and no erasure removed it",
        ),
        sql(
            "a registration that is gone",
            "DELETE FROM record_index WHERE kind = 'registration' AND record_key = '$openreg'; DELETE FROM record WHERE kind = 'registration' AND key = '$openreg'",
            "begins registration $openreg, whose record is gone",
        ),
        sql(
            "a registration of another learner",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.learner', '$boacc') AS BLOB) WHERE kind = 'registration' AND key = '$openreg'",
            "Registration $openreg belongs to account $boacc; the log began it for",
        ),
        sql(
            "a registration with another version",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.version', 2) AS BLOB) WHERE kind = 'registration' AND key = '$openreg'",
            "Registration $openreg leads to version 2",
        ),
        sql(
            "a registration under another rule set",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.rules', '1999.1') AS BLOB) WHERE kind = 'registration' AND key = '$openreg'",
            "Registration $openreg names the rule set 1999.1",
        ),
        sql(
            "a word in a published activity",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.document.title', 'Another title') AS BLOB) WHERE kind = 'activity-version'",
            "was changed: its document has another hash",
        ),
        sql(
            "a published activity whose hash was made to fit",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.sha256', '$bundle') AS BLOB) WHERE kind = 'activity-version'",
            "Version 1 of activity af-stroke-prevention was changed",
        ),
        sql(
            "an activity with another package",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.package_sha256', '$bundle') AS BLOB) WHERE kind = 'activity-version'",
            "was published with another package than it names",
        ),
        sql(
            "an activity version that is gone",
            "DELETE FROM record WHERE kind = 'activity-version'",
            "Version 1 of activity af-stroke-prevention is gone",
        ),
        sql(
            "a package that is gone",
            "DELETE FROM record WHERE kind = 'package-version'",
            "leads to package-version $package, which is gone",
        ),
        sql(
            "a file of a package that was replaced by another",
            "UPDATE record SET body = CAST(replace(CAST(body AS TEXT), '$file', '$bundle') AS BLOB) WHERE kind = 'package-version'",
            "its file index.html has another length",
        ),
        sql(
            "a file of a package that never was",
            "UPDATE record SET body = CAST(replace(CAST(body AS TEXT), '$file', '00' || substr('$file', 3)) AS BLOB) WHERE kind = 'package-version'",
            "its file index.html is gone",
        ),
    ]
}

fn ledger() -> Vec<Change> {
    vec![
        sql(
            "the signature of an entry",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.jws', json_extract(body, '$.jws') || 'AA') AS BLOB) WHERE kind = 'ledger-entry' AND key = '$entry1'",
            "Entry 1: its signature",
        ),
        sql(
            "an entry with another's content",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.jws', (SELECT json_extract(body, '$.jws') FROM record WHERE key = '$entry2')) AS BLOB) WHERE kind = 'ledger-entry' AND key = '$entry1'",
            "Entry 1: its content has the hash",
        ),
        sql(
            "the hash of an entry",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.hash', '$bundle') AS BLOB) WHERE kind = 'ledger-entry' AND key = '$entry2'",
            "Entry 2: its content has the hash",
        ),
        sql(
            "the number of an entry",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.number', 7) AS BLOB) WHERE kind = 'ledger-entry' AND key = '$entry2'",
            "Entry 7: it is number 2",
        ),
        sql(
            "an entry that was removed",
            "DELETE FROM record_index WHERE record_key = '$entry2'; DELETE FROM record WHERE kind = 'ledger-entry' AND key = '$entry2'",
            "it is number 3 where 2 belongs",
        ),
        sql(
            "the last entry that was removed",
            "DELETE FROM record_index WHERE record_key = '$entry4'; DELETE FROM record WHERE kind = 'ledger-entry' AND key = '$entry4'",
            "The ledger ends with entry 3",
        ),
        sql(
            "the last entry that was removed with the end of the ledger",
            "DELETE FROM record_index WHERE record_key = '$entry4'; DELETE FROM record WHERE kind = 'ledger-entry' AND key = '$entry4';
             UPDATE record SET body = (SELECT CAST(json_object('number', 3, 'hash', json_extract(body, '$.hash')) AS BLOB) FROM record WHERE kind = 'ledger-entry' AND key LIKE '%3') WHERE kind = 'ledger-end'",
            "The record of credit $cy says something else than the ledger: status",
        ),
        sql("an entry that its index lost", "DELETE FROM record_index WHERE record_key = '$entry2'", "it is number 3 where 2 belongs"),
        sql(
            "the end of the ledger",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.number', 2) AS BLOB) WHERE kind = 'ledger-end'",
            "its own record says that it ends with entry 2",
        ),
        sql("the end of the ledger that is gone", "DELETE FROM record WHERE kind = 'ledger-end'", "its own record says that it ends with entry 0"),
        sql(
            "the public half of the key",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.public', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA') AS BLOB) WHERE kind = 'signing-key'",
            "its id is not that of its public half",
        ),
        sql(
            "the private half of the key",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.private', 'AAAA') AS BLOB) WHERE kind = 'signing-key'",
            "its private half cannot be read",
        ),
        sql(
            "the name of the key",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.id', '0123456789abcdef') AS BLOB) WHERE kind = 'signing-key'",
            "which is not one of this provider's",
        ),
        sql("a key that is gone", "DELETE FROM record WHERE kind = 'signing-key'", "which is not one of this provider's"),
    ]
}

/// One member of Ada's record.
macro_rules! member {
    ($what:literal, $member:literal, $value:literal, $found:literal) => {
        sql(
            $what,
            concat!(
                "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.",
                $member,
                "', ",
                $value,
                ") AS BLOB) WHERE kind = 'credit-record' AND key = '$ada'"
            ),
            concat!("The record of credit $ada says something else than the ledger: ", $found),
        )
    };
}

fn credits() -> Vec<Change> {
    vec![
        member!("the amount of a credit", "amount", "'9.75'", "amount"),
        member!("the completion date of a credit", "completed", "'2026-02-01'", "completion date"),
        member!("whose credit it is", "learner", "'$boacc'", "learner"),
        member!("the registration of a credit", "registration", "'$openreg'", "registration"),
        member!("the activity of a credit", "activity", "'another'", "activity"),
        member!("the version of a credit", "version", "7", "version"),
        member!("the offering of a credit", "offering", "'another'", "offering"),
        member!("the window of a credit", "window.until", "'2030-01-01'", "window"),
        member!("the trust of a credit", "tier", "'T3'", "trust tier"),
        member!("the evidence of a credit", "bundle", "'$file'", "evidence bundle"),
        member!("the entry of a credit", "entry", "2", "entry"),
        member!("when a credit was recorded", "recorded", "'2025-01-01T00:00:00Z'", "time of recording"),
        member!("a credit that is said to be revoked", "standing", "json('{\"kind\":\"revoked\",\"entry\":4}')", "status"),
        sql(
            "a revoked credit that is said to be active",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.standing', json('{\"kind\":\"active\"}')) AS BLOB) WHERE kind = 'credit-record' AND key = '$cy'",
            "The record of credit $cy says something else than the ledger: status",
        ),
        sql(
            "a credit whose record is gone",
            "DELETE FROM record_index WHERE record_key = '$ada'; DELETE FROM record WHERE kind = 'credit-record' AND key = '$ada'",
            "Credit $ada is in the ledger and its record is gone",
        ),
        sql(
            "a credit that nobody awarded",
            "INSERT INTO record (provider, kind, key, version, entries, body)
             SELECT provider, kind, '00000000-0000-4000-8000-0000000000aa', 1, replace(entries, '$ada', '00000000-0000-4000-8000-0000000000aa'),
                    CAST(replace(CAST(body AS TEXT), '$ada', '00000000-0000-4000-8000-0000000000aa') AS BLOB) FROM record WHERE kind = 'credit-record' AND key = '$ada';
             INSERT INTO record_index SELECT provider, kind, name, key, '00000000-0000-4000-8000-0000000000aa', (SELECT max(id) FROM record) FROM record_index WHERE kind = 'credit-record' AND record_key = '$ada'",
            "has a record and no entry of the ledger",
        ),
        sql(
            "the name on a certificate",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.name', 'Mallory') AS BLOB) WHERE kind = 'credit-record' AND key = '$ada'",
            "name, profession and code of credit $ada",
        ),
        sql(
            "the code on a certificate",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.code', '00000000000000000000') AS BLOB) WHERE kind = 'credit-record' AND key = '$ada'",
            "name, profession and code of credit $ada",
        ),
        sql(
            "the profession of a credit",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.profession', 'nurse') AS BLOB) WHERE kind = 'credit-salt' AND key = '$ada'",
            "name, profession and code of credit $ada",
        ),
        sql(
            "the salt of a credit",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.salt', '$file') AS BLOB) WHERE kind = 'credit-salt' AND key = '$ada'",
            "name, profession and code of credit $ada",
        ),
        sql(
            "a salt that is gone while the name is not",
            "DELETE FROM record WHERE kind = 'credit-salt' AND key = '$ada'",
            "the salt of its name, profession and code is gone",
        ),
        sql(
            "the salt of a credit that is not there",
            "UPDATE record SET key = 'x' WHERE kind = 'credit-salt' AND key = '$ada'",
            "has a key that its content does not have",
        ),
    ]
}

fn playing() -> Vec<Change> {
    vec![
        sql(
            "what a player sent",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.body', '{\"sequence\":1}') AS BLOB) WHERE kind = 'play-commit' AND key LIKE '$session%'",
            "of play session $session was changed",
        ),
        sql(
            "what a player sent, with its hash",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.body', '', '$.sha256', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855') AS BLOB) WHERE kind = 'play-commit' AND key LIKE '$session%'",
            "Play session $session: its commits are not those",
        ),
        sql(
            "the chain in a commit",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.chain', '$bundle') AS BLOB) WHERE kind = 'play-commit' AND key LIKE '$session%'",
            "Play session $session: its commits are not those",
        ),
        sql(
            "the last commit that is gone",
            "DELETE FROM record_index WHERE kind = 'play-commit' AND record_key = (SELECT max(key) FROM record WHERE kind = 'play-commit' AND key LIKE '$session%');
             DELETE FROM record WHERE kind = 'play-commit' AND key = (SELECT max(key) FROM record WHERE kind = 'play-commit' AND key LIKE '$session%')",
            "Play session $session: its commits are not those",
        ),
        sql(
            "the chain of a session",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.chain', '$bundle') AS BLOB) WHERE kind = 'play-session' AND key = '$session'",
            "Play session $session: its commits are not those",
        ),
        sql(
            "a session that is gone",
            "DELETE FROM record_index WHERE kind = 'play-session' AND record_key = '$session'; DELETE FROM record WHERE kind = 'play-session' AND key = '$session'",
            "leads to play-session $session, which is gone",
        ),
        sql(
            "the registration of a session",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.registration', '00000000-0000-4000-8000-0000000000aa') AS BLOB) WHERE kind = 'play-session' AND key = '$session'",
            "leads to registration 00000000-0000-4000-8000-0000000000aa, which is gone",
        ),
        sql(
            "the registration of a play",
            "UPDATE record SET body = CAST(json_set(CAST(body AS TEXT), '$.registration', '00000000-0000-4000-8000-0000000000aa') AS BLOB) WHERE kind = 'play' AND key = '$adareg'",
            "Record play $adareg has a key that its content does not have",
        ),
    ]
}

fn blobs() -> Vec<Change> {
    vec![
        files(
            "a byte of a package's file",
            |data, prepared| write(&blob(data, prepared, "$file"), |bytes| [&bytes[1..], b"x"].concat()),
            "Blob $file was changed",
        ),
        files(
            "a package's file that was cut",
            |data, prepared| write(&blob(data, prepared, "$file"), |bytes| bytes[1..].to_vec()),
            "The package's file index.html was changed or is gone",
        ),
        files(
            "a package's file that is gone",
            |data, prepared| std::fs::remove_file(blob(data, prepared, "$file")).unwrap(),
            "The package's file index.html was changed or is gone",
        ),
        files(
            "a byte of an evidence bundle",
            |data, prepared| write(&blob(data, prepared, "$bundle"), |bytes| [&bytes[..], b" "].concat()),
            "Its evidence bundle has the hash",
        ),
        files(
            "an evidence bundle that is gone",
            |data, prepared| std::fs::remove_file(blob(data, prepared, "$bundle")).unwrap(),
            "Its evidence bundle $bundle is gone",
        ),
        files(
            "an evidence bundle under another's name",
            |data, prepared| {
                std::fs::copy(blob(data, prepared, "$file"), blob(data, prepared, "$bundle")).map(drop).unwrap()
            },
            "Blob $bundle was changed",
        ),
        files(
            "a file among the blobs that is none",
            |data, _| std::fs::write(data.join("blobs/note.txt"), "x").unwrap(),
            "The file note.txt in the directory of blobs",
        ),
        files(
            "blobs that are gone",
            |data, _| std::fs::remove_dir_all(data.join("blobs")).unwrap(),
            "The directory of blobs is gone",
        ),
    ]
}

fn due() -> Vec<Change> {
    vec![
        sql("work in a queue that is none", "UPDATE due SET queue = 'nothing'", "is in a queue that no worker has"),
        sql(
            "work about nothing",
            "UPDATE due SET key = 'nothing' WHERE key = (SELECT min(key) FROM due)",
            "is about nothing that has such an id",
        ),
        sql("work that may be claimed too early", "UPDATE due SET ready = 0", "may be claimed before it is due"),
        sql("the counter of tickets", "UPDATE ticket SET last = 0", "that the counter of tickets has not reached"),
        sql(
            "the counter of tickets that is gone",
            "DELETE FROM ticket",
            "The counter of the tickets for due work is gone",
        ),
        sql(
            "work of a provider that is not there",
            "PRAGMA foreign_keys = OFF; UPDATE due SET provider = 55",
            "belongs to a provider that is not in the database",
        ),
    ]
}

fn schema() -> Vec<Change> {
    vec![
        sql(
            "a trigger",
            "CREATE TRIGGER t AFTER INSERT ON statement BEGIN DELETE FROM due; END",
            "has another trigger, t, which this program did not make",
        ),
        sql("a view", "CREATE VIEW v AS SELECT * FROM statement", "has another view, v"),
        sql("a table", "CREATE TABLE extra (a)", "has another table, extra"),
        sql("an index more", "CREATE INDEX more ON statement (stored)", "has another index, more"),
        sql("an index less", "DROP INDEX statement_target", "The database has no index statement_target"),
        sql(
            "an index that is not unique any more",
            "DROP INDEX statement_id; CREATE INDEX statement_id ON statement (provider, id)",
            "The index statement_id of the database was redefined",
        ),
        sql(
            "a column more",
            "ALTER TABLE statement ADD COLUMN extra TEXT",
            "The table statement of the database was redefined",
        ),
        sql("the format", "PRAGMA user_version = 0", "names format 0"),
        sql("whose database it is", "PRAGMA application_id = 5", "names another program as its owner"),
        files("bytes in the middle of the database", overwrite, "The database file is damaged"),
    ]
}

/// Overwrites part of a page that has rows.
fn overwrite(data: &Path, _: &Prepared) {
    write(&data.join("enduring.db"), |mut bytes| {
        let page = 4096;
        let last = bytes.len() / page - 1;
        bytes[last * page..last * page + 64].fill(0xee);
        bytes
    });
}
