//! The log, its sealed pages, and what is voided.

use super::{Change, files, sql};

pub(super) fn log() -> Vec<Change> {
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
pub(super) fn pages() -> Vec<Change> {
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

pub(super) fn voiding() -> Vec<Change> {
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
