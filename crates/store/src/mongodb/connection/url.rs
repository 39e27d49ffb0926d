//! The store's URL, which may contain a password: parsing it without ever quoting it, and warnings about its options.

use crate::{Result, StoreError};
use mongodb::error::ErrorKind;
use mongodb::options::{ClientOptions, ServerAddress, Tls};
use std::net::IpAddr;

/// The driver's own message about a URL is never shown. If a user name or password contains a character that ends it too
/// early, the driver takes the rest for a host, a port or an option, and quotes it.
const UNREADABLE: &str = "the store's URL cannot be read: write \
    mongodb://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?OPTION=VALUE&OPTION=VALUE, with every special character of user \
    name, password and values percent-encoded (@ is %40, / is %2F, ? is %3F, : is %3A, % is %25), and check the ports and \
    the value of each option";

/// The same applies when hosts are looked up, since the name that is looked up may be part of a password too.
const UNKNOWN: &str = "the hosts of the store's mongodb+srv:// URL cannot be looked up: check the host name in it, and \
    that this machine's name server knows it";

/// Parses the URL.
pub(in crate::mongodb) async fn read(url: &str) -> Result<ClientOptions> {
    // An @ among the options comes from a password with a ?, which the driver would take for a host and a port.
    if url.split_once('?').is_some_and(|(_, options)| options.contains('@')) {
        return Err(StoreError::Failed(UNREADABLE.to_owned()));
    }
    ClientOptions::parse(url).await.map_err(|error| {
        let sentence = if matches!(*error.kind, ErrorKind::DnsResolve { .. }) { UNKNOWN } else { UNREADABLE };
        StoreError::Failed(sentence.to_owned())
    })
}

/// What the operator should know about a URL that can be parsed, a sentence each.
pub(in crate::mongodb) fn cautions(options: &ClientOptions) -> Vec<&'static str> {
    let mut cautions = Vec::new();
    if options.direct_connection == Some(true) {
        cautions.push(
            "directConnection=true in the store's URL limits this process to one member, so it does not follow when another \
             becomes primary: remove it, and name the replica set with replicaSet",
        );
    }
    match &options.tls {
        Some(Tls::Enabled(tls)) if tls.allow_invalid_certificates == Some(true) => cautions.push(
            "the store's URL accepts any certificate, so anyone on the network path can pose as the servers: remove \
             tlsAllowInvalidCertificates and tlsInsecure, and name the servers' authority with tlsCAFile",
        ),
        Some(Tls::Enabled(_)) => {}
        Some(Tls::Disabled) | None if options.hosts.iter().all(is_here) => {}
        Some(Tls::Disabled) | None => cautions.push(
            "the store is on another machine and its URL does not enable TLS, so anyone on the network path can read what \
             learners did: add tls=true",
        ),
    }
    cautions
}

/// Whether the server is on this machine, so that nothing crosses a network.
fn is_here(server: &ServerAddress) -> bool {
    match server {
        ServerAddress::Tcp { host, .. } => {
            let address = host.trim_start_matches('[').trim_end_matches(']').parse();
            host == "localhost" || address.is_ok_and(|address: IpAddr| address.is_loopback())
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_part_of_a_url_that_cannot_be_read_is_shown() {
        for url in [
            "mongodb://user:pass?secret@h/db",
            "mongodb://user:12345?secret@h/db",
            "mongodb://user:12345?appName=secret@h/db",
            "mongodb://user:pass@secret?word@h/db",
            "mongodb://user:pass/secret@h/db",
            "mongodb://user:12345/secret@h/db",
            "mongodb://user:pass:secret@h/db",
            "mongodb://user:pass@secret@h/db",
            "mongodb://user:pass%secret@h/db",
            "mongodb://user:pass#secret/@h/db",
            "mongodb://user:secret@h:secret/db",
            "mongodb://user:secret@h:99999/db",
            "mongodb://user:secret@h/d$b",
            "mongodb://user:secret@h/db?authMechanism=secret",
            "mongodb://user:secret@h/db?maxPoolSize=secret",
            "mongodb://user:secret@h/db?tls=secret",
            "mongodb://user:secret@h/db?secret",
            "mongodb://:secret@h/db",
            "mongodb+srv://user:secret@h:1/db",
            "mongodb+srv://user:pass?secret@h/db",
            "mongodb+srv://user:pass/secret@h/db",
        ] {
            let message = read(url).await.expect_err(url).to_string();
            assert_eq!(message, format!("the store failed: {UNREADABLE}"), "{url}");
        }
        assert!(["user:", "secret@", "pass@", "12345"].iter().all(|part| !UNREADABLE.contains(part)));
    }

    #[tokio::test]
    async fn an_operator_is_warned_of_risky_options_and_of_nothing_else() {
        for (url, expected) in [
            ("mongodb://127.0.0.1:1,localhost,[::1]:2/db?replicaSet=rs0", vec![]),
            ("mongodb://a,b/db?replicaSet=rs0&tls=true&tlsCAFile=/ca.pem", vec![]),
            ("mongodb://127.0.0.1,b/db", vec!["add tls=true"]),
            ("mongodb://a/db?tls=false", vec!["add tls=true"]),
            ("mongodb://a/db?tls=true&tlsAllowInvalidCertificates=true", vec!["accepts any certificate"]),
            ("mongodb://a/db?tls=true&tlsInsecure=true", vec!["accepts any certificate"]),
            ("mongodb://a/db?directConnection=true", vec!["directConnection=true", "add tls=true"]),
            ("mongodb://localhost/db?directConnection=false", vec![]),
        ] {
            let cautions = cautions(&read(url).await.unwrap());
            assert_eq!(cautions.len(), expected.len(), "{url}: {cautions:?}");
            assert!(cautions.iter().zip(&expected).all(|(said, part)| said.contains(part)), "{url}: {cautions:?}");
        }
    }
}
