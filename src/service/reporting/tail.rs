//! The end of the log, looked at once for all who follow it.
//!
//! Commits of this process are heard of at once. Those of other processes are found by looking now and then; nobody looks
//! while nobody follows.

use crate::service::{App, Stop};
use std::time::Duration;
use store::Seq;
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

/// How long a statement that another process has stored may go unseen.
const UNSEEN: Duration = Duration::from_millis(500);
/// However much is written, the end is looked at no more often than this.
const APART: Duration = Duration::from_millis(10);

/// Where the log ends, as far as this process knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LogEnd {
    At(Seq),
    /// The server ends: nobody will look again.
    Closed,
}

/// Tells those who follow where the log ends.
#[derive(Debug)]
pub(super) struct Tail {
    end: watch::Sender<LogEnd>,
    joined: Notify,
}

impl Default for Tail {
    fn default() -> Self {
        Self { end: watch::Sender::new(LogEnd::At(Seq(0))), joined: Notify::new() }
    }
}

impl Tail {
    /// Follows it from now on. What was known before may be long past: it is looked at anew for each who joins.
    pub(super) fn join(&self) -> watch::Receiver<LogEnd> {
        let end = self.end.subscribe();
        self.joined.notify_one();
        end
    }

    /// How many follow it.
    pub(super) fn followers(&self) -> usize {
        self.end.receiver_count()
    }

    async fn someone_follows(&self) {
        while self.followers() == 0 {
            self.joined.notified().await;
        }
    }

    /// Looks at the end of the log, and waits until it is worth looking again.
    async fn look(&self, app: &App, appended: &mut watch::Receiver<()>) {
        self.someone_follows().await;
        match app.store.head(&app.provider).await {
            Ok(head) => {
                self.end.send_if_modified(|end| {
                    let is_news = matches!(end, LogEnd::At(known) if *known < head.seq);
                    if is_news {
                        *end = LogEnd::At(head.seq);
                    }
                    is_news
                });
            }
            Err(error) => tracing::warn!(%error, "the end of the log cannot be seen; looking again"),
        }
        sleep(APART).await;
        tokio::select! {
            _ = timeout(UNSEEN, appended.changed()) => {}
            () = self.joined.notified() => {}
        }
    }
}

/// Looks at the end of the log, for all who follow it, until asked to stop; then tells them that it is over.
pub async fn run(app: App, mut stop: Stop) {
    let mut appended = app.store.appended();
    loop {
        tokio::select! {
            () = stop.requested() => break,
            () = app.reports.tail.look(&app, &mut appended) => {}
        }
    }
    app.reports.tail.end.send_replace(LogEnd::Closed);
}
