//! A request on its way through the writer, whatever it asks and answers.

use super::super::{Result, StoreError};
use super::apply::{Group, Work};
use super::fault::Fault;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// What the writer sees of a request.
pub(super) trait Request: Send {
    /// What it weighs in the queue, in KiB.
    fn weight(&self) -> u32;
    /// Does it inside `group` and keeps the outcome. An error loses the whole group.
    fn apply(&mut self, group: &mut Group<'_>) -> std::result::Result<(), rusqlite::Error>;
    /// Answers with the outcome, which is durable now.
    fn settle(self: Box<Self>);
    /// Answers that it was lost.
    fn lose(self: Box<Self>, why: StoreError);
}

/// A request with its way back.
pub(super) struct Pending<W: Work> {
    work: W,
    weight: u32,
    outcome: Option<Result<W::Answer>>,
    answer: oneshot::Sender<Result<W::Answer>>,
    /// Its share of the queue's room, given back with it.
    _room: OwnedSemaphorePermit,
}

impl<W: Work> Pending<W> {
    /// A request to do `work`, and where its answer will arrive.
    pub(super) fn new(
        work: W,
        weight: u32,
        room: OwnedSemaphorePermit,
    ) -> (Self, oneshot::Receiver<Result<W::Answer>>) {
        let (answer, answered) = oneshot::channel();
        (Self { work, weight, outcome: None, answer, _room: room }, answered)
    }
}

impl<W: Work> Request for Pending<W> {
    fn weight(&self) -> u32 {
        self.weight
    }

    fn apply(&mut self, group: &mut Group<'_>) -> std::result::Result<(), rusqlite::Error> {
        self.outcome = Some(match group.alone(&self.work) {
            Ok(answer) => Ok(answer),
            Err(Fault::Refused(why)) => Err(why),
            Err(Fault::Engine(error)) => return Err(error),
        });
        Ok(())
    }

    fn settle(self: Box<Self>) {
        if let Some(outcome) = self.outcome {
            // The caller may have gone away; what is stored is stored.
            drop(self.answer.send(outcome));
        }
    }

    fn lose(self: Box<Self>, why: StoreError) {
        drop(self.answer.send(Err(why)));
    }
}
