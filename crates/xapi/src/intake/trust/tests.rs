//! Chains of certificates, made when the tests run.

use super::*;
use crate::equivalence;
use crate::json::Document;
use crate::signature::{self, Error};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256, RsaKeySize,
    date_time_ymd,
};
use std::sync::LazyLock;

/// The key of every signer. Making an RSA key takes long.
static SIGNER: LazyLock<KeyPair> =
    LazyLock::new(|| KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap());

const NOW: &str = "2026-06-15T12:00:00Z";

/// An authority, and its certificate in DER.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: Vec<u8>,
}

/// Changes to a certificate before it is signed.
type Change = fn(&mut CertificateParams);

const AS_IT_IS: Change = |_| {};

fn parameters(name: &str) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name.push(DnType::CommonName, name);
    (parameters.not_before, parameters.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2040, 1, 1));
    parameters
}

impl Authority {
    fn new(name: &str, above: Option<&Self>, change: Change) -> Self {
        let mut parameters = parameters(name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        change(&mut parameters);
        let key = KeyPair::generate().unwrap();
        let certificate = match above {
            None => parameters.self_signed(&key),
            Some(above) => parameters.signed_by(&key, &above.issuer),
        };
        let der = certificate.unwrap().der().to_vec();
        Self { issuer: Issuer::new(parameters, key), der }
    }

    fn root() -> Self {
        Self::new("Root", None, AS_IT_IS)
    }

    fn below(&self, name: &str, change: Change) -> Self {
        Self::new(name, Some(self), change)
    }

    /// The certificate of a signer.
    fn signer(&self, change: Change) -> Vec<u8> {
        let mut parameters = parameters("Signer");
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        change(&mut parameters);
        parameters.signed_by(&*SIGNER, &self.issuer).unwrap().der().to_vec()
    }

    /// Its certificate, given out once more with the same name and key.
    fn renewed(&self, change: Change) -> Vec<u8> {
        let mut parameters = parameters("Root");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        change(&mut parameters);
        parameters.self_signed(self.issuer.key()).unwrap().der().to_vec()
    }

    fn anchors(&self) -> Anchors {
        Anchors::read(pem(&self.der).as_bytes()).unwrap()
    }
}

fn pem(der: &[u8]) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(der))
}

fn checked(anchors: &Anchors, now: &str, chain: &[&Vec<u8>]) -> Result<(), TrustError> {
    let chain: Vec<_> = chain.iter().copied().cloned().collect();
    Trust { anchors, now: now.parse().unwrap() }.check(&chain)
}

/// Changed in its last byte, which is of its signature.
fn broken(der: &[u8]) -> Vec<u8> {
    let mut der = der.to_vec();
    *der.last_mut().unwrap() ^= 1;
    der
}

#[test]
fn a_chain_that_leads_to_an_anchor_is_trusted_in_any_order_after_the_signer() {
    let root = Authority::root();
    let upper = root.below("Upper", AS_IT_IS);
    let lower = upper.below("Lower", AS_IT_IS);
    let (signer, direct, stranger) = (lower.signer(AS_IT_IS), root.signer(AS_IT_IS), Authority::root());
    let anchors = root.anchors();
    for chain in [
        &[&direct][..],
        &[&signer, &lower.der, &upper.der],
        &[&signer, &lower.der, &upper.der, &root.der],
        &[&signer, &root.der, &upper.der, &lower.der],
        &[&signer, &stranger.der, &lower.der, &upper.der],
    ] {
        assert_eq!(checked(&anchors, NOW, chain), Ok(()));
    }
    assert_eq!(checked(&upper.anchors(), NOW, &[&signer, &lower.der]), Ok(()), "an anchor need not be a root");
    assert_eq!(checked(&anchors, NOW, &[&signer, &lower.der]), Err(TrustError::Foreign), "a link is missing");
    assert_eq!(
        checked(&anchors, NOW, &[&upper.der, &lower.der, &signer]),
        Err(TrustError::KeyUsage),
        "the signer is first"
    );
    assert_eq!(checked(&anchors, NOW, &[]), Err(TrustError::NoCertificate));
    assert_eq!(checked(&anchors, NOW, &[&direct; 11]), Err(TrustError::TooMany));
    assert_eq!(checked(&anchors, NOW, &[&b"no certificate".to_vec()]), Err(TrustError::Invalid));
}

