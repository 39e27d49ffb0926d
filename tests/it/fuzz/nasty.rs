//! `fixtures/statements/nasty.json`: what parsers have stumbled over, each with the verdict that the standards give it.

use serde::Deserialize;
use uuid::Uuid;
use xapi::fault::Code;
use xapi::{Authority, Intake, Version};

/// One input.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    what: String,
    /// The whole text: texts, and how often each is repeated.
    #[serde(default)]
    whole: Vec<(String, usize)>,
    /// Members that are added after those of a plain statement.
    #[serde(default)]
    members: Vec<(String, usize)>,
    /// The code of its first fault; none when it is taken.
    #[serde(default)]
    fault: Option<String>,
}

pub(super) struct Case {
    pub(super) what: String,
    pub(super) text: String,
    fault: Option<String>,
}

/// All of them.
pub(super) fn cases() -> impl Iterator<Item = Case> {
    let text = include_str!("../../../fixtures/statements/nasty.json");
    let entries: Vec<Entry> = serde_json::from_str(text).unwrap();
    entries.into_iter().map(|Entry { what, whole, members, fault }| {
        let repeated =
            |parts: &[(String, usize)]| parts.iter().map(|(text, times)| text.repeat(*times)).collect::<String>();
        let text = match whole.as_slice() {
            [] => format!(
                r#"{{"actor":{{"mbox":"mailto:a@b.c"}},"verb":{{"id":"v:1"}},"object":{{"id":"a:1"}},{}}}"#,
                repeated(&members)
            ),
            whole => repeated(whole),
        };
        Case { what, text, fault }
    })
}

#[test]
fn nasty_texts_get_the_verdict_of_the_standard() {
    let authority = Authority::account("https://lrs.example", "fuzz");
    for Case { what, text, fault } in cases() {
        for version in Version::ALL {
            let intake = Intake { version, authority: &authority, most: 1000, new_id: &|| Uuid::nil() };
            let found = intake.statements(text.as_bytes()).err().map(|faults| faults[0].code);
            assert_eq!(found.map(Code::as_str), fault.as_deref(), "{what}, {version}");
        }
    }
}
