//! How processes that commit at once take turns.
//!
//! Commits of one provider form one line (see [`transaction`](crate::mongodb::commits::transaction)): of two transactions at its head one
//! continues, and the other fails immediately and is retried after a pause. That alone would favor the process that has just
//! had a turn, because the others are still pausing; it would continue with few commits at a time while many wait elsewhere,
//! although a transaction costs about the same however many commits it contains. So a process checks how many turns others
//! had between its own last two, which the head counts. If there were any, it lets them go first for as long as a turn takes,
//! and gathers the commits that arrive in the meantime; and the more processes there are, the longer a refused one pauses.
//!
//! Only fairness depends on this: what happens when two processes commit at once is decided by the server.

use crate::Provider;
use crate::mongodb::commits::abandoned;
use crate::mongodb::connection::schema::Collections;
use base::ids;
use std::time::Duration;
use tokio::time::Instant;

/// The greatest number of other processes that is considered.
const MOST: i64 = 15;
/// How long others go first at most: a turn that took longer had another cause.
const TURN: Duration = Duration::from_millis(50);
/// The number of attempts after which pauses become twice as long.
const TRIES: u32 = 16;

/// What a process knows about the others in the line.
#[derive(Debug, Default)]
pub(in crate::mongodb) struct Line {
    /// Its own last turn, as the head counts them.
    last: Option<(Provider, i64)>,
    /// How many turns others had between its last two.
    others: i64,
    /// Until when others go first.
    theirs: Option<Instant>,
    /// How often it was refused since it joined, and when it next looks for abandoned transactions.
    tries: u32,
    look: Option<Instant>,
}

impl Line {
    /// Waits until others have had time for a turn, if there are others.
    pub(in crate::mongodb) async fn let_others_by(&self) {
        if let Some(until) = self.theirs {
            tokio::time::sleep_until(until).await;
        }
    }

    /// Begins to wait for a turn.
    pub(in crate::mongodb) fn join(&mut self) {
        (self.tries, self.look) = (0, None);
    }

    /// Records that it had the turn `number`, and how long that took.
    pub(in crate::mongodb) fn had(&mut self, provider: &Provider, number: i64, took: Duration) {
        self.others = match &self.last {
            Some((of, last)) if of == provider => (number - last - 1).clamp(0, MOST),
            _ => 0,
        };
        self.last = Some((provider.clone(), number));
        self.theirs = (self.others > 0).then(|| Instant::now() + took.min(TURN));
    }

    /// Pauses after it was refused, for a random time, so that refused processes do not meet again.
    pub(in crate::mongodb) async fn wait(&mut self, to: &Collections) {
        let longest = u64::try_from(self.others + 1).unwrap_or(1) << (self.tries / TRIES).min(4);
        self.tries += 1;
        let part = u64::try_from(ids::random().as_u128() % u128::from(longest * 1000)).unwrap_or_default();
        tokio::time::sleep(Duration::from_micros(part + 200)).await;
        let now = Instant::now();
        if now >= *self.look.get_or_insert(now + abandoned::PATIENCE) {
            abandoned::end(to).await;
            self.look = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_go_first_when_they_had_turns_in_between() {
        let (mine, took) = (Provider::new("mine"), Duration::from_millis(5));
        let mut line = Line::default();
        line.had(&mine, 7, took);
        assert!(line.theirs.is_none(), "nothing is known yet");
        line.had(&mine, 8, took);
        assert!(line.theirs.is_none(), "nobody else was there");
        line.had(&mine, 11, took);
        assert_eq!(line.others, 2);
        assert!(line.theirs.is_some());
        line.had(&mine, 12, took);
        assert!(line.theirs.is_none(), "they are gone");
    }

    #[test]
    fn another_provider_has_a_separate_line() {
        let mut line = Line::default();
        line.had(&Provider::new("one"), 7, Duration::ZERO);
        line.had(&Provider::new("other"), 9, Duration::ZERO);
        assert_eq!(line.others, 0);
    }
}
