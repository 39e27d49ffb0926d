//! Programs that send statements as fast as the server acknowledges them.

use super::{Field, Number};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

/// How many verbs, learners and activities the statements share.
pub(super) const KINDS: usize = 3;

/// Writes batches of one to five until it is over.
pub(super) async fn write(field: Field, writer: usize) {
    let mut next = 0;
    while !field.is_over() {
        let batch: Vec<Number> = (next..=next + next % 5).map(|number| Number(writer, number)).collect();
        next += batch.len();
        let body: Vec<Value> = batch.iter().map(statement).collect();
        let answer = field.ask(Method::POST, "/xapi/statements").json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
        field.acknowledged.lock().unwrap().extend(batch);
    }
}

fn statement(number: &Number) -> Value {
    let Number(writer, n) = *number;
    json!({
        "id": Uuid::from_u64_pair(u64::try_from(writer).unwrap() | 0x4000, u64::try_from(n).unwrap() | 1 << 63),
        "actor": {"mbox": format!("mailto:learner-{}@example.com", n % KINDS)},
        "verb": {"id": format!("v:{}", n / KINDS % KINDS)},
        "object": {"id": "a:1"},
        "context": {"contextActivities": {"grouping": [{"id": format!("a:{}", n % 2)}]}},
        "result": {"extensions": {"n:1": [writer, n]}},
    })
}

/// Which statement it is.
pub(super) fn number(statement: &Value) -> Number {
    let told = &statement["result"]["extensions"]["n:1"];
    let told = |at: usize| usize::try_from(told[at].as_u64().unwrap()).unwrap();
    Number(told(0), told(1))
}
