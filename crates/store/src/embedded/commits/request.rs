//! A request on its way through the writer, whatever its input and result.

use crate::embedded::commits::apply::{Group, Work};
use crate::embedded::fault::Fault;
use crate::{Result, StoreError};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// What the writer sees of a request.
pub(in crate::embedded) trait Request: Send {
    /// How much of the queue it fills, in KiB.
    fn weight(&self) -> u32;
    /// Does the work inside `group` and remembers the outcome. An error undoes the whole group.
    fn apply(&mut self, group: &mut Group<'_>) -> std::result::Result<(), rusqlite::Error>;
    /// Sends the outcome, which is durable now, to the caller.
    fn complete(self: Box<Self>);
    /// Reports to the caller that the request was not done.
    fn fail(self: Box<Self>, why: StoreError);
}

/// A request whose caller waits for the outcome.
pub(in crate::embedded) struct PendingRequest<W: Work> {
    work: W,
    weight: u32,
    outcome: Option<Result<W::Output>>,
    reply: oneshot::Sender<Result<W::Output>>,
    /// Its share of the queue's capacity, released with it.
    _room: OwnedSemaphorePermit,
}

impl<W: Work> PendingRequest<W> {
    /// A request to do `work`, and the receiver of its outcome.
    pub(in crate::embedded) fn new(
        work: W,
        weight: u32,
        room: OwnedSemaphorePermit,
    ) -> (Self, oneshot::Receiver<Result<W::Output>>) {
        let (reply, receiver) = oneshot::channel();
        (Self { work, weight, outcome: None, reply, _room: room }, receiver)
    }
}

impl<W: Work> Request for PendingRequest<W> {
    fn weight(&self) -> u32 {
        self.weight
    }

    fn apply(&mut self, group: &mut Group<'_>) -> std::result::Result<(), rusqlite::Error> {
        self.outcome = Some(match group.alone(&self.work) {
            Ok(reply) => Ok(reply),
            Err(Fault::Refused(why)) => Err(why),
            Err(Fault::Engine(error)) => return Err(error),
        });
        Ok(())
    }

    fn complete(self: Box<Self>) {
        if let Some(outcome) = self.outcome {
            // The caller may have gone away; what is stored is stored.
            drop(self.reply.send(outcome));
        }
    }

    fn fail(self: Box<Self>, why: StoreError) {
        drop(self.reply.send(Err(why)));
    }
}
