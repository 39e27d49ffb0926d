//! Afterwards nothing finds the person, and whatever is not the person is as it was, byte for byte.

use super::*;
use crate::intake::{Authority, Intake};
use crate::token::tests::any_statement;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

const PSEUDONYM: &str = r#"{"objectType":"Agent","account":{"homePage":"https://cme.example","name":"p-1"}}"#;

fn pseudonym() -> Pseudonym {
    Pseudonym::new("https://cme.example", "p-1")
}

fn mbox(address: &str) -> Ifi<'_> {
    Ifi::Mbox(address.into())
}

fn ann() -> Person {
    let account = Ifi::account("https://portal.example", "8b1f7a3e-6f0e-4f57-9d3a-1f6f0a2d9c11");
    Person::new(&[mbox("mailto:Ann@Example.org"), account], &["Ann Example"])
}

fn read_ann(text: &str) -> Pseudonymization {
    read(text.as_bytes(), &ann(), &pseudonym()).unwrap()
}

/// A statement with `ann` written for every Actor that can be one, in text that no serializer would write.
fn everywhere(ann: &str) -> String {
    let object = ann.replacen('{', r#"{"objectType":"Agent","#, 1);
    format!(
        r#" {{ "actor":{ann} ,"verb":{{"id":"v:\u0061"}},
        "object":{{"objectType":"SubStatement","actor":{{"objectType":"Group","name":"all","member":[ {ann},{{"mbox":"mailto:bob@example.org"}} ]}},
          "verb":{{"id":"v:a"}},"object":{object},"context":{{"instructor":{ann},"extensions":{{"x:n":1.50e1}}}}}},
        "result":{{"score":{{"scaled":0.950}},"response":"as I said"}},
        "context":{{"instructor":{ann},"team":{{"objectType":"Group","member":[{ann}]}},
          "contextAgents":[{{"objectType":"contextAgent","agent":{ann},"relevantTypes":["t:1"]}}],
          "contextGroups":[{{"objectType":"contextGroup","group":{{"objectType":"Group","mbox":"mailto:g@example.org","member":[{ann}]}}}}]}},
        "id":"6690e6c9-3ef0-4ed3-8b37-7f3964730bee","stored":"2026-01-02T03:04:05.678Z","timestamp":"2026-01-02T03:04:05.678Z",
        "authority":{ann},"version":"2.0.0"}} "#
    )
}

