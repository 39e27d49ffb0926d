//! The first contact with the servers: whether they can keep the promises, and the message to the operator when they cannot.
//!
//! Each error is one sentence that says what to do. None contains the URL, which may contain a password.

use crate::mongodb::connection::fault::sentence as sentence_of;
use crate::{Result, StoreError};
use mongodb::Database;
use mongodb::bson::{Document, doc};
use mongodb::error::{Error, ErrorKind};

/// The oldest MongoDB on which this store was tested; the first 4.4 with the command `hello`.
const OLDEST: &str = "4.4.2";

/// Asks the server what it is, and refuses one that cannot keep the promises. The driver itself refuses servers with which it
/// has no version of the protocol in common.
pub(in crate::mongodb) async fn greet(database: &Database) -> Result<()> {
    let hello = database.run_command(doc! { "hello": 1 }).await.map_err(|e| at_start(&e))?;
    if is_router(&hello) {
        tracing::warn!("the store is a sharded cluster, on which this program was not tested: see docs/scaling.md");
    }
    if takes_transactions(&hello) {
        return Ok(());
    }
    let standalone = "this MongoDB server is standalone, and batches need transactions: start it with --replSet NAME, run \
                      rs.initiate() once (a set of one member is enough), and start again";
    Err(StoreError::Failed(standalone.to_owned()))
}

/// Whether a server with this reply to `hello` is a member of a set, or the router of a sharded cluster.
fn takes_transactions(hello: &Document) -> bool {
    hello.contains_key("setName") || is_router(hello)
}

/// Whether it is the router of a sharded cluster, `mongos`.
fn is_router(hello: &Document) -> bool {
    hello.get_str("msg").is_ok_and(|msg| msg == "isdbgrid")
}

/// An error at the start, as a sentence for the operator.
pub(in crate::mongodb) fn at_start(error: &Error) -> StoreError {
    let sentence = match error.kind.as_ref() {
        ErrorKind::Authentication { .. } => {
            "MongoDB refused the user name or password; check them, and authSource, in the store's URL".to_owned()
        }
        ErrorKind::Command(command) if command.code == COMMAND_NOT_FOUND => {
            format!("this MongoDB server is too old ({}): upgrade it to MongoDB {OLDEST} or later", command.message)
        }
        // Not returned for an old server. Other causes (snapshot sessions, client-side encryption) never occur here.
        ErrorKind::IncompatibleServer { .. } => {
            "this MongoDB server is not behind a load balancer: remove loadBalanced=true from the store's URL"
                .to_owned()
        }
        ErrorKind::InvalidTlsConfig { message, .. } => {
            format!("the TLS settings in the store's URL do not work: {message}")
        }
        ErrorKind::InvalidArgument { message, .. } => format!("the store's URL cannot be read: {message}"),
        ErrorKind::ServerSelection { message, .. } => {
            no_common_protocol(message).unwrap_or_else(|| no_primary(&reasons(message)))
        }
        _ => sentence_of(error),
    };
    StoreError::Failed(sentence)
}

/// The error code for a command that only later versions have.
const COMMAND_NOT_FOUND: i32 = 59;

/// The sentence when the driver refuses a server because it is too old or too new for it.
fn no_common_protocol(message: &str) -> Option<String> {
    let said = message.strip_prefix("Server at ")?;
    if let Some((server, _)) = said.split_once(" reports wire version ") {
        return Some(format!("the MongoDB server at {server} is too old: upgrade it to MongoDB {OLDEST} or later"));
    }
    let (server, _) = said.split_once(" requires wire version ")?;
    Some(format!(
        "the MongoDB server at {server} is too new for this version of enduring: upgrade enduring, or run an older MongoDB"
    ))
}

/// What to do about a reason that contains one of these words, and about any other.
const REMEDIES: [(&str, &str); 5] = [
    (
        "certificate",
        "name the authority of its certificate with tlsCAFile in the store's URL, and each host as its certificate does",
    ),
    ("unexpected end of file", "if the server accepts only TLS, add tls=true to the store's URL"),
    ("tls handshake", "if the server does not accept TLS, remove tls=true from the store's URL"),
    (GHOST, "run rs.initiate() on one of them, once"),
    ("", "start its members, or correct the hosts in the store's URL"),
];

/// The state of a server that was started with `--replSet` and whose set nobody has initiated.
const GHOST: &str = "in no initiated set";

/// The sentence when no primary is found, with the reason for each server.
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

/// Each server in the driver's description, with its error, or with its state if it is not the primary.
pub(in crate::mongodb) fn reasons(message: &str) -> Vec<String> {
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
    fn a_server_must_be_of_a_set_or_of_a_sharded_cluster() {
        assert!(takes_transactions(&doc! { "setName": "rs0" }));
        assert!(takes_transactions(&doc! { "msg": "isdbgrid" }));
        assert!(!takes_transactions(&doc! { "maxWireVersion": 17 }));
    }

    #[test]
    fn a_server_without_a_protocol_in_common_is_called_too_old_or_too_new() {
        let old = "Server at 127.0.0.1:27017 reports wire version 8, but this version of the MongoDB Rust driver requires at \
            least 9 (MongoDB 4.4).";
        let expected = "the MongoDB server at 127.0.0.1:27017 is too old: upgrade it to MongoDB 4.4.2 or later";
        assert_eq!(no_common_protocol(old).as_deref(), Some(expected));
        let new = "Server at [::1]:27017 requires wire version 30, but this version of the MongoDB Rust driver only supports \
            up to 29";
        let expected = "the MongoDB server at [::1]:27017 is too new for this version of enduring: upgrade enduring, or run \
            an older MongoDB";
        assert_eq!(no_common_protocol(new).as_deref(), Some(expected));
        assert_eq!(no_common_protocol("Server selection timeout: No available servers. Topology: { }"), None);
    }

    #[test]
    fn a_server_that_does_not_know_a_command_is_told_to_be_too_old() {
        let said =
            doc! { "code": COMMAND_NOT_FOUND, "codeName": "CommandNotFound", "errmsg": "no such command: 'hello'" };
        let error = ErrorKind::Command(mongodb::bson::deserialize_from_document(said).unwrap());
        let sentence = at_start(&error.into()).to_string();
        let expected =
            "this MongoDB server is too old (no such command: 'hello'): upgrade it to MongoDB 4.4.2 or later";
        assert!(sentence.ends_with(expected), "{sentence}");
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
