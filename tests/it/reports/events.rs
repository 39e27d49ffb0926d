//! A client of server-sent events, as small as the format allows.

use reqwest::{RequestBuilder, Response};
use std::time::Duration;
use tokio::time::timeout;

/// Longer than anything takes that these tests wait for.
const LONG: Duration = Duration::from_secs(30);

/// A stream that was opened.
pub struct Events {
    answer: Response,
    unread: String,
}

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub enum Block {
    Event {
        id: u64,
        data: String,
    },
    /// No event: a comment, or none, and the id to come back with.
    Sign {
        id: u64,
        comment: String,
    },
    /// The last word of a stream.
    Word(String),
}

/// How a stream ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    Cleanly,
    CutOff,
}

impl Events {
    /// Opens the stream of `request`, after the event `last` if there was one; returns once it is open.
    pub async fn open(request: RequestBuilder, last: Option<u64>) -> Self {
        let request = match last {
            Some(last) => request.header("Last-Event-ID", last),
            None => request,
        };
        Self::of(request.timeout(Duration::from_mins(10)).send().await.unwrap())
    }

    /// The stream that was returned.
    pub fn of(answer: Response) -> Self {
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self { answer, unread: String::new() }
    }

    /// What comes next, however long it takes within reason.
    pub async fn block(&mut self) -> Result<Block, End> {
        loop {
            if let Some((block, rest)) = self.unread.split_once("\n\n") {
                let (block, rest) = (read(block), rest.to_owned());
                self.unread = rest;
                return Ok(block);
            }
            match timeout(LONG, self.answer.chunk()).await.expect("nothing came") {
                Ok(Some(bytes)) => self.unread.push_str(std::str::from_utf8(&bytes).unwrap()),
                Ok(None) => return Err(End::Cleanly),
                Err(_) => return Err(End::CutOff),
            }
        }
    }

    /// The next event.
    pub async fn event(&mut self) -> (u64, String) {
        loop {
            if let Block::Event { id, data } = self.block().await.unwrap() {
                return (id, data);
            }
        }
    }

    /// The id of the statement of the next event.
    pub async fn statement(&mut self) -> String {
        let (_, data) = self.event().await;
        let statement: serde_json::Value = serde_json::from_str(&data).unwrap();
        statement["id"].as_str().unwrap().to_owned()
    }

    /// Reads the rest to the end.
    pub async fn end(&mut self) -> End {
        loop {
            if let Err(end) = self.block().await {
                return end;
            }
        }
    }
}

/// One block.
fn read(block: &str) -> Block {
    let lines = |name: &str| -> Vec<&str> { block.lines().filter_map(|line| line.strip_prefix(name)).collect() };
    let (comment, data) = (lines(": ").join(" "), lines("data: "));
    match lines("id: ").first().map(|id| id.parse().unwrap()) {
        Some(id) if data.is_empty() => Block::Sign { id, comment },
        Some(id) => Block::Event { id, data: data.join("\n") },
        None => Block::Word(comment),
    }
}
