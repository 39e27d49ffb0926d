//! Bodies in memory: all requests together hold no more of them than the operator allows, whichever reader takes them.
//!
//! What a request has sent counts until its response is made. A reader that writes a body on as it comes says so by
//! [`streams`]; then no more of it is counted.

use super::readers;
use crate::service::App;
use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _, HttpRequest};
use futures_util::StreamExt as _;
use std::cell::Cell;
use std::io;
use std::rc::Rc;

/// What one request holds.
struct HeldBody {
    app: Data<App>,
    bytes: Cell<usize>,
    /// No reader holds more of a body than this.
    most: usize,
    counts: Cell<bool>,
}

impl HeldBody {
    fn add(&self, bytes: usize) -> Result<(), PayloadError> {
        let more = bytes.min(self.most.saturating_sub(self.bytes.get()));
        if !self.counts.get() || more == 0 {
            return Ok(());
        }
        if !self.app.memory.bodies.take(more) {
            return Err(PayloadError::Io(io::Error::new(io::ErrorKind::ResourceBusy, "too many bodies are in memory")));
        }
        self.bytes.set(self.bytes.get().saturating_add(more));
        Ok(())
    }

    fn release(&self) {
        self.counts.set(false);
        self.app.memory.bodies.give_back(self.bytes.take());
    }
}

impl Drop for HeldBody {
    fn drop(&mut self) {
        self.release();
    }
}

/// Counts the request's body.
pub(super) async fn count<B: MessageBody>(mut req: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let headers = req.headers();
    let has_body = headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING);
    let Some(app) = req.app_data::<Data<App>>().filter(|_| has_body).cloned() else { return next.call(req).await };
    let most = app.config.limits.body_bytes.max(readers::JSON_LIMIT);
    let held = Rc::new(HeldBody { app, bytes: Cell::new(0), most, counts: Cell::new(true) });
    let (body, counted) = (req.take_payload(), Rc::clone(&held));
    let body = body.map(move |piece| {
        let piece = piece?;
        counted.add(piece.len())?;
        Ok(piece)
    });
    req.set_payload(Payload::Stream { payload: body.boxed_local() });
    req.extensions_mut().insert(Rc::clone(&held));
    let response = next.call(req).await;
    held.release();
    response
}

/// Says that what still comes of the body of `req` is written on as it comes.
pub(in crate::http) fn streams(req: &HttpRequest) {
    if let Some(held) = req.extensions().get::<Rc<HeldBody>>() {
        held.counts.set(false);
    }
}
