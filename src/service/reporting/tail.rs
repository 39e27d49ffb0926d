//! The end of the log, watched once for all followers.
//!
//! Commits of this process are noticed at once. Those of other processes are found by polling; nothing is polled while
//! there are no followers.

use crate::service::{App, Stop};
use std::time::Duration;
use store::Seq;
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

/// How long a statement that another process has stored may go unseen.
const UNSEEN: Duration = Duration::from_millis(500);
/// However much is written, the end is read no more often than this.
const APART: Duration = Duration::from_millis(10);

/// Where the log ends, as far as this process knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LogEnd {
    At(Seq),
    /// The server stops: the end is not read again.
    Closed,
}

/// Notifies followers of where the log ends.
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
    /// Follows it from now on. What was known before may be outdated: the end is read again for each who joins.
    pub(super) fn join(&self) -> watch::Receiver<LogEnd> {
        let end = self.end.subscribe();
        self.joined.notify_one();
        end
    }

    /// How many followers there are.
    pub(super) fn followers(&self) -> usize {
        self.end.receiver_count()
    }

    async fn someone_follows(&self) {
        while self.followers() == 0 {
            self.joined.notified().await;
        }
    }

    /// Reads the end of the log, and waits until it is worth reading again.
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
            Err(error) => tracing::warn!(%error, "the end of the log cannot be read; trying again"),
        }
        sleep(APART).await;
        tokio::select! {
            _ = timeout(UNSEEN, appended.changed()) => {}
            () = self.joined.notified() => {}
        }
    }
}

/// Watches the end of the log for all followers until the server stops, then notifies them of that.
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
