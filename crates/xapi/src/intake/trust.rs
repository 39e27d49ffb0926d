//! Which signers of statements are to be trusted: those whose certificate leads to an authority that the operator named.
//!
//! The standard has a signature checked against the certificate that comes with it, which finds mistakes but no forger, and
//! leaves more to those who need it (Part 2 §2.6). With anchors, the chain in `x5c` (RFC 7515 §4.1.6) is
//! validated as RFC 5280 §6 has it: signatures, dates, basicConstraints, path length, name constraints and no critical
//! extension that is not understood, by webpki; key usage, and all of these for the anchors too, here. Absent on purpose:
//! revocation, for which a record store would have to query other servers while it stores.

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use std::time::Duration;
use webpki::{
    ALL_VERIFICATION_ALGS, EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeIdIter, VerifiedPath,
    anchor_from_trusted_cert,
};
use x509_parser::prelude::{FromDer as _, KeyUsage, X509Certificate, X509Version};

/// The most certificates that a signature may bring.
const MOST_CERTIFICATES: usize = 10;

/// Authorities that are trusted.
#[derive(Debug, Clone)]
pub struct Anchors {
    /// What paths end at.
    ends: Vec<TrustAnchor<'static>>,
    /// What else is known of each, in the same order.
    limits: Vec<AnchorLimits>,
}

/// What the certificate of an authority says of itself.
#[derive(Debug, Clone, Copy)]
struct AnchorLimits {
    not_before: i64,
    not_after: i64,
    /// How many authorities may be between it and a signer.
    path_length: Option<u32>,
}

/// The anchors and the instant at which chains must be valid.
#[derive(Debug, Clone, Copy)]
pub struct Trust<'a> {
    pub anchors: &'a Anchors,
    pub now: Timestamp,
}

/// Why a text names no anchors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnchorsError {
    #[error("there is no certificate in it; write each as PEM, beginning with -----BEGIN CERTIFICATE-----")]
    None,
    #[error("its certificate {0} cannot be read; write it as PEM, just as its authority gave it out")]
    Unreadable(usize),
    #[error("its certificate {0} is not one of an authority, which may sign certificates; name the authority's own")]
    NotAnAuthority(usize),
}

/// Why a chain of certificates is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    #[error("the signature brings no certificate; put the chain of its signer into `x5c`")]
    NoCertificate,
    #[error("the signature brings more than {MOST_CERTIFICATES} certificates; bring those that lead to the authority")]
    TooMany,
    #[error("the certificates in `x5c` do not lead to an authority that this server trusts")]
    Foreign,
    #[error("a certificate of the chain, or the authority's own, has expired")]
    Expired,
    #[error("a certificate of the chain, or the authority's own, is not valid yet")]
    NotYetValid,
    #[error("a certificate of the chain was not signed by the one that it names")]
    Forged,
    #[error("a certificate that signs another in the chain is not that of an authority which may")]
    NotAnAuthority,
    #[error("there are more authorities in the chain than one of them allows below itself")]
    TooLong,
    #[error("the signer's certificate is that of an authority, or its key is not for signatures; see its key usage")]
    KeyUsage,
    #[error("a certificate of the chain breaks the rules of X.509, or requires more than this server supports")]
    Invalid,
}

impl Anchors {
    /// Reads the certificates of authorities, in PEM.
    pub fn read(pem: &[u8]) -> Result<Self, AnchorsError> {
        let mut anchors = Self { ends: Vec::new(), limits: Vec::new() };
        for (at, der) in (1..).zip(CertificateDer::pem_slice_iter(pem)) {
            let der = der.map_err(|_| AnchorsError::Unreadable(at))?;
            let (_, certificate) = X509Certificate::from_der(&der).map_err(|_| AnchorsError::Unreadable(at))?;
            let limits = AnchorLimits::of(&certificate).ok_or(AnchorsError::NotAnAuthority(at))?;
            let end = anchor_from_trusted_cert(&der).map_err(|_| AnchorsError::Unreadable(at))?;
            anchors.ends.push(end.to_owned());
            anchors.limits.push(limits);
        }
        if anchors.ends.is_empty() { Err(AnchorsError::None) } else { Ok(anchors) }
    }

    fn limits_of(&self, end: &TrustAnchor<'_>) -> impl Iterator<Item = &AnchorLimits> {
        self.ends.iter().zip(&self.limits).filter(move |(known, _)| *known == end).map(|(_, limits)| limits)
    }
}

impl AnchorLimits {
    /// Those of an authority; none if `certificate` is no authority's. Version 1 could not say so, and is accepted.
    fn of(certificate: &X509Certificate<'_>) -> Option<Self> {
        let constraints = certificate.basic_constraints().ok()?;
        let is_authority = match &constraints {
            Some(constraints) => constraints.value.ca,
            None => certificate.version() == X509Version::V1,
        };
        let validity = certificate.validity();
        (is_authority && may_sign_certificates(certificate)).then(|| Self {
            not_before: validity.not_before.timestamp(),
            not_after: validity.not_after.timestamp(),
            path_length: constraints.and_then(|constraints| constraints.value.path_len_constraint),
        })
    }

