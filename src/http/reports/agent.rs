//! The one field in which a person says which agent or group they mean.
//!
//! The standard requires JSON; people have a mail address, or an identifier from another system's log. All of these are
//! accepted and recognized by their form, and [`write`] returns the shortest text for an identifier that [`read`] accepts.

use serde_json::{Value, json};
use xapi::Ifi;
use xapi::iri::{is_stored_iri as is_iri, is_stored_mailto as is_mailto};
use xapi::parameters::Parameters;
use xapi::pseudonym::sums_of;
use xapi::version::Version;

/// What the field accepts, for someone who wrote something else.
pub(super) const EXPECTED: &str = "Write a mail address, the home page and name of an account with a space between, an \
    OpenID, a SHA-1 in 40 hexadecimal digits, or the agent as JSON";

/// The agent or group that `text` means; otherwise an error sentence.
pub(super) fn read(text: &str) -> Result<Ifi<'static>, String> {
    let text = text.trim();
    if text.starts_with('{') {
        return from_json(text);
    }
    if is_mailto(text) {
        return Ok(Ifi::Mbox(text.to_owned().into()));
    }
    if text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(Ifi::MboxSha1Sum(text.to_owned().into()));
    }
    if let Some((home_page, name)) = text.split_once(char::is_whitespace).filter(|(home_page, _)| is_iri(home_page)) {
        return Ok(Ifi::account(home_page.to_owned(), name.trim_start().to_owned()));
    }
    if is_iri(text) {
        return Ok(Ifi::OpenId(text.to_owned().into()));
    }
    let mbox = format!("mailto:{text}");
    if is_mailto(&mbox) { Ok(Ifi::Mbox(mbox.into())) } else { Err(format!("{EXPECTED}.")) }
}

fn from_json(text: &str) -> Result<Ifi<'static>, String> {
    let given = [("agent".to_owned(), text.to_owned())];
    let mut parameters = Parameters::of(&given, &["agent"], Version::V2);
    let found = parameters.actor("agent");
    let found = parameters.finish(found).map_err(|faults| {
        let faults: Vec<_> = faults.into_iter().map(|fault| fault.message).collect();
        format!("This agent cannot be read: {}.", faults.join("; "))
    })?;
    found.ok_or_else(|| format!("{EXPECTED}."))
}

/// `ifi` as a text that [`read`] reads as the same.
pub(super) fn write(ifi: &Ifi<'_>) -> String {
    let short = match ifi {
        Ifi::Mbox(mbox) => mbox.strip_prefix("mailto:").unwrap_or(mbox).to_owned(),
        Ifi::MboxSha1Sum(text) | Ifi::OpenId(text) => text.clone().into_owned(),
        Ifi::Account { home_page, name } => format!("{home_page} {name}"),
    };
    let same = read(&short).is_ok_and(|read| read == ifi.clone().into_owned());
    if same { short } else { as_json(ifi).to_string() }
}

/// The agent as the standard's `agent` parameter has it.
pub(super) fn as_json(ifi: &Ifi<'_>) -> Value {
    match ifi {
        Ifi::Mbox(mbox) => json!({"mbox": mbox}),
        Ifi::MboxSha1Sum(sum) => json!({"mbox_sha1sum": sum}),
        Ifi::OpenId(openid) => json!({"openid": openid}),
        Ifi::Account { home_page, name } => json!({"account": {"homePage": home_page, "name": name}}),
    }
}

/// How the field was understood, for the person who filled it in.
pub(super) fn understood(ifi: &Ifi<'_>) -> String {
    match ifi {
        Ifi::Mbox(mbox) => {
            let [of_iri, of_address] = sums_of(mbox);
            let address = mbox.strip_prefix("mailto:").unwrap_or(mbox);
            format!(
                "Understood as the mailbox {address}. Systems that send a hash instead are found by {of_iri}, or by {of_address} (Open edX)."
            )
        }
        Ifi::MboxSha1Sum(_) => "Understood as the SHA-1 of a mailbox.".to_owned(),
        Ifi::OpenId(_) => {
            "Understood as an OpenID. For an account, write its name after the home page, separated by a space."
                .to_owned()
        }
        Ifi::Account { home_page, name } => format!("Understood as the account {name} at {home_page}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SHA1: &str = "ebd31e95054c018b10727ccffd2ef2ec3a016ee9";

    #[test]
    fn every_form_of_an_agent_is_understood() {
        let account = |home_page: &'static str, name: &'static str| Ifi::account(home_page, name);
        for (text, expected) in [
            ("ann@example.com", Ifi::Mbox("mailto:ann@example.com".into())),
            (" mailto:ann@example.com ", Ifi::Mbox("mailto:ann@example.com".into())),
            (SHA1, Ifi::MboxSha1Sum(SHA1.into())),
            ("https://ann.example.com/", Ifi::OpenId("https://ann.example.com/".into())),
            ("https://lms.example.com ann", account("https://lms.example.com", "ann")),
            ("https://lms.example.com   Ann Lee", account("https://lms.example.com", "Ann Lee")),
            ("urn:x ann@example.com", account("urn:x", "ann@example.com")),
            (r#"{"mbox": "mailto:ann@example.com", "name": "Ann"}"#, Ifi::Mbox("mailto:ann@example.com".into())),
            (r#"{"account": {"homePage": "h:1", "name": "a  b"}}"#, account("h:1", "a  b")),
            (
                r#"{"objectType": "Group", "mbox": "mailto:g@b.c", "member": [{"mbox": "mailto:a@b.c"}]}"#,
                Ifi::Mbox("mailto:g@b.c".into()),
            ),
        ] {
            assert_eq!(read(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_returns_a_sentence() {
        for (text, sentence) in [
            ("ann", EXPECTED),
            ("", EXPECTED),
            ("Ann Lee", EXPECTED),
            ("{", "is not valid JSON at line 1"),
            (r#"{"name": "Ann"}"#, "an agent needs one of"),
            (r#"{"mbox": "ann@example.com"}"#, "expected `mailto:` and an e-mail address"),
        ] {
            let refused = read(text);
            assert!(refused.as_ref().is_err_and(|said| said.contains(sentence)), "{text}: {refused:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_same(home in "[a-z]{1,5}:[!-~é]{1,8}", name in "\\PC{0,8}", which in 0..4) {
            prop_assume!(is_iri(&home));
            let ifi = match which {
                0 => Ifi::OpenId(home.into()),
                1 => Ifi::Mbox(format!("mailto:{}@example.com", name.replace(|c: char| !c.is_alphanumeric(), "x")).into()),
                2 => Ifi::MboxSha1Sum(SHA1.into()),
                _ => Ifi::account(home, name),
            };
            let text = write(&ifi);
            if let Ok(read) = read(&text) {
                prop_assert_eq!(read, ifi);
            } else {
                // Only a mailbox that the standard does not allow is not read again.
                prop_assert!(matches!(&ifi, Ifi::Mbox(mbox) if !is_mailto(mbox)), "{}", text);
            }
        }
    }
}
