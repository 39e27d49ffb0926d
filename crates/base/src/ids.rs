//! The one place where randomness enters the program.

use jiff::Timestamp;
use uuid::Uuid;

/// A fresh random (version 4) UUID: statement ids, registrations, sessions.
#[expect(clippy::disallowed_methods, reason = "this is where ids are made")]
pub fn random() -> Uuid {
    Uuid::new_v4()
}

/// A fresh UUID (version 7) that begins with the instant `at` in milliseconds: later ones are greater.
pub fn random_at(at: Timestamp) -> Uuid {
    let [_, _, _, _, _, _, rest @ ..] = random_block();
    at_instant(at, rest)
}

/// The least UUID that [`random_at`] can return for `at`.
pub fn first_at(at: Timestamp) -> Uuid {
    at_instant(at, [0; 10])
}

fn at_instant(at: Timestamp, rest: [u8; 10]) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(u64::try_from(at.as_millisecond()).unwrap_or_default(), &rest).into_uuid()
}

/// 256 random bits as 43 characters of base64url: credentials, launch tokens, sign-in sessions.
///
/// Only its SHA-256 is ever stored; see [`crate::hash::Sha256::of`].
pub fn secret() -> String {
    use base64::Engine as _;
    let (a, b) = (random_block(), random_block());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode([a, b].concat())
}

/// 128 bits from the operating system.
fn random_block() -> [u8; 16] {
    let mut block = [0; 16];
    // An operating system that cannot give randomness cannot run a server; aws-lc aborts in that case too.
    aws_lc_rs::rand::fill(&mut block).unwrap_or_else(|_| std::process::abort());
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_an_instant_is_greater_than_every_one_before() {
        let at = |milliseconds| Timestamp::from_millisecond(milliseconds).unwrap();
        let (early, late) = (at(1_767_323_045_678), at(1_767_323_045_679));
        assert_ne!(random_at(early), random_at(early));
        assert!(first_at(early) <= random_at(early) && random_at(early) < first_at(late));
    }

    #[test]
    fn a_secret_has_256_bits_and_is_never_the_same_twice() {
        let (a, b) = (secret(), secret());
        assert_eq!(a.len(), 43);
        assert_ne!(a, b);
    }
}
