//! Around every request: an id, a log line, metrics, and a safety net for handlers that panic.
//!
//! The log line has the method, the pattern of the route, the status and the time; never a path, a query string, an
//! address or a name, since those can be about a person.

use super::cors;
use crate::config::Config;
use crate::http::Problem;
use crate::http::auth::session_cookie;
use crate::http::operations::metrics::Figures;
use crate::http::pages::{self, Failure, ResponseHeaders};
use crate::service::people::sign_in;
use crate::service::{Account, App};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpResponse, ResponseError as _};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// The header that carries the request's id back.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How long an error page waits to learn who reads it.
const VIEWER_WITHIN: Duration = Duration::from_millis(500);

/// One of the two origins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    App,
    Content,
}

impl Origin {
    /// Its name in logs and metrics.
    fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Content => "content",
        }
    }
}

/// What surrounds every request to one of them.
#[derive(Clone)]
pub(super) struct Surroundings {
    origin: Origin,
    figures: Data<Figures>,
    headers: ResponseHeaders,
}

impl Surroundings {
    /// Of `origin`.
    pub(super) fn new(origin: Origin, config: &Config, figures: &Data<Figures>) -> Self {
        let headers = match origin {
            Origin::App => ResponseHeaders::of_app(config),
            Origin::Content => ResponseHeaders::of_content(config),
        };
        Self { origin, figures: figures.clone(), headers }
    }
}

/// What must be known about a request once it is gone. actix-web lets nothing else hold the request itself meanwhile.
struct RequestContext {
    origin: Origin,
    figures: Data<Figures>,
    /// What the response says unless its handler does.
    headers: ResponseHeaders,
    /// The request's id in the log.
    id: String,
    method: &'static str,
    html: bool,
    /// What the response says about other origins; error responses say it too, so it is added here.
    sharing: cors::Sharing,
    /// The requested address, without its query.
    path: String,
    app: Option<Data<App>>,
    /// The session of the person who reads the page, so that an error page keeps their navigation. The content origin reads no cookie.
    session: Option<String>,
    began: Instant,
}

/// Responds through `next`, and reports to the log and the metrics.
pub(super) async fn observe(
    Surroundings { origin, figures, headers }: Surroundings,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let app = req.app_data::<Data<App>>().cloned();
    let html = prefers_html(&req);
    let session = app.as_ref().filter(|_| html && origin == Origin::App);
    let session = session.and_then(|app| session_cookie::read(req.request(), &app.config));
    let context = RequestContext {
        origin,
        figures,
        headers,
        id: base::ids::random().simple().to_string(),
        method: known(req.method().as_str()),
        html,
        sharing: cors::Sharing::of(&req),
        path: req.path().to_owned(),
        app,
        session,
        began: Instant::now(),
    };
    match AssertUnwindSafe(next.call(req)).catch_unwind().await {
        Ok(Ok(response)) => Ok(context.finish(response.map_into_boxed_body()).await),
        Ok(Err(error)) => Err(context.refuse(error).await),
        Err(panic) => {
            context.figures.count_panic(origin.name());
            let problem = Problem::internal(format!("a handler panicked: {}", words_of(panic.as_ref())));
            Err(context.refuse(problem.into()).await)
        }
    }
}

impl RequestContext {
    /// Converts an error of a handler to the form that the caller accepts.
    async fn finish(&self, response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
        let refusal = response.response().error().and_then(|error| error.as_error::<Problem>());
        let rendered = match refusal {
            Some(problem) => Some(self.response(problem).await),
            None => None,
        };
        let mut response = match rendered {
            Some(rendered) => response.into_response(rendered),
            None => response,
        };
        self.mark(response.response_mut());
        let route = response.request().match_pattern().unwrap_or_else(|| "none".to_owned());
        self.report(&route, response.status());
        response
    }

    /// The same for an error from outside a handler, whose request is gone.
    async fn refuse(&self, error: Error) -> Error {
        let mut rendered = match error.as_error::<Problem>() {
            Some(problem) => self.response(problem).await,
            None => error.error_response(),
        };
        self.mark(&mut rendered);
        self.report("none", rendered.status());
        InternalError::from_response(error, rendered).into()
    }

    async fn response(&self, problem: &Problem) -> HttpResponse {
        if let Some(cause) = problem.cause() {
            tracing::error!(request = self.id, cause, "a request failed");
        }
        if self.html { self.page(problem).await } else { problem.json(Some(&self.id)) }
    }

    /// The same words as a page.
    async fn page(&self, problem: &Problem) -> HttpResponse {
        let places: Vec<_> = problem.errors().iter().map(|at| (at.pointer.clone(), at.message.clone())).collect();
        let status = problem.status_code();
        let failure = Failure {
            status,
            detail: &pages::sentence(problem.detail()),
            places: &places,
            path: &self.path,
            request: Some(self.id.as_str()).filter(|_| status.is_server_error()),
            base: match (self.origin, &self.app) {
                (Origin::Content, Some(app)) => &app.config.url,
                _ => "",
            },
        };
        let app = self.app.as_ref().map(Data::get_ref);
        let html = pages::error_page(app, self.viewer().await.as_ref(), failure);
        problem.builder().content_type("text/html; charset=utf-8").body(html)
    }

    /// Who reads the page, as far as the store says so in time: an error page does not wait for a store that cannot be reached.
    async fn viewer(&self) -> Option<Account> {
        let (app, secret) = (self.app.as_ref()?, self.session.as_ref()?);
        timeout(VIEWER_WITHIN, sign_in::account_of(app, secret)).await.ok()?.ok()?
    }

    fn mark(&self, rendered: &mut HttpResponse) {
        self.sharing.mark(rendered.headers_mut());
        self.headers.complete(&self.path, rendered.headers_mut());
        if let Ok(value) = HeaderValue::from_str(&self.id) {
            rendered.headers_mut().insert(REQUEST_ID, value);
        }
    }

    fn report(&self, route: &str, status: StatusCode) {
        let (origin, took, status) = (self.origin.name(), self.began.elapsed(), status.as_u16());
        self.figures.count_request(origin, self.method, route, (status, took));
        let ms = took.as_secs_f64() * 1000.0;
        tracing::info!(request = self.id, origin, method = self.method, route, status, ms, "answered");
    }
}

/// The method, if it is one that HTTP defines: an invented one must not create a new time series.
fn known(method: &str) -> &'static str {
    const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"];
    METHODS.into_iter().find(|known| *known == method).unwrap_or("OTHER")
}

/// Whether the caller names HTML before any other type, as browsers do when a person follows a link or sends a form.
fn prefers_html(request: &ServiceRequest) -> bool {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.split(',').next().is_some_and(|first| first.trim().starts_with("text/html"))
}

fn words_of(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a word")
}