#[test]
fn every_date_of_the_chain_and_of_its_anchor_counts() {
    let expired: Change = |parameters| parameters.not_after = date_time_ymd(2026, 6, 1);
    let not_yet: Change = |parameters| parameters.not_before = date_time_ymd(2026, 7, 1);
    let root = Authority::root();
    for (change, flaw) in [(expired, TrustError::Expired), (not_yet, TrustError::NotYetValid)] {
        let middle = root.below("Middle", change);
        let off = Authority::new("Root", None, change);
        assert_eq!(checked(&root.anchors(), NOW, &[&root.signer(change)]), Err(flaw), "the signer");
        assert_eq!(checked(&root.anchors(), NOW, &[&middle.signer(AS_IT_IS), &middle.der]), Err(flaw), "an authority");
        assert_eq!(checked(&off.anchors(), NOW, &[&off.signer(AS_IT_IS)]), Err(flaw), "the anchor");
    }
    let old = root.renewed(expired);
    for file in [[pem(&old), pem(&root.der)], [pem(&root.der), pem(&old)]] {
        let both = Anchors::read(file.concat().as_bytes()).unwrap();
        assert_eq!(checked(&both, NOW, &[&root.signer(AS_IT_IS)]), Ok(()), "renewed with the same key");
    }
    let signer = root.signer(expired);
    assert_eq!(checked(&root.anchors(), "2026-06-01T00:00:00Z", &[&signer]), Ok(()), "to the last second");
    assert_eq!(checked(&root.anchors(), "2026-06-01T00:00:01Z", &[&signer]), Err(TrustError::Expired));
}

#[test]
fn a_key_does_only_what_its_certificate_says_that_it_is_for() {
    let root = Authority::root();
    let anchors = root.anchors();
    let used_for = |change: Change| checked(&anchors, NOW, &[&root.signer(change)]);
    assert_eq!(used_for(|parameters| parameters.key_usages = vec![]), Ok(()));
    assert_eq!(used_for(|parameters| parameters.key_usages = vec![KeyUsagePurpose::ContentCommitment]), Ok(()));
    let encipherment: Change = |parameters| parameters.key_usages = vec![KeyUsagePurpose::KeyEncipherment];
    assert_eq!(used_for(encipherment), Err(TrustError::KeyUsage));
    let authority: Change = |parameters| parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    assert_eq!(used_for(authority), Err(TrustError::KeyUsage));
    let tls: Change = |parameters| parameters.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    assert_eq!(used_for(tls), Ok(()), "no extended purpose is about statements");

    let no_signing: Change = |parameters| parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let no_authority: Change = |parameters| parameters.is_ca = IsCa::ExplicitNoCa;
    let silent: Change = |parameters| parameters.is_ca = IsCa::NoCa;
    for change in [no_signing, no_authority, silent] {
        let middle = root.below("Middle", change);
        let found = checked(&anchors, NOW, &[&middle.signer(AS_IT_IS), &middle.der]);
        assert_eq!(found, Err(TrustError::NotAnAuthority));
        let alone = Authority::new("Root", None, change);
        assert_eq!(Anchors::read(pem(&alone.der).as_bytes()).unwrap_err(), AnchorsError::NotAnAuthority(1));
    }
}

#[test]
fn an_authority_allows_only_so_many_below_itself() {
    let none: Change = |parameters| parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let one: Change = |parameters| parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(1));
    for (root, upper, verdict) in [
        (AS_IT_IS, none, Err(TrustError::TooLong)),
        (AS_IT_IS, one, Ok(())),
        (one, AS_IT_IS, Err(TrustError::TooLong)),
        (none, AS_IT_IS, Err(TrustError::TooLong)),
    ] {
        let root = Authority::new("Root", None, root);
        let upper = root.below("Upper", upper);
        let lower = upper.below("Lower", AS_IT_IS);
        let chain = [&lower.signer(AS_IT_IS), &lower.der, &upper.der];
        assert_eq!(checked(&root.anchors(), NOW, &chain), verdict);
        let short = [&root.signer(AS_IT_IS)];
        assert_eq!(checked(&root.anchors(), NOW, &short), Ok(()), "no authority between");
    }
}

