//! Signed statements (Part 2 §2.6): an attachment whose bytes are a JSON Web Signature of the statement.

use super::trust::{Trust, TrustError};
use crate::attachment::Attachment;
use crate::equivalence;
use crate::json::{Document, Kind, Value};
use base::hash::Sha256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Header};
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey;

/// The usage by which an attachment is known as a signature.
pub const USAGE: &str = "http://adlnet.gov/expapi/attachments/signature";

/// The content type that a signature has.
pub const CONTENT_TYPE: &str = "application/octet-stream";

/// Why a signature does not sign its statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the signature is not a JSON Web Signature in its compact form")]
    NotAJws,
    #[error("sign with RS256, RS384 or RS512")]
    Algorithm,
    #[error(
        "the header of the signature names extensions in `crit`, which this server does not support; sign without them"
    )]
    Extension,
    #[error("the payload of the signature is not a JSON statement")]
    NotAStatement,
    #[error("the payload of the signature is not the statement that it is attached to")]
    Differs,
    #[error("the first certificate in `x5c` is not an X.509 certificate of an RSA key, in base64")]
    Certificate,
    #[error("the signature was not made by the key of its certificate, or something was changed since")]
    Forged,
    #[error(transparent)]
    Untrusted(#[from] TrustError),
}

/// Checks that `jws` signs the statement whose digest before it was signed is `unsigned`. Where it brings certificates, it
/// must have been made by the key of the first. Under `trust` it must bring some, which must be trusted: a signature that
/// need not be verified proves nothing.
pub fn check(jws: &[u8], unsigned: Sha256, trust: Option<Trust<'_>>) -> Result<(), Error> {
    let text = std::str::from_utf8(jws).map_err(|_| Error::NotAJws)?;
    let (message, signature) = text.rsplit_once('.').ok_or(Error::NotAJws)?;
    let (header, payload) = message.split_once('.').ok_or(Error::NotAJws)?;
    let header = decode(header).ok_or(Error::NotAJws)?;
    let algorithm = algorithm(&header)?;
    let payload = decode(payload).ok_or(Error::NotAJws)?;
    let statement = Document::read(&payload).map_err(|_| Error::NotAStatement)?;
    if statement.root().kind() != Kind::Object {
        return Err(Error::NotAStatement);
    }
    if equivalence::digest(statement.root()) != unsigned {
        return Err(Error::Differs);
    }
    let header: Header = serde_json::from_str(&header).map_err(|_| Error::NotAJws)?;
    let chain = header.x5c_der().map_err(|_| Error::Certificate)?;
    match chain.as_deref() {
        None => {}
        Some([leaf, ..]) => verify(message, signature, leaf, algorithm)?,
        Some([]) => return Err(Error::Certificate),
    }
    Ok(trust.map_or(Ok(()), |trust| trust.check(&chain.unwrap_or_default()))?)
}

fn verify(message: &str, signature: &str, leaf: &[u8], algorithm: Algorithm) -> Result<(), Error> {
    let (_, certificate) = X509Certificate::from_der(leaf).map_err(|_| Error::Certificate)?;
    let Ok(PublicKey::RSA(_)) = certificate.public_key().parsed() else { return Err(Error::Certificate) };
    let key = DecodingKey::from_rsa_der(&certificate.public_key().subject_public_key.data);
    match jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key, algorithm) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::Forged),
        Err(_) => Err(Error::Certificate),
    }
}

/// The algorithm that the header names. What must be understood beside it is none of the standard's (RFC 7515 §4.1.11).
fn algorithm(header: &str) -> Result<Algorithm, Error> {
    let document = Document::read(header).map_err(|_| Error::NotAJws)?;
    if document.root().get("crit").is_some() {
        return Err(Error::Extension);
    }
    match document.root().get("alg").and_then(Value::string).as_deref() {
        Some("RS256") => Ok(Algorithm::RS256),
        Some("RS384") => Ok(Algorithm::RS384),
        Some("RS512") => Ok(Algorithm::RS512),
        _ => Err(Error::Algorithm),
    }
}

fn decode(part: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// Whether `attachment` is a signature.
pub fn is_signature(attachment: &Attachment<'_>) -> bool {
    attachment.usage_type == USAGE
}

/// The digest that `statement` had before signatures were attached to it.
pub fn unsigned_digest(statement: Value<'_>) -> Option<Sha256> {
    let kept = |list: Value<'_>| {
        let others: Vec<_> = list.items().filter(|item| !has_usage(*item)).map(Value::raw).collect();
        (!others.is_empty()).then(|| format!("[{}]", others.join(",")))
    };
    let members = statement.members().filter_map(|member| match &*member.name() {
        "attachments" => Some(format!("{}:{}", member.key.raw(), kept(member.value)?)),
        _ => Some(format!("{}:{}", member.key.raw(), member.value.raw())),
    });
    let text = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
    Some(equivalence::digest(Document::read(&text).ok()?.root()))
}

fn has_usage(attachment: Value<'_>) -> bool {
    attachment.get("usageType").and_then(Value::string).is_some_and(|usage| usage == USAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATEMENT: &str = r#"{"actor":{"mbox":"mailto:a@b.c"},"verb":{"id":"v:1"},"object":{"id":"a:1"},"result":{"duration":"PT1.239S"}}"#;

    fn jws(header: &str, payload: &str) -> Vec<u8> {
        format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload)).into_bytes()
    }

    fn digest(statement: &str) -> Sha256 {
        unsigned_digest(Document::read(statement).unwrap().root()).unwrap()
    }

    #[test]
    fn what_was_signed_is_the_statement_without_its_signature() {
        let signature = format!(r#"{{"usageType":"{USAGE}"}}"#);
        let signed = |others: &str| STATEMENT.replacen('{', &format!(r#"{{"attachments":[{others}{signature}],"#), 1);
        assert_eq!(digest(&signed("")), digest(STATEMENT));
        assert_ne!(digest(&signed(r#"{"usageType":"u:1"},"#)), digest(STATEMENT));
        let rs256 = r#"{"alg":"RS256"}"#;
        assert_eq!(check(&jws(rs256, STATEMENT), digest(&signed("")), None), Ok(()));
        let cut = STATEMENT.replace("1.239", "1.23");
        assert_eq!(
            check(&jws("{\"alg\":\"RS512\"}", &cut), digest(STATEMENT), None),
            Ok(()),
            "to the hundredth of a second"
        );
        let other = STATEMENT.replace("a:1", "a:2");
        assert_eq!(check(&jws(rs256, &other), digest(STATEMENT), None), Err(Error::Differs));
        assert_eq!(check(&jws("{\"alg\":\"HS256\"}", STATEMENT), digest(STATEMENT), None), Err(Error::Algorithm));
        assert_eq!(check(&jws("{\"alg\":\"none\"}", STATEMENT), digest(STATEMENT), None), Err(Error::Algorithm));
        assert_eq!(check(&jws(rs256, "{'a':1}"), digest(STATEMENT), None), Err(Error::NotAStatement));
        assert_eq!(check(b"no signature", digest(STATEMENT), None), Err(Error::NotAJws));
        let critical = r#"{"alg":"RS256","crit":["b64"],"b64":false}"#;
        assert_eq!(check(&jws(critical, STATEMENT), digest(STATEMENT), None), Err(Error::Extension));
        let forged = r#"{"alg":"RS256","x5c":["AAAA"]}"#;
        assert_eq!(check(&jws(forged, STATEMENT), digest(STATEMENT), None), Err(Error::Certificate));
    }
}
