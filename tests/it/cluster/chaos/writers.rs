//! Programs that send statements to one process after the other, each batch until some process has said that it has it.

use super::field::{Field, PATIENCE, insist};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use uuid::Uuid;

const WRITERS: usize = 6;

/// Statements that must be acknowledged after each disturbance before the next: service has resumed.
pub(super) const RESUMED: usize = 60;

/// All writers, until they are stopped.
pub(super) struct Writers {
    tasks: Vec<JoinHandle<Vec<Uuid>>>,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
}

impl Writers {
    pub(super) fn start(field: &Field) -> Self {
        let (stop, acknowledged): (Arc<AtomicBool>, Arc<AtomicUsize>) = Default::default();
        let start = |_| tokio::spawn(write(field.clone(), Arc::clone(&stop), Arc::clone(&acknowledged)));
        Self { tasks: (0..WRITERS).map(start).collect(), stop, acknowledged }
    }

    /// Waits until service has resumed, as far as writers can tell.
    pub(super) async fn go_on(&self) {
        let (began, before) = (Instant::now(), self.acknowledged.load(Ordering::SeqCst));
        while self.acknowledged.load(Ordering::SeqCst) < before + RESUMED {
            assert!(began.elapsed() < PATIENCE, "service was not resumed");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Everything that was acknowledged.
    pub(super) async fn stop(self) -> BTreeSet<Uuid> {
        self.stop.store(true, Ordering::SeqCst);
        let mut acknowledged = BTreeSet::new();
        for writer in self.tasks {
            acknowledged.extend(writer.await.unwrap());
        }
        acknowledged
    }
}

async fn write(field: Field, stop: Arc<AtomicBool>, count: Arc<AtomicUsize>) -> Vec<Uuid> {
    let mut acknowledged = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        let ids: Vec<Uuid> = (0..3).map(|_| base::ids::random()).collect();
        let batch: Vec<Value> = ids.iter().map(statement).collect();
        let told = insist(|| field.ask(Method::POST, "/xapi/statements").json(&batch)).await;
        assert_eq!(told.status, 200, "{}", told.body);
        count.fetch_add(ids.len(), Ordering::SeqCst);
        acknowledged.extend(ids);
    }
    acknowledged
}

fn statement(id: &Uuid) -> Value {
    json!({
        "id": id,
        "actor": {"account": {"homePage": "https://campus.example.org", "name": id.to_string()}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"},
        "object": {"id": "https://campus.example.org/units/1"},
    })
}
