//! Generated worlds of statements, sent in any order and queried with any filters: the server returns what a slow reading of
//! the standard does, page by page.
//!
//! [`world`] makes statements and questions, [`reading`] is the slow reading. Neither knows of tokens.

mod reading;
mod world;

use super::{Lrs, VOIDED, id};
use crate::fuzz::mutate::Dice;
use crate::harness::status_and_json;
use reqwest::Method;
use serde_json::Value;
use world::{Question, World};

const WORLDS: usize = 5;
const QUESTIONS: usize = 60;

#[actix_web::test]
async fn every_filter_returns_what_a_slow_reading_of_the_standard_returns() {
    for _ in 0..WORLDS {
        let begun = base::ids::random().as_u64_pair().0;
        let mut dice = Dice(begun);
        let lrs = Lrs { version: "2.0.0", ..Lrs::start().await };
        let world = World::of(&mut dice);
        for batch in &world.batches {
            lrs.send(&Value::from(batch.clone())).await;
        }
        let log = stored(&lrs, &world).await;
        let (mut found, mut voided) = (0, 0);
        for _ in 0..QUESTIONS {
            let question = Question::of(&mut dice, &log);
            let expected = reading::answer(&log, &question);
            assert_eq!(follow(&lrs, &question).await, expected, "dice from {begun}: {question:?}");
            found += expected.len();
        }
        for statement in &log {
            let is_voided = reading::is_voided(&log, statement);
            voided += usize::from(is_voided);
            let name = statement["id"].as_str().unwrap();
            assert_eq!(lrs.one(name).await.0, if is_voided { 404 } else { 200 }, "dice from {begun}: {name}");
        }
        assert!(found > QUESTIONS && voided > 0, "the questions are about something");
    }
}

/// What was sent, in the order of storing, with the members that the server set.
async fn stored(lrs: &Lrs, world: &World) -> Vec<Value> {
    let mut log = Vec::new();
    for statement in world.batches.iter().flatten() {
        let name = statement["id"].as_str().unwrap();
        let answers = [lrs.one(name).await, status_and_json(lrs.query(&[("voidedStatementId", name)]).await).await];
        let [shown] = answers.into_iter().filter(|(status, _)| *status == 200).collect::<Vec<_>>().try_into().unwrap();
        let mut statement = statement.clone();
        for member in ["stored", "authority"] {
            statement[member] = shown.1[member].clone();
        }
        log.push(statement);
    }
    log
}

/// The ids of all pages.
async fn follow(lrs: &Lrs, question: &Question) -> Vec<String> {
    let mut asked = lrs.ask(Method::GET, "/statements").query(&question.parameters());
    let mut ids = Vec::new();
    loop {
        let (status, page) = status_and_json(asked.send().await.unwrap()).await;
        assert_eq!(status, 200, "{page}");
        ids.extend(page["statements"].as_array().unwrap().iter().map(|found| found["id"].as_str().unwrap().to_owned()));
        let more = page["more"].as_str().unwrap();
        let Some(more) = more.strip_prefix("/xapi") else { return ids };
        asked = lrs.ask(Method::GET, more);
    }
}
