//! Records of every sort, what was played, and due work.

use super::{Change, sql};

pub(super) fn records() -> Vec<Change> {
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
    ]
}

/// Records that lead to others, or that the log or a hash speaks of.
pub(super) fn leading() -> Vec<Change> {
    vec![
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

pub(super) fn playing() -> Vec<Change> {
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

pub(super) fn due() -> Vec<Change> {
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
