//! The real program under load, killed by SIGKILL at random, again and again.
//!
//! While it runs, writers send batches of statements ([`writers`]) and browsers send run-time commits ([`players`]). While
//! it is down, learners who had finished playing pass, evaluate and claim ([`claims`]), so that it finds due decisions
//! when it starts, and is killed over them. After each restart everything that was acknowledged must exist once, what
//! was not acknowledged must exist whole or not at all, and the ledger must verify.

mod claims;
mod players;
mod writers;

use crate::harness::BinApp;
use crate::learner::replace_sample;
use base::clock::SystemClock;
use claims::Claims;
use enduring::service::App;
use players::Player;
use serde_json::Value;
use std::process::Output;
use std::sync::Arc;
use std::time::Duration;
use store::{Scan, Seq, VoidedStatements};
use tokio::task::JoinSet;
use writers::{Batch, Writer};

/// At least this often; more often where the machine is busy and little has happened yet.
const KILLS: u32 = 20;
const MOST_KILLS: u32 = 200;
const WRITERS: u32 = 4;
/// Learners who play at the same time; others begin as these come to a claim.
const PLAYERS: usize = 4;

/// A client of the API and of the record store, with the credential that it was given.
#[derive(Clone)]
struct Client {
    http: reqwest::Client,
    url: String,
    key: String,
    secret: String,
}

impl Client {
    fn of(program: &BinApp) -> Self {
        let created = program.command(&["credential", "create", "--name", "load", "--scope", "all", "--json"]);
        let created: Value = serde_json::from_slice(&succeeded(created).stdout).unwrap();
        let text = |member: &str| created[member].as_str().unwrap().to_owned();
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
        Self { http, url: program.url.clone(), key: text("key"), secret: text("secret") }
    }

    fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let asked = self.http.request(method, format!("{}{path}", self.url));
        asked.basic_auth(&self.key, Some(&self.secret)).header("x-experience-api-version", "1.0.3")
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.request(reqwest::Method::GET, path).send().await.unwrap();
        let (status, body) = crate::harness::status_and_json(answer).await;
        assert_eq!(status, 200, "GET {path}: {body}");
        body
    }
}

fn succeeded(output: Output) -> Output {
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A number below `limit`, another at each call.
fn chance(limit: u32) -> u32 {
    let [first, second, ..] = *base::ids::random().as_bytes();
    u32::from(u16::from_be_bytes([first, second])) % limit
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_was_acknowledged_survives_any_kill() {
    let mut program = BinApp::with(&["--demo"]);
    replace_sample(&program.url).await;
    let client = Client::of(&program);
    let (mut sent, mut players, mut claims) = (Vec::new(), Vec::new(), Claims::default());
    let enough = |sent: &[Batch], claims: &Claims| {
        sent.iter().filter(|batch| batch.acknowledged).count() > 100 && claims.count() > 3
    };
    let mut kill = 0;
    while kill < KILLS || !enough(&sent, &claims) {
        kill += 1;
        assert!(kill <= MOST_KILLS, "{} learners came to a claim: too little happens between kills", claims.count());
        let mut load = Load::begin(&client, std::mem::take(&mut players));
        tokio::time::sleep(Duration::from_millis(u64::from(30 + chance(400)))).await;
        program.kill();
        load.end(&mut sent, &mut players).await;
        claims.while_it_is_down(&program, &mut players).await;
        program.restart();
        let told = format!("after kill {kill}");
        statements_are_there_once(&client, &sent, &told).await;
        log_has_no_hole(&program, &told).await;
        for player in &mut players {
            player.say_again(&client).await;
        }
    }
    claims.are_decided(&program, &client).await;
    succeeded(program.command(&["verify"]));
}

/// All clients of the program at once, until it no longer responds.
struct Load {
    writers: JoinSet<Vec<Batch>>,
    players: JoinSet<Player>,
}

impl Load {
    fn begin(client: &Client, players: Vec<Player>) -> Self {
        let writers = (0..WRITERS).map(|_| Writer::new(client.clone()).write()).collect();
        let players = players.into_iter().map(|player| player.play(client.clone())).collect();
        Self { writers, players }
    }

    async fn end(&mut self, sent: &mut Vec<Batch>, players: &mut Vec<Player>) {
        while let Some(batches) = self.writers.join_next().await {
            sent.extend(batches.unwrap());
        }
        while let Some(player) = self.players.join_next().await {
            players.push(player.unwrap());
        }
    }
}

/// Reads everything through `/xapi`, page after page, and compares it with what was sent.
async fn statements_are_there_once(client: &Client, sent: &[Batch], told: &str) {
    let mut found = std::collections::HashMap::new();
    let (mut path, mut last) = ("/xapi/statements?ascending=true&limit=500".to_owned(), String::new());
    while !path.is_empty() {
        let page = client.get(&path).await;
        for statement in page["statements"].as_array().unwrap() {
            let stored = statement["stored"].as_str().unwrap();
            assert!(*stored >= *last, "{told}: stored goes back from {last} to {stored}");
            stored.clone_into(&mut last);
            *found.entry(statement["id"].as_str().unwrap().to_owned()).or_insert(0) += 1;
        }
        page["more"].as_str().unwrap_or_default().clone_into(&mut path);
    }
    assert!(found.values().all(|times| *times == 1), "{told}: a statement was read twice");
    for batch in sent {
        let there = batch.ids.iter().filter(|id| found.contains_key(&id.to_string())).count();
        let whole = there == batch.ids.len();
        assert!(whole || (there == 0 && !batch.acknowledged), "{told}: {there} are there of {batch:?}");
    }
}

/// Reads the log itself, beside the running program.
async fn log_has_no_hole(program: &BinApp, told: &str) {
    let App { store, provider, .. } = beside(program).await;
    let head = store.head(&provider).await.unwrap();
    let all = Scan { upto: head.seq, voided: VoidedStatements::Included, ..Scan::everything(Vec::new(), usize::MAX) };
    let seqs = store.scan(&provider, all).await.unwrap().into_iter().map(|stored| stored.seq);
    assert!(seqs.eq((1..=head.seq.0).map(Seq)), "{told}: a hole in the log below {head:?}");
    store.close().await.unwrap();
}

/// What the program serves, opened as a command opens it.
async fn beside(program: &BinApp) -> App {
    App::open_beside(program.config(), Arc::new(SystemClock)).await.unwrap()
}
