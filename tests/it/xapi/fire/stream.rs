//! Programs that follow the stream of statements, are cut off again and again, and come back.

use super::writers::number;
use super::{Field, Number};
use futures_util::StreamExt as _;
use reqwest::{Method, Response};
use std::time::Duration;
use tokio::time::timeout;

/// The number of events after which a connection breaks.
const CUT: usize = 70;

/// Follows the stream from the beginning until there is no more.
pub(super) async fn follow(field: Field) -> Vec<Number> {
    let (mut seen, mut last) = (Vec::new(), 0);
    while !field.is_all(seen.len()) {
        let mut asked = field.ask(Method::GET, "/api/v1/statements/stream?after=0");
        if last > 0 {
            asked = asked.header("Last-Event-ID", last.to_string());
        }
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        read(answer, &field, &mut seen, &mut last).await;
    }
    seen
}

/// Reads events until the connection is cut.
async fn read(answer: Response, field: &Field, seen: &mut Vec<Number>, last: &mut u64) {
    let (mut bytes, mut text, before) = (answer.bytes_stream(), Vec::new(), seen.len());
    while seen.len() < before + CUT && !field.is_all(seen.len()) {
        // Silence means nothing but that it is worth a look whether all has been said.
        let Ok(piece) = timeout(Duration::from_millis(100), bytes.next()).await else { continue };
        text.extend_from_slice(&piece.expect("the server ends no stream").unwrap());
        while let Some(end) = text.windows(2).position(|two| two == b"\n\n") {
            let event: Vec<u8> = text.drain(..end + 2).collect();
            if let Some((id, number)) = event_of(&event) {
                assert!(id > *last, "{id} came behind {last}");
                *last = id;
                seen.push(number);
            }
        }
    }
}

/// The id and the statement of an event. A comment is none, and neither is what has no data.
fn event_of(event: &[u8]) -> Option<(u64, Number)> {
    let text = std::str::from_utf8(event).unwrap();
    let id = text.lines().find_map(|line| line.strip_prefix("id: "))?;
    let data: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    if data.is_empty() {
        return None;
    }
    Some((id.parse().unwrap(), number(&serde_json::from_str(&data.join("\n")).unwrap())))
}