    /// Whether the authority is valid `now` and allows so many authorities `between` it and a signer.
    fn check(self, between: u32, now: UnixTime) -> Result<(), Error> {
        let instant = |seconds: i64| UnixTime::since_unix_epoch(Duration::from_secs(seconds.try_into().unwrap_or(0)));
        let (not_before, not_after) = (instant(self.not_before), instant(self.not_after));
        if now < not_before {
            return Err(Error::CertNotValidYet { time: now, not_before });
        }
        if now > not_after {
            return Err(Error::CertExpired { time: now, not_after });
        }
        if self.path_length.is_some_and(|most| between > most) {
            return Err(Error::PathLenConstraintViolated);
        }
        Ok(())
    }
}

impl Trust<'_> {
    /// Checks that the first of `chain`, in DER, is the certificate of a signer, and that the others lead from it to an
    /// anchor, in any order.
    pub fn check(self, chain: &[Vec<u8>]) -> Result<(), TrustError> {
        let (signer, others) = chain.split_first().ok_or(TrustError::NoCertificate)?;
        if others.len() >= MOST_CERTIFICATES {
            return Err(TrustError::TooMany);
        }
        let (_, certificate) = X509Certificate::from_der(signer).map_err(|_| TrustError::Invalid)?;
        if !may_sign_statements(&certificate) {
            return Err(TrustError::KeyUsage);
        }
        let signer = CertificateDer::from(signer.as_slice());
        let others: Vec<_> = others.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
        let signer = EndEntityCert::try_from(&signer).map_err(|_| TrustError::Invalid)?;
        let now = UnixTime::since_unix_epoch(Duration::from_secs(self.now.as_second().try_into().unwrap_or(0)));
        signer
            .verify_for_usage(
                ALL_VERIFICATION_ALGS,
                &self.anchors.ends,
                &others,
                now,
                AnyPurpose,
                None,
                Some(&|path| self.check_authorities(path, now)),
            )
            .map(drop)
            .map_err(|error| reason(&error))
    }

    /// What webpki leaves out: the key usage of authorities, and what the anchor says of itself.
    fn check_authorities(self, path: &VerifiedPath<'_>, now: UnixTime) -> Result<(), Error> {
        let mut between = 0;
        for authority in path.intermediate_certificates() {
            let der = authority.der();
            let (_, certificate) = X509Certificate::from_der(&der).map_err(|_| Error::BadDer)?;
            if !may_sign_certificates(&certificate) {
                return Err(Error::EndEntityUsedAsCa);
            }
            between += 1;
        }
        // An authority that renewed its certificate with the same key is there twice: one that holds is enough.
        let mut verdicts = self.anchors.limits_of(path.anchor()).map(|limits| limits.check(between, now));
        let first = verdicts.next().unwrap_or(Err(Error::UnknownIssuer));
        if verdicts.any(|verdict| verdict.is_ok()) { Ok(()) } else { first }
    }
}

/// Extended key usage names purposes such as TLS; none of them is the signing of statements.
struct AnyPurpose;

impl ExtendedKeyUsageValidator for AnyPurpose {
    fn validate(&self, mut purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        purposes.try_for_each(|purpose| purpose.map(drop))
    }
}

/// Where a certificate says what its key is for, signing certificates is among it (RFC 5280 §4.2.1.3).
fn may_sign_certificates(certificate: &X509Certificate<'_>) -> bool {
    certificate.key_usage().is_ok_and(|usage| usage.is_none_or(|usage| usage.value.key_cert_sign()))
}

/// Where a certificate says what its key is for, signing what is neither a certificate nor a list of revoked ones is
/// among it.
fn may_sign_statements(certificate: &X509Certificate<'_>) -> bool {
    let signs = |usage: &KeyUsage| usage.digital_signature() || usage.non_repudiation();
    certificate.key_usage().is_ok_and(|usage| usage.is_none_or(|usage| signs(usage.value)))
}

fn reason(error: &Error) -> TrustError {
    match error {
        Error::UnknownIssuer => TrustError::Foreign,
        Error::CertExpired { .. } => TrustError::Expired,
        Error::CertNotValidYet { .. } => TrustError::NotYetValid,
        Error::InvalidSignatureForPublicKey => TrustError::Forged,
        Error::EndEntityUsedAsCa => TrustError::NotAnAuthority,
        Error::PathLenConstraintViolated => TrustError::TooLong,
        Error::CaUsedAsEndEntity => TrustError::KeyUsage,
        _ => TrustError::Invalid,
    }
}
