//! What the program says when it starts and the servers are not as it needs them: one plain sentence, and exit status 1.

use crate::harness::{ReplicaSet, program};

/// The error sentence of the program when it uses `store`, if there is one.
pub(super) fn meet(store: &str) -> Result<(), String> {
    let nowhere = tempfile::tempdir().unwrap();
    let output = program(nowhere.path()).args(["credential", "list", "--store", store]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    if output.status.success() {
        return Ok(());
    }
    assert_eq!((output.status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert!(said.starts_with("enduring: "), "{said}");
    Err(said)
}

/// Asserts that `store` is refused with a sentence that says all of `parts`.
#[track_caller]
pub(super) fn refused(store: &str, parts: &[&str]) {
    let said = meet(store).expect_err("it was not refused");
    for part in parts {
        assert!(said.contains(part), "{part} is missing: {said}");
    }
    assert!(!said.contains("wrong-secret"), "{said}");
}

#[test]
fn a_server_that_belongs_to_no_replica_set_is_refused_with_what_to_do() {
    let set = ReplicaSet::with(&["--standalone"]);
    refused(&set.url, &["this MongoDB server is standalone", "--replSet", "rs.initiate()"]);
    refused(&format!("{}?replicaSet=rs0", set.url), &["none of the hosts", "--replSet", "rs.initiate()"]);
}

#[test]
fn a_server_that_is_too_old_is_refused_with_what_to_do() {
    let Some(set) = ReplicaSet::too_old() else { return };
    let sentence =
        &format!("the MongoDB server at 127.0.0.1:{} is too old: upgrade it to MongoDB 4.4.2", set.members[0]);
    refused(&set.url, &[sentence]);
    refused(&set.url.replace("replicaSet=rs0", "directConnection=true"), &[sentence]);
}

#[test]
fn a_load_balancer_that_is_none_is_refused_with_what_to_do() {
    let store = ReplicaSet::database().replace("replicaSet=rs0", "loadBalanced=true");
    refused(&store, &["not behind a load balancer", "remove loadBalanced=true"]);
}

#[test]
fn a_replica_set_without_a_primary_is_refused_with_what_to_do() {
    let set = ReplicaSet::with(&["--uninitiated"]);
    refused(&set.url, &["no primary", "rs.initiate()"]);
    let mut set = ReplicaSet::of(3);
    meet(&set.url).unwrap();
    for member in set.members.clone().into_iter().take(2) {
        set.stop(member);
    }
    // The last is primary, if it is, until it has missed the others for long enough.
    assert!((0..100).any(|_| meet(&set.url).is_err()), "it stays primary without a majority");
    refused(&set.url, &["no primary", "Connection refused", "a secondary", "start its members"]);
}

#[test]
fn a_user_without_the_right_is_refused_with_what_to_do() {
    let set = ReplicaSet::with(&["--users"]);
    let store = |user: &str, options: &str| {
        set.url.replace("mongodb://", &format!("mongodb://{user}")).replace("/?", "/enduring?") + options
    };
    meet(&store("enduring:right@", "&authSource=admin")).unwrap();
    let credentials = "check them, and authSource";
    refused(&store("enduring:wrong-secret@", "&authSource=admin"), &["refused the user name or password", credentials]);
    refused(&store("nobody:wrong-secret@", "&authSource=admin"), &["refused the user name or password", credentials]);
    refused(&store("enduring:right@", ""), &["refused the user name or password", credentials]);
    refused(&store("", ""), &["refused this user", "readWrite"]);
    refused(&store("reader:right@", "&authSource=admin"), &["refused this user", "readWrite"]);
}

#[test]
fn problems_with_tls_are_distinguished() {
    let set = ReplicaSet::with(&["--tls"]);
    let authority = set.authority.clone().unwrap();
    meet(&format!("{}&tls=true&tlsCAFile={authority}", set.url)).unwrap();
    refused(&set.url, &["no primary", "tls=true"]);
    refused(&format!("{}&tls=true", set.url), &["invalid peer certificate: UnknownIssuer", "tlsCAFile"]);
    refused(&format!("{}&tls=true&tlsCAFile=/no/such.pem", set.url), &["/no/such.pem"]);
    let elsewhere = set.url.replace("127.0.0.1", "localhost");
    refused(
        &format!("{elsewhere}&tls=true&tlsCAFile={authority}"),
        &["not valid for name \"localhost\"", "each host as"],
    );

    let plain = ReplicaSet::of(1);
    refused(&format!("{}&tls=true", plain.url), &["does not accept TLS"]);
}

#[test]
fn a_url_that_cannot_be_read_is_refused_without_a_part_of_its_password() {
    for url in [
        "mongodb://user:wrong?secret@h/db",
        "mongodb://user:12345?appName=secret@h/db",
        "mongodb://user:wrong/secret@h/db",
        "mongodb://user:wrong@secret@h/db",
        "mongodb://user:wrong%secret@h/db",
        "mongodb://user:wrong-secret@h:99999/db",
        "mongodb://user:wrong-secret@h/db?maxPoolSize=secret",
        "mongodb+srv://user:wrong-secret@h:1/db",
        "mongodb+srv://user:wrong-secret@no-such-host.invalid/db?connectTimeoutMS=1000",
    ] {
        let said = meet(url).expect_err("it was not refused");
        assert!(said.contains("check"), "{said}");
        assert!(["user:", "wrong", "secret", "12345"].iter().all(|part| !said.contains(part)), "{said}");
    }
}
