//! What `/metrics` shows, in the text format of Prometheus. No figure is about a person.

use crate::service::App;
use crate::store::StoreError;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::time::Duration;

/// Requests answered, by `origin`, `method`, `route` (its pattern) and `status`.
const REQUESTS: &str = "enduring_http_requests_total";
/// Seconds from the head of a request to the head of its answer, by `origin` and `route`.
const SECONDS: &str = "enduring_http_request_seconds";
/// Handlers that panicked; each is a defect.
const PANICS: &str = "enduring_http_panics_total";
/// Due work that waits, by `queue`.
const WAITING: &str = "enduring_due_waiting";
/// Live streams of statements that are open.
const STREAMS: &str = "enduring_streams_open";

/// Upper bounds of [`SECONDS`].
const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

static FIGURES: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Starts counting; once for the process, however often it is called.
pub(super) fn install() {
    FIGURES.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Full(SECONDS.into()), &BUCKETS);
        let installed = builder.and_then(PrometheusBuilder::install_recorder);
        metrics::describe_counter!(REQUESTS, "Requests answered");
        metrics::describe_histogram!(SECONDS, metrics::Unit::Seconds, "Time from a request to the head of its answer");
        metrics::describe_counter!(PANICS, "Handlers that panicked; each is a defect");
        metrics::describe_gauge!(WAITING, "Due work that waits to be done");
        metrics::describe_gauge!(STREAMS, "Live streams of statements that are open");
        installed.inspect_err(|error| tracing::error!(%error, "no metrics will be shown")).ok()
    });
}

/// Everything counted so far.
pub(super) fn render() -> String {
    FIGURES.get().and_then(Option::as_ref).map_or_else(String::new, |handle| {
        handle.run_upkeep();
        handle.render()
    })
}

/// Counts one answered request. `route` is a pattern, never a path.
pub(super) fn answered(origin: &'static str, method: &str, route: &str, status: u16, took: Duration) {
    let (method, route) = (method.to_owned(), route.to_owned());
    metrics::counter!(REQUESTS, "origin" => origin, "method" => method, "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!(SECONDS, "origin" => origin, "route" => route).record(took.as_secs_f64());
}

/// Counts one handler that panicked.
pub(super) fn panicked(origin: &'static str) {
    metrics::counter!(PANICS, "origin" => origin).increment(1);
}

/// Counts the live streams.
pub(super) fn streams(app: &App) {
    let open = u32::try_from(crate::service::reports::followers(app)).unwrap_or(u32::MAX);
    metrics::gauge!(STREAMS).set(f64::from(open));
}

/// Reads how much due work waits.
pub(super) async fn waiting(app: &App) -> Result<(), StoreError> {
    for queue in crate::service::QUEUES {
        let due = app.store.due(queue, app.clock.now()).await?;
        let due = u32::try_from(due).unwrap_or(u32::MAX);
        metrics::gauge!(WAITING, "queue" => *queue).set(f64::from(due));
    }
    Ok(())
}