#[test]
fn every_place_of_an_actor_is_replaced_and_no_other_byte() {
    let written = [
        r#"{"name":"Ann Example","mbox":"mailto:Ann@example.org"}"#,
        r#"{"mbox":"mailto:Ann@EXAMPLE.ORG", "name":"\u0041"}"#,
        // printf mailto:Ann@example.org | sha1sum
        r#"{"mbox_sha1sum":"4E95A2820130C497C206A0817086A19A3EEAF7A5"}"#,
        // printf Ann@example.org | sha1sum, and printf ann@example.org | sha1sum
        r#"{"mbox_sha1sum":"5812f13349980f6b335fd5ec52784a1e46ced3ee"}"#,
        r#"{"mbox_sha1sum":"a4414de3ce1f77d2615b90c3ba16219b38193ced"}"#,
        r#"{"account" : {"name":"8b1f7a3e-6f0e-4f57-9d3a-1f6f0a2d9c11","homePage":"https://portal.example"}}"#,
    ];
    for ann in written {
        let found = read_ann(&everywhere(ann)).replaced.unwrap();
        let expected =
            everywhere(PSEUDONYM).replace(r#""objectType":"Agent","objectType":"Agent""#, r#""objectType":"Agent""#);
        assert_eq!(found.text, expected);
        assert_eq!((found.actors, found.texts), (9, 0));
    }
}

#[test]
fn who_is_known_by_the_hash_of_a_mailbox_is_known_by_the_mailbox() {
    let sum = Ifi::MboxSha1Sum("4e95a2820130c497c206a0817086a19a3eeaf7a5".into());
    let person = Person::new(&[sum], &[]);
    assert!(person.is(&mbox("mailto:Ann@EXAMPLE.org")));
    assert!(!person.is(&mbox("mailto:ann@example.org")), "the part before the @ counts as it is written");
    let bare = Ifi::MboxSha1Sum("5812f13349980f6b335fd5ec52784a1e46ced3ee".into());
    assert!(Person::new(&[bare], &[]).is(&mbox("mailto:Ann@EXAMPLE.org")));
}

#[test]
fn others_stay_as_they_are() {
    for other in [
        r#"{"mbox":"mailto:bob@example.org","name":"Bob"}"#,
        r#"{"account":{"name":"8b1f7a3e-6f0e-4f57-9d3a-1f6f0a2d9c11","homePage":"https://elsewhere.example"}}"#,
    ] {
        let reading = read_ann(&everywhere(other));
        assert_eq!(reading.replaced, None);
    }
}

#[test]
fn a_group_that_is_the_person_keeps_its_members() {
    let group = |identity: &str| {
        format!(r#"{{"objectType":"Group",{identity},"member":[{{"mbox":"mailto:b@c.d"}},{{"mbox":"mailto:e@f.g"}}]}}"#)
    };
    let person = Person::new(&[mbox("mailto:team@x.org"), mbox("mailto:e@f.g")], &[]);
    let text = format!(
        r#"{{"actor":{},"verb":{{"id":"v:a"}},"object":{{"id":"a:1"}},"authority":{PSEUDONYM}}}"#,
        group(r#""name":"us","mbox":"mailto:team@x.org""#)
    );
    let found = read(text.as_bytes(), &person, &pseudonym()).unwrap().replaced.unwrap();
    let written = format!(
        r#"{{"objectType":"Group","account":{{"homePage":"https://cme.example","name":"p-1"}},"member":[{{"mbox":"mailto:b@c.d"}},{PSEUDONYM}]}}"#
    );
    assert!(found.text.contains(&written), "{}", found.text);
    assert_eq!(found.actors, 2);
}

#[test]
fn a_string_that_is_the_person_is_replaced_and_one_that_mentions_them_is_counted() {
    let text = r#"{"actor":{"mbox":"mailto:bob@example.org"},"verb":{"id":"v:a","display":{"en":"told ann example"}},
        "object":{"id":"mailto:ann@example.org"},
        "result":{"response":"Ann@example.org","extensions":{"x:a":["MAILTO:ann@example.org",{"deep":"8b1f7a3e-6f0e-4f57-9d3a-1f6f0a2d9c11"}],"x:ann@example.org":"me"}},
        "context":{"platform":"written by ann@example.org, MD"},"authority":{"mbox":"mailto:lrs@example.org"}}"#;
    let found = read_ann(text);
    let replaced = found.replaced.unwrap();
    assert_eq!((replaced.actors, replaced.texts, found.mentions), (0, 3, 4));
    let expected = text
        .replace(r#""Ann@example.org""#, r#""p-1""#)
        .replace(r#""MAILTO:ann@example.org""#, r#""p-1""#)
        .replace(r#""8b1f7a3e-6f0e-4f57-9d3a-1f6f0a2d9c11""#, r#""p-1""#);
    assert_eq!(replaced.text, expected);
}

#[test]
fn attachments_are_the_persons_where_they_act_or_where_a_signature_repeats_them() {
    let attachment = |usage: &str, hash: &str| {
        let sha2 = hash.repeat(64);
        format!(
            r#"{{"usageType":"{usage}","display":{{"en":"x"}},"contentType":"application/octet-stream","length":1,"sha2":"{sha2}"}}"#
        )
    };
    let of = |actor: &str| {
        let listed = [attachment(signature::USAGE, "a"), attachment("u:file", "b")].join(",");
        format!(
            r#"{{"actor":{{"mbox":"{actor}"}},"verb":{{"id":"v:a"}},"object":{{"id":"a:1"}},
            "context":{{"instructor":{{"mbox":"mailto:Ann@example.org"}}}},"attachments":[{listed}],"authority":{PSEUDONYM}}}"#
        )
    };
    let [signed, file] = ["a", "b"].map(|digit| digit.repeat(64).parse::<Sha256>().unwrap());
    let acting = read_ann(&of("mailto:Ann@example.org"));
    assert_eq!((acting.own, acting.others), (vec![signed, file], vec![]));
    let teaching = read_ann(&of("mailto:bob@example.org"));
    assert_eq!((teaching.own, teaching.others), (vec![signed], vec![file]));
}

#[test]
fn what_is_no_statement_is_reported() {
    for text in
        [&b"{"[..], b"{}", b"\xff", br#"{"actor":{"mbox":"mailto:a@b.c"},"verb":{"id":"v:a"},"object":{"id":"a:1"}}"#]
    {
        assert_eq!(read(text, &ann(), &pseudonym()), Err(Error));
    }
}

/// The slow reading: everything that looks like an agent of `ifi` is the pseudonym.
fn slowly(value: &mut Value, is: &dyn Fn(&Value) -> bool) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(|value| slowly(value, is));
            if is(value) {
                let members = value.get("member").cloned();
                let kind =
                    value.get("objectType").filter(|kind| *kind == "Group").cloned().unwrap_or_else(|| json!("Agent"));
                *value = json!({"objectType": kind, "account": {"homePage": "https://cme.example", "name": "p-1"}});
                if let Some(members) = members {
                    value["member"] = members;
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|value| slowly(value, is)),
        _ => {}
    }
}

proptest! {
    #[test]
    fn nothing_finds_the_person_any_more(sent in any_statement(), own in any::<bool>()) {
        let address = if own { "mailto:a1@example.com" } else { "mailto:lrs@example.com" };
        let authority = Authority::account("h:1", "a0");
        let intake = Intake { version: Version::V2, authority: &authority, most: 1, new_id: &|| Uuid::from_u128(7) };
        let prepared = intake.statements(sent.to_string().as_bytes()).unwrap().statements.remove(0);
        let stored = prepared.bytes.stamp("2026-01-02T03:04:05.678Z".parse().unwrap());
        let person = Person::new(&[mbox(address), Ifi::account("h:1", "a0")], &[]);
        let found = read(&stored, &person, &pseudonym()).unwrap();
        let replaced = found.replaced.expect("the authority is the person");
        for ifi in person.ifis() {
            for gone in [token::agent(ifi), token::related_agent(ifi), token::authority(ifi)] {
                prop_assert!(!replaced.tokens.contains(&gone));
            }
        }
        prop_assert!(replaced.tokens.contains(&token::authority(&pseudonym().ifi())));
        let mut expected: Value = serde_json::from_slice(&stored).unwrap();
        let account = json!({"homePage": "h:1", "name": "a0"});
        slowly(&mut expected, &|value| value.get("mbox") == Some(&json!(address)) || value.get("account") == Some(&account));
        prop_assert_eq!(serde_json::from_str::<Value>(&replaced.text).unwrap(), expected);
        let again = read(replaced.text.as_bytes(), &person, &pseudonym()).unwrap();
        prop_assert_eq!(again.replaced, None, "once is enough");
    }
}