#[test]
fn a_chain_of_others_or_one_that_was_changed_is_not_trusted() {
    let (root, namesake) = (Authority::root(), Authority::root());
    let other = Authority::new("Other", None, AS_IT_IS);
    let middle = root.below("Middle", AS_IT_IS);
    let signer = middle.signer(AS_IT_IS);
    let anchors = root.anchors();
    let by_other = other.signer(AS_IT_IS);
    assert_eq!(checked(&anchors, NOW, &[&by_other, &other.der]), Err(TrustError::Foreign));
    assert_eq!(checked(&anchors, NOW, &[&namesake.signer(AS_IT_IS), &namesake.der]), Err(TrustError::Forged));
    assert_eq!(checked(&anchors, NOW, &[&broken(&signer), &middle.der]), Err(TrustError::Forged));
    assert_eq!(checked(&anchors, NOW, &[&signer, &broken(&middle.der)]), Err(TrustError::Forged));
    let both = Anchors::read([pem(&root.der), pem(&other.der)].concat().as_bytes()).unwrap();
    assert_eq!(checked(&both, NOW, &[&by_other]), Ok(()), "each anchor of a file is trusted");
}

#[test]
fn a_file_of_anchors_says_what_is_wrong_with_it() {
    let root = Authority::root();
    let text = pem(&root.der);
    let read = |text: &str| Anchors::read(text.as_bytes()).map(|anchors| anchors.ends.len());
    assert_eq!(read(&format!("# ours\n{text}\n{text}")), Ok(2));
    assert_eq!(read(""), Err(AnchorsError::None));
    assert_eq!(read("no certificate"), Err(AnchorsError::None));
    assert_eq!(read(&[&text, pem(b"no certificate").as_str()].concat()), Err(AnchorsError::Unreadable(2)));
    assert_eq!(read(text.trim_end().trim_end_matches('-')), Err(AnchorsError::Unreadable(1)));
    assert_eq!(read(&pem(&root.signer(AS_IT_IS))), Err(AnchorsError::NotAnAuthority(1)));
}

const STATEMENT: &str = r#"{"actor":{"mbox":"mailto:a@b.c"},"verb":{"id":"v:1"},"object":{"id":"a:1"}}"#;

/// A signature of [`STATEMENT`] whose header says `algorithm` and brings `chain`, made by another where `made_by` says so.
fn signed(algorithm: &str, made_by: &str, chain: Option<&[&Vec<u8>]>) -> Vec<u8> {
    let mut header = serde_json::json!({"alg": algorithm});
    if let Some(chain) = chain {
        header["x5c"] = chain.iter().map(|der| STANDARD.encode(der)).collect();
    }
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let message = format!("{}.{}", encode(&header.to_string()), encode(STATEMENT));
    let key = RsaKeyPair::from_pkcs8(SIGNER.serialized_der()).unwrap();
    let mut signature = vec![0; key.public_modulus_len()];
    let padding = match made_by {
        "RS384" => &RSA_PKCS1_SHA384,
        "RS512" => &RSA_PKCS1_SHA512,
        _ => &RSA_PKCS1_SHA256,
    };
    key.sign(padding, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)).into_bytes()
}

#[test]
fn with_anchors_a_signature_needs_a_chain_and_without_them_the_key_of_its_certificate() {
    let (root, other) = (Authority::root(), Authority::new("Other", None, AS_IT_IS));
    let (signer, foreign) = (root.signer(AS_IT_IS), other.signer(AS_IT_IS));
    let digest = equivalence::digest(Document::read(STATEMENT).unwrap().root());
    let anchors = root.anchors();
    let check = |jws: &[u8]| {
        let trust = Trust { anchors: &anchors, now: NOW.parse().unwrap() };
        (signature::check(jws, digest, None), signature::check(jws, digest, Some(trust)))
    };
    for algorithm in ["RS256", "RS384", "RS512"] {
        assert_eq!(check(&signed(algorithm, algorithm, Some(&[&signer]))), (Ok(()), Ok(())), "{algorithm}");
    }
    let untrusted = |why| (Ok(()), Err(Error::Untrusted(why)));
    assert_eq!(check(&signed("RS256", "RS256", Some(&[&foreign]))), untrusted(TrustError::Foreign));
    assert_eq!(check(&signed("RS256", "RS256", None)), untrusted(TrustError::NoCertificate));
    let either_way = |error: Error| (Err(error), Err(error));
    assert_eq!(check(&signed("RS384", "RS256", Some(&[&signer]))), either_way(Error::Forged));
    assert_eq!(check(&signed("ES256", "RS256", Some(&[&signer]))), either_way(Error::Algorithm));
    assert_eq!(check(&signed("RS256", "RS256", Some(&[]))), either_way(Error::Certificate));
    assert_eq!(check(&signed("RS256", "RS256", Some(&[&root.der, &signer]))), either_way(Error::Certificate));
}
