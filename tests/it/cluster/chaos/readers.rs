//! Programs that read everything over HTTP, from one process after the other: by pages, and by the stream.

use super::field::{Field, PATIENCE, insist, is_to_come_back};
use crate::reports::events::{Block, Events};
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use uuid::Uuid;

const PAGE_READERS: usize = 2;
const FOLLOWERS: usize = 3;

/// How often a reader who waits looks whether it has seen everything.
const LOOK: Duration = Duration::from_millis(200);

/// All readers, until they have read everything.
pub(super) struct Readers {
    tasks: Vec<(&'static str, JoinHandle<Vec<Uuid>>)>,
    written: Written,
}

/// Everything that was acknowledged, once all writers have stopped.
#[derive(Clone, Default)]
struct Written(Arc<OnceLock<(BTreeSet<Uuid>, Instant)>>);

impl Written {
    /// Whether nothing that was acknowledged is missing from `seen`.
    fn is_all_in(&self, seen: &[Uuid]) -> bool {
        let Some((written, since)) = self.0.get() else { return false };
        let seen: BTreeSet<Uuid> = seen.iter().copied().collect();
        let missing = written.difference(&seen).count();
        assert!(missing == 0 || since.elapsed() < PATIENCE, "a reader did not see {missing} acknowledged statements");
        missing == 0
    }
}

impl Readers {
    pub(super) fn start(field: &Field) -> Self {
        let written = Written::default();
        let pages = |_| ("by pages", tokio::spawn(turn_pages(field.clone(), written.clone())));
        let streams = |_| ("by the stream", tokio::spawn(follow(field.clone(), written.clone())));
        let tasks = (0..PAGE_READERS).map(pages).chain((0..FOLLOWERS).map(streams)).collect();
        Self { tasks, written }
    }

    /// What each has seen, in its order, and how it reads: everything that was acknowledged, at least.
    pub(super) async fn finish(self, acknowledged: BTreeSet<Uuid>) -> Vec<(&'static str, Vec<Uuid>)> {
        assert!(self.written.0.set((acknowledged, Instant::now())).is_ok());
        let mut seen = Vec::new();
        for (how, reader) in self.tasks {
            seen.push((how, reader.await.unwrap()));
        }
        seen
    }
}

/// Reads repeatedly what was stored after the last time, up to where a process promises that nothing will come any
/// more, page by page, each page from another process.
async fn turn_pages(field: Field, written: Written) -> Vec<Uuid> {
    let (mut seen, mut since) = (Vec::new(), "2000-01-01T00:00:00.000Z".to_owned());
    while !written.is_all_in(&seen) {
        let head = insist(|| field.ask(Method::HEAD, "/xapi/statements?limit=1")).await;
        let until = head.headers["x-experience-api-consistent-through"].to_str().unwrap().to_owned();
        let mut next = format!("/xapi/statements?ascending=true&limit=100&since={since}&until={until}");
        while !next.is_empty() {
            let told = field.get(&next).await;
            assert_eq!(told.status, 200, "{next}: {}", told.body);
            let page = told.json();
            seen.extend(page["statements"].as_array().unwrap().iter().map(id));
            page["more"].as_str().unwrap().clone_into(&mut next);
        }
        since = until;
    }
    seen
}

/// Follows the stream, and continues at another process where it was disconnected. Never sees a number before all below it.
async fn follow(field: Field, written: Written) -> Vec<Uuid> {
    let mut seen = Vec::new();
    while !written.is_all_in(&seen) {
        let asked = field.ask(Method::GET, "/api/v1/statements/stream?after=0");
        let asked = asked.header("Last-Event-ID", seen.len()).timeout(Duration::from_mins(10));
        match asked.send().await {
            Ok(answer) if !is_to_come_back(&answer) => read(&mut Events::of(answer), &mut seen, &written).await,
            // There is no server, or no primary at the moment.
            Ok(_) | Err(_) => tokio::time::sleep(LOOK).await,
        }
    }
    seen
}

/// Reads until the stream ends, or everything was seen.
async fn read(events: &mut Events, seen: &mut Vec<Uuid>, written: &Written) {
    loop {
        match timeout(LOOK, events.block()).await {
            Ok(Ok(Block::Event { id: number, data })) => {
                let next = u64::try_from(seen.len()).unwrap() + 1;
                assert_eq!(number, next, "a number appeared before the one below it, or again");
                seen.push(id(&serde_json::from_str(&data).unwrap()));
            }
            Ok(Err(_)) => return,
            Err(_) if written.is_all_in(seen) => return,
            Ok(Ok(Block::Sign { .. } | Block::Word(_))) | Err(_) => {}
        }
    }
}

fn id(statement: &Value) -> Uuid {
    statement["id"].as_str().unwrap().parse().unwrap()
}
