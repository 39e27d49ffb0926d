//! The ledger and the credits.

use super::{Change, sql};

pub(super) fn ledger() -> Vec<Change> {
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

pub(super) fn credits() -> Vec<Change> {
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
