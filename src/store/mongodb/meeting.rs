//! Meeting the servers at the start: whether they can keep the promises, and what the operator is told when they cannot.
//!
//! Each trouble is one sentence that says what to do. None holds the URL, which may hold a password.

use crate::store::{Result, StoreError};
use mongodb::Database;
use mongodb::bson::{Document, doc};
use mongodb::error::{Error, ErrorKind};

/// The wire version of MongoDB 4.4, the first with everything that this store asks for.
const OLDEST: i32 = 9;

/// Asks the server what it is, and refuses one that cannot keep the promises.
pub(super) async fn greet(database: &Database) -> Result<()> {
    let hello = database.run_command(doc! { "hello": 1 }).await.map_err(|e| at_start(&e))?;
    judge(&hello).map_err(|sentence| StoreError::Failed(sentence.to_owned()))
}

/// Whether a server that answers `hello` in this way will do.
fn judge(hello: &Document) -> std::result::Result<(), &'static str> {
    if hello.get_i32("maxWireVersion").is_ok_and(|version| version < OLDEST) {
        return Err("this MongoDB server is too old; version 4.4 or later is needed");
    }
    // A member of a set, or the router of a sharded cluster.
    if hello.contains_key("setName") || hello.get_str("msg").is_ok_and(|msg| msg == "isdbgrid") {
        return Ok(());
    }
    Err("this MongoDB server is standalone, and batches need transactions: start it with --replSet NAME, run \
         rs.initiate() once (a set of one member will do), and start again")
}

/// An error at the start, as a sentence for the operator.
pub(super) fn at_start(error: &Error) -> StoreError {
    let sentence = match error.kind.as_ref() {
        ErrorKind::Authentication { .. } => {
            "MongoDB refused the user name or password; check them, and authSource, in the store's URL".to_owned()
        }
        ErrorKind::Command(command) if matches!(command.code, 13 | 18) => {
            // What follows is the command, whole.
            let said = command.message.split(" to execute command").next().unwrap_or_default();
            format!("MongoDB refused this user ({said}); give it the readWrite role on the database")
        }
        ErrorKind::IncompatibleServer { message, .. } => {
            format!("this MongoDB server is too old ({message}); version 4.4 or later is needed")
        }
        ErrorKind::InvalidTlsConfig { message, .. } => {
            format!("the TLS settings in the store's URL do not work: {message}")
        }
        ErrorKind::InvalidArgument { message, .. } => format!("the store's URL cannot be read: {message}"),
        ErrorKind::DnsResolve { message, .. } => format!("the host in the store's URL is not known: {message}"),
        ErrorKind::ServerSelection { message, .. } => no_primary(&reasons(message)),
        _ => format!("MongoDB: {error}"),
    };
    StoreError::Failed(sentence)
}

/// What to do about a reason that holds one of these words, and about any other.
const REMEDIES: [(&str, &str); 5] = [
    (
        "certificate",
        "name the authority of its certificate with tlsCAFile in the store's URL, and each host as its certificate does",
    ),
    ("unexpected end of file", "if the server takes TLS only, add tls=true to the store's URL"),
    ("tls handshake", "if the server takes no TLS, take tls=true out of the store's URL"),
    (GHOST, "run rs.initiate() on one of them, once"),
    ("", "start its members, or correct the hosts in the store's URL"),
];

/// What a server is that was started with `--replSet` and whose set nobody has initiated.
const GHOST: &str = "of no initiated set";

/// The sentence when no primary is found, and why each server is not it.
fn no_primary(reasons: &[String]) -> String {
    if reasons.is_empty() {
        return "none of the hosts in the store's URL belongs to the replica set that it names: correct replicaSet, or \
                start the server with --replSet NAME and run rs.initiate() once"
            .to_owned();
    }
    let remedy = |(word, _): &&(&str, &str)| reasons.iter().any(|reason| reason.contains(word));
    let remedy = REMEDIES.iter().find(remedy).map_or("", |(_, remedy)| *remedy);
    format!("no primary of the MongoDB replica set can be reached ({}); {remedy}", reasons.join("; "))
}

/// Each server in the driver's description of what it met, with its trouble, or what it is instead of the primary.
fn reasons(message: &str) -> Vec<String> {
    let between = |text: &str, from: &str, to: &str| {
        let (_, rest) = text.split_once(from)?;
        rest.split(to).next().map(str::to_owned)
    };
    let reason = |server: &str| {
        let address = server.split(',').next()?;
        let kind = between(server, "Type: ", ",").map(|kind| match kind.as_str() {
            "RsGhost" => GHOST.to_owned(),
            "RsSecondary" => "a secondary".to_owned(),
            "RsArbiter" => "an arbiter".to_owned(),
            _ => "not reached".to_owned(),
        });
        let trouble = between(server, "Error: Kind: ", ", labels:").or(kind)?;
        Some(format!("{address}: {}", trouble.trim_start_matches("I/O error: ")))
    };
    message.split("Address: ").skip(1).filter_map(reason).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_must_be_new_enough_and_of_a_set() {
        let member = |version| doc! { "maxWireVersion": version, "setName": "rs0" };
        assert_eq!(judge(&member(OLDEST)), Ok(()));
        assert_eq!(judge(&member(17)), Ok(()));
        assert!(judge(&member(8)).is_err_and(|sentence| sentence.contains("too old") && sentence.contains("4.4")));
        assert_eq!(judge(&doc! { "maxWireVersion": 17, "msg": "isdbgrid" }), Ok(()));
        assert!(judge(&doc! { "maxWireVersion": 17 }).is_err_and(|sentence| sentence.contains("standalone")));
    }

    #[test]
    fn each_server_that_is_not_the_primary_says_why() {
        let message = "Server selection timeout: None of the available servers suitable for criteria \
            ReadPreference(Primary). Topology: { Type: ReplicaSetNoPrimary, Set Name: rs0, Servers: [ { Address: a:1, \
            Type: Unknown, Error: Kind: I/O error: Connection refused (os error 111), labels: {\"RetryableError\"}, \
            source: None, server response: None }, { Address: b:2, Type: RsSecondary, Average RTT: 4.5ms } ] }";
        assert_eq!(reasons(message), ["a:1: Connection refused (os error 111)", "b:2: a secondary"]);
        let sentence = no_primary(&reasons(message));
        assert!(sentence.ends_with("start its members, or correct the hosts in the store's URL"), "{sentence}");
        assert!(no_primary(&reasons("No available servers. Topology: { Set Name: rs0 }")).contains("--replSet"));
    }
}
