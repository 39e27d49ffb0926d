//! The command, and an erasure that is killed in the middle.

use crate::harness::{BinApp, status_and_json};
use serde_json::{Value, json};
use std::time::Duration;

const MAIL: &str = "mailto:ada@hospital.example";
const AGENT: &str = r#"{"mbox":"mailto:ada@hospital.example"}"#;

struct Key(String, String);

fn credential(server: &BinApp) -> Key {
    let made = server.command(&["credential", "create", "--name", "test", "--scope", "all", "--json"]);
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    Key(made["key"].as_str().unwrap().to_owned(), made["secret"].as_str().unwrap().to_owned())
}

/// So many statements, every second about Ada.
async fn fill(server: &BinApp, Key(key, secret): &Key, count: usize) {
    let statement = |n: usize| {
        let actor = if n.is_multiple_of(2) { MAIL } else { "mailto:bo@hospital.example" };
        json!({"actor": {"mbox": actor, "name": "Somebody"}, "verb": {"id": "v:1"}, "object": {"id": format!("a:{n}")}})
    };
    for from in (0..count).step_by(500) {
        let batch: Vec<Value> = (from..(from + 500).min(count)).map(statement).collect();
        let request =
            crate::harness::client().post(format!("{}/xapi/statements", server.url)).basic_auth(key, Some(secret));
        let answer = request.header("X-Experience-API-Version", "2.0.0").json(&batch).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }
}

async fn found(server: &BinApp, Key(key, secret): &Key, agent: &str) -> usize {
    let mut path = format!("/xapi/statements?{}", query(agent));
    let mut count = 0;
    loop {
        let request = crate::harness::client().get(format!("{}{path}", server.url)).basic_auth(key, Some(secret));
        let (status, page) =
            status_and_json(request.header("X-Experience-API-Version", "2.0.0").send().await.unwrap()).await;
        assert_eq!(status, 200, "{page}");
        count += page["statements"].as_array().unwrap().len();
        match page["more"].as_str().filter(|more| !more.is_empty()) {
            Some(more) => path = more.to_owned(),
            None => return count,
        }
    }
}

fn query(agent: &str) -> String {
    reqwest::Url::parse_with_params("http://x", [("agent", agent)]).unwrap().query().unwrap().to_owned()
}

fn said(output: &std::process::Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[actix_web::test]
async fn the_command_erases_beside_a_server_and_alone() {
    let mut server = BinApp::start();
    let key = credential(&server);
    fill(&server, &key, 600).await;
    let erase = ["learner", "pseudonymise", "--agent", AGENT, "--reason", "They asked.", "--json"];
    let dry = server.command(&[&erase[..], &["--dry-run"]].concat());
    let dry: Value = serde_json::from_slice(&dry.stdout).unwrap();
    assert_eq!((&dry["counts"]["statements"], found(&server, &key, AGENT).await), (&json!(300), 300));
    let done = server.command(&erase);
    assert!(done.status.success(), "{}", said(&done));
    let done: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!((&done["state"], &done["counts"]["statements"]), (&json!("done"), &json!(300)));
    assert_eq!(found(&server, &key, AGENT).await, 0);
    assert_eq!(found(&server, &key, &done["pseudonym"].to_string()).await, 300);
    fill(&server, &key, 10).await;
    server.terminate();
    let alone = server.command(&erase[..6]);
    assert!(alone.status.success() && said(&alone).contains("statements  5, in which 5 actors"), "{}", said(&alone));
    let listed = server.command(&["learner", "erasures", "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert!(server.command(&["verify"]).status.success());
    let refused = server.command(&["learner", "pseudonymise", "--agent", AGENT]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("say in a sentence why"), "{}", said(&refused));
    assert_eq!(server.command(&["learner", "pseudonymise", "--agent", "{"]).status.code(), Some(2));
}

#[actix_web::test]
async fn an_erasure_that_is_killed_goes_on_where_it_was() {
    const COUNT: usize = 4_000;
    let mut server = BinApp::start();
    let key = credential(&server);
    fill(&server, &key, COUNT).await;
    let url = format!("{}/api/v1/erasures", server.url);
    let ask = crate::harness::client().post(&url).basic_auth(&key.0, Some(&key.1));
    let body = json!({"agents": [{"mbox": MAIL}], "reason": "They asked."});
    let (status, begun) = status_and_json(ask.json(&body).send().await.unwrap()).await;
    assert_eq!(status, 202, "{begun}");
    let place = format!("{url}/{}", begun["id"].as_str().unwrap());
    let record = async || {
        let ask = crate::harness::client().get(&place).basic_auth(&key.0, Some(&key.1));
        status_and_json(ask.send().await.unwrap()).await.1
    };
    // On MongoDB the locks of a killed process stay for a minute, and the server's log would report it; so it is asked to stop.
    let (most, is_gentle) = if crate::harness::store::on_mongodb() { (1, true) } else { (3, false) };
    let mut kills = 0;
    let mut through = 0;
    let done = loop {
        let now = record().await;
        if now["state"] == "done" {
            break now;
        }
        // Killed each time that it has come a little further.
        if kills < most && now["through"].as_u64().unwrap() > through {
            through = now["through"].as_u64().unwrap();
            kills += 1;
            if is_gentle {
                server.terminate();
            } else {
                server.kill();
            }
            server.restart();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert!(kills > 0, "it was done before anyone could kill it");
    assert_eq!(done["counts"]["statements"], COUNT / 2, "each was changed and counted once");
    assert_eq!(done["counts"]["actors"], COUNT / 2);
    assert_eq!(found(&server, &key, AGENT).await, 0);
    assert_eq!(found(&server, &key, &done["pseudonym"].to_string()).await, COUNT / 2);
    assert!(server.command(&["verify"]).status.success());
}
