//! Signed statements on a server that is configured whom to trust (Part 2 §2.6; RFC 7515 §4.1.6). What is wrong with a chain is
//! tried out one by one in `crates/xapi/src/intake/trust`.

use super::attachments::{file, post, signature};
use super::{Lrs, credential, with};
use crate::harness::TestApp;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base::clock::{FixedClock, SystemClock};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use enduring::config::Config;
use enduring::service::App;
use enduring::service::people::credentials::Scope;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256, RsaKeySize,
    date_time_ymd,
};
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;

/// An authority, a signer whom it certified until 2027, and the file that names the authority.
struct Signer {
    key: KeyPair,
    certificate: Vec<u8>,
    folder: TempDir,
}

impl Signer {
    fn certified_by(name: &str) -> Self {
        let mut above = CertificateParams::default();
        above.distinguished_name.push(DnType::CommonName, name);
        above.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        above.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let above_key = KeyPair::generate().unwrap();
        let root = above.self_signed(&above_key).unwrap();
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
        let mut own = CertificateParams::default();
        (own.not_before, own.not_after) = (date_time_ymd(2025, 1, 1), date_time_ymd(2027, 1, 1));
        let certificate = own.signed_by(&key, &Issuer::new(above, above_key)).unwrap().der().to_vec();
        let folder = tempfile::tempdir().unwrap();
        let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(root.der()));
        std::fs::write(folder.path().join("anchors.pem"), pem).unwrap();
        Self { key, certificate, folder }
    }

    /// A server that trusts the authority, at a time.
    async fn trusted_at(&self, now: &str) -> Lrs {
        let path = self.folder.path().join("anchors.pem");
        let clock = FixedClock::at(now.parse().unwrap());
        let server = TestApp::with(clock, |config| config.xapi.trust_anchors = path);
        let (key, secret) = credential(&server, &[Scope::All]).await;
        Lrs { server, key, secret, version: "1.0.3" }
    }

    fn sign(&self, statement: &Value, header: &Value) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", encode(header), encode(statement));
        let key = RsaKeyPair::from_pkcs8(self.key.serialized_der()).unwrap();
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The header that brings the certificate.
    fn header(&self) -> Value {
        json!({"alg": "RS256", "x5c": [STANDARD.encode(&self.certificate)]})
    }
}

/// Sends `statement` with its signature; the status and the first message.
async fn send(lrs: &Lrs, statement: &Value, jws: &str) -> (u16, String) {
    let signed = with(statement.clone(), "/attachments", json!([signature(jws.as_bytes())]));
    let (status, problem) = post(lrs, &signed, &[file(jws.as_bytes())]).await;
    (status, problem["errors"][0]["message"].as_str().unwrap_or_default().to_owned())
}

#[actix_web::test]
async fn a_signed_statement_is_taken_while_its_chain_leads_to_an_anchor_and_is_valid() {
    let (signer, stranger) = (Signer::certified_by("Ours"), Signer::certified_by("Theirs"));
    let statement = super::statement(1);
    let jws = signer.sign(&statement, &signer.header());
    let lrs = signer.trusted_at("2026-06-15T12:00:00Z").await;
    for (jws, reason) in [
        (signer.sign(&statement, &json!({"alg": "RS256"})), "brings no certificate"),
        (stranger.sign(&statement, &stranger.header()), "do not lead to an authority"),
        (stranger.sign(&statement, &signer.header()), "was not made by the key"),
    ] {
        let (status, message) = send(&lrs, &statement, &jws).await;
        assert_eq!(status, 400);
        assert!(message.contains(reason), "{message}");
    }
    assert!(lrs.ids(&[]).await.is_empty());
    assert_eq!(send(&lrs, &statement, &jws).await.0, 200);
    assert_eq!(lrs.send(&super::statement(2)).await.len(), 1, "statements without a signature need none");

    let later = signer.trusted_at("2027-06-15T12:00:00Z").await;
    let (status, message) = send(&later, &statement, &jws).await;
    assert_eq!(status, 400);
    assert!(message.contains("has expired"), "{message}");
}

#[actix_web::test]
async fn a_server_does_not_start_with_anchors_that_it_cannot_read() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.pem");
    std::fs::write(&text, "no certificate").unwrap();
    for (path, reason) in [(text, "write each as PEM"), (folder.path().join("none.pem"), "No such file")] {
        let mut config = Config::load(None, [], &[]).unwrap();
        config.data = folder.path().join("data");
        config.xapi.trust_anchors = path.clone();
        let refused = App::open(config, Arc::new(SystemClock)).await.err().unwrap().to_string();
        assert!(refused.contains("xapi.trust_anchors") && refused.contains(reason), "{refused}");
        assert!(refused.contains(path.to_str().unwrap()));
    }
}
