//! What `/metrics` shows, in the text format of Prometheus. No figure is about a person.

use crate::service::upkeep::figures;
use crate::service::{App, reporting};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Requests served, by `origin`, `method`, `route` (its pattern) and `status`.
const REQUESTS: &str = "enduring_http_requests_total";
/// Seconds from the head of a request to the head of its response, by `origin` and `route`.
const SECONDS: &str = "enduring_http_request_seconds";
/// Handlers that panicked; each is a defect.
const PANICS: &str = "enduring_http_panics_total";
/// Due work that waits, by `queue`.
const WAITING: &str = "enduring_due_waiting";
/// Whether the store responds: 1 or 0.
const RESPONDS: &str = "enduring_store_answers";
/// Live streams of statements that are open.
const STREAMS: &str = "enduring_streams_open";
/// Bytes of request bodies in memory.
const BODIES: &str = "enduring_http_bodies_bytes";

/// Upper bounds of [`SECONDS`].
const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

/// How long the check of the store may take. A collector of metrics waits no longer than a few seconds for all of them.
const LOOK: Duration = Duration::from_secs(1);

/// The figures of one server.
#[derive(Clone)]
pub(in crate::http) struct Figures {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
}

impl Figures {
    /// Starts counting. What the store counts goes to the first server of the process, since the store knows of none.
    pub(in crate::http) fn start() -> Self {
        let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Full(SECONDS.into()), &BUCKETS);
        // Only an empty list of bounds is refused, and then figures are shown without them.
        let recorder = Arc::new(builder.unwrap_or_default().build_recorder());
        let figures = Self { handle: recorder.handle(), recorder: Arc::clone(&recorder) };
        figures.record(|| {
            metrics::describe_counter!(REQUESTS, "Requests answered");
            metrics::describe_histogram!(
                SECONDS,
                metrics::Unit::Seconds,
                "Time from a request to the head of its response"
            );
            metrics::describe_counter!(PANICS, "Handlers that panicked; each is a defect");
            metrics::describe_gauge!(STREAMS, "Live streams of statements that are open");
            metrics::describe_gauge!(BODIES, metrics::Unit::Bytes, "Request bodies that are in memory");
            figures::describe();
        });
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::debug!("another server of this process shows what the store counts");
        }
        figures
    }

    fn record<T>(&self, count: impl FnOnce() -> T) -> T {
        metrics::with_local_recorder(&*self.recorder, count)
    }

    /// Counts one served request. `route` is a pattern, never a path.
    pub(in crate::http) fn count_request(
        &self,
        origin: &'static str,
        method: &'static str,
        route: &str,
        (status, took): (u16, Duration),
    ) {
        let route = route.to_owned();
        self.record(|| {
            metrics::counter!(REQUESTS, "origin" => origin, "method" => method, "route" => route.clone(), "status" => status.to_string())
                .increment(1);
            metrics::histogram!(SECONDS, "origin" => origin, "route" => route).record(took.as_secs_f64());
        });
    }

    /// Counts one handler that panicked.
    pub(in crate::http) fn count_panic(&self, origin: &'static str) {
        self.record(|| metrics::counter!(PANICS, "origin" => origin).increment(1));
    }

    /// Everything counted so far, and the current values.
    pub(super) async fn render(&self, app: &App) -> String {
        let open = u32::try_from(reporting::followers(app)).unwrap_or(u32::MAX);
        self.record(|| metrics::gauge!(STREAMS).set(f64::from(open)));
        let held = u32::try_from(app.memory.bodies.held()).unwrap_or(u32::MAX);
        self.record(|| metrics::gauge!(BODIES).set(f64::from(held)));
        self.handle.run_upkeep();
        self.handle.render() + &of_the_store(app).await
    }
}

/// The current values: whether the store responds, and if it does, how much due work waits. An unknown value is omitted
/// rather than shown as it was, so these figures are not kept with the others.
async fn of_the_store(app: &App) -> String {
    let seen = timeout(LOOK, figures::waiting(app)).await.ok().and_then(Result::ok);
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, || {
        metrics::describe_gauge!(RESPONDS, "Whether the store responds");
        metrics::describe_gauge!(WAITING, "Due work that waits to be done");
        metrics::gauge!(RESPONDS).set(if seen.is_some() { 1.0 } else { 0.0 });
        for (queue, due) in seen.unwrap_or_default() {
            metrics::gauge!(WAITING, "queue" => queue).set(f64::from(u32::try_from(due).unwrap_or(u32::MAX)));
        }
    });
    recorder.handle().render()
}
