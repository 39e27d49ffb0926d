//! What `/metrics` shows, in the text format of Prometheus. No figure is about a person.

use crate::service::App;
use futures_util::future::try_join_all;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::time::Duration;
use store::figures::{COMMITS, COMMITS_WAITING, STATEMENTS, TRIES_REPEATED};
use tokio::time::timeout;

/// Requests answered, by `origin`, `method`, `route` (its pattern) and `status`.
const REQUESTS: &str = "enduring_http_requests_total";
/// Seconds from the head of a request to the head of its answer, by `origin` and `route`.
const SECONDS: &str = "enduring_http_request_seconds";
/// Handlers that panicked; each is a defect.
const PANICS: &str = "enduring_http_panics_total";
/// Due work that waits, by `queue`.
const WAITING: &str = "enduring_due_waiting";
/// Whether the store answers: 1 or 0.
const ANSWERS: &str = "enduring_store_answers";
/// Live streams of statements that are open.
const STREAMS: &str = "enduring_streams_open";

/// Upper bounds of [`SECONDS`].
const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

/// How long the store may take to be looked at. Who collects figures waits no longer than some seconds for all of them.
const LOOK: Duration = Duration::from_secs(1);

static FIGURES: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Starts counting; once for the process, however often it is called.
pub(in crate::http) fn install() {
    FIGURES.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Full(SECONDS.into()), &BUCKETS);
        let installed = builder.and_then(PrometheusBuilder::install_recorder);
        metrics::describe_counter!(REQUESTS, "Requests answered");
        metrics::describe_histogram!(SECONDS, metrics::Unit::Seconds, "Time from a request to the head of its answer");
        metrics::describe_counter!(PANICS, "Handlers that panicked; each is a defect");
        metrics::describe_gauge!(STREAMS, "Live streams of statements that are open");
        metrics::describe_counter!(COMMITS, "Commits that the store has made for this process");
        metrics::describe_counter!(STATEMENTS, "Statements that the store has appended for this process");
        metrics::describe_counter!(TRIES_REPEATED, "Tries to commit that met another process, or nobody");
        metrics::describe_gauge!(COMMITS_WAITING, "Commits of this process that wait to be made");
        for counter in [COMMITS, STATEMENTS, TRIES_REPEATED] {
            metrics::counter!(counter).increment(0);
        }
        metrics::gauge!(COMMITS_WAITING).increment(0.0);
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
pub(in crate::http) fn answered(origin: &'static str, method: &str, route: &str, status: u16, took: Duration) {
    let (method, route) = (method.to_owned(), route.to_owned());
    metrics::counter!(REQUESTS, "origin" => origin, "method" => method, "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!(SECONDS, "origin" => origin, "route" => route).record(took.as_secs_f64());
}

/// Counts one handler that panicked.
pub(in crate::http) fn panicked(origin: &'static str) {
    metrics::counter!(PANICS, "origin" => origin).increment(1);
}

/// Counts the live streams.
pub(super) fn streams(app: &App) {
    let open = u32::try_from(crate::service::reporting::followers(app)).unwrap_or(u32::MAX);
    metrics::gauge!(STREAMS).set(f64::from(open));
}

/// What holds at this moment only: whether the store answers, and how much due work waits if it does. What is not known is
/// left out rather than shown as it was, so these figures are not kept with the others.
pub(super) async fn of_the_store(app: &App) -> String {
    let now = app.clock.now();
    let queues = crate::service::QUEUES.iter().copied();
    let looks = queues.map(async |queue| app.store.due(queue, now).await.map(|due| (queue, due)));
    let seen = timeout(LOOK, try_join_all(looks)).await.ok().and_then(Result::ok);
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, || {
        metrics::describe_gauge!(ANSWERS, "Whether the store answers");
        metrics::describe_gauge!(WAITING, "Due work that waits to be done");
        metrics::gauge!(ANSWERS).set(if seen.is_some() { 1.0 } else { 0.0 });
        for (queue, due) in seen.unwrap_or_default() {
            metrics::gauge!(WAITING, "queue" => queue).set(f64::from(u32::try_from(due).unwrap_or(u32::MAX)));
        }
    });
    recorder.handle().render()
}
