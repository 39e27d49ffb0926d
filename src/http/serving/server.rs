//! The two servers: their listeners, what surrounds every handler, and how they stop.

use super::observe::{self, Origin, Surroundings};
use super::{audit, bodies, content_origin, cors, deadline, encoding, hosts, readers};
use crate::config::Config;
use crate::http::operations::metrics::Figures;
use crate::http::{Problem, app_routes, content_routes};
use crate::service::upkeep::workers;
use crate::service::{App, Stop};
use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data};
use actix_web::{HttpResponse, HttpServer};
use futures_util::future::join;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

/// How long requests in progress may take to end once the server was asked to stop, in seconds.
const DRAIN_SECONDS: u64 = 20;
/// The longest time between the opening of a connection and the end of its first request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long a closing connection may linger.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Both listeners, open.
#[derive(Debug)]
pub struct Listeners {
    app: TcpListener,
    content: TcpListener,
}

/// Opens both listeners, and returns the configuration with the ports that they got.
pub fn bind(config: Config) -> io::Result<(Config, Listeners)> {
    let listeners = Listeners { app: listen(config.listen)?, content: listen(config.content_listen)? };
    let config = config.at_ports(listeners.app.local_addr()?.port(), listeners.content.local_addr()?.port());
    Ok((config, listeners))
}

fn listen(at: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(at).map_err(|error| io::Error::new(error.kind(), format!("cannot listen at {at}: {error}")))
}

/// Serves requests on both origins and does due work until asked to stop; then lets what is in progress finish.
pub async fn run(app: &App, listeners: Listeners, stop: Stop) -> io::Result<()> {
    let (served, ()) = join(serve(app, listeners, stop.clone()), workers::run(app, stop)).await;
    served
}

async fn serve(app: &App, listeners: Listeners, mut stop: Stop) -> io::Result<()> {
    let figures = Data::new(Figures::start());
    let pages = app_server(app, &figures, listeners.app)?;
    let content = content_server(app, &figures, listeners.content)?;
    let (pages_handle, content_handle) = (pages.handle(), content.handle());
    let drain = async move {
        stop.requested().await;
        join(pages_handle.stop(true), content_handle.stop(true)).await;
        Ok(())
    };
    tokio::try_join!(pages, content, drain).map(|_| ())
}

fn app_server(app: &App, figures: &Data<Figures>, listener: TcpListener) -> io::Result<Server> {
    let (state, figures) = (app.clone(), figures.clone());
    let server = HttpServer::new(move || {
        let counted = Surroundings::new(Origin::App, &state.config, &figures);
        actix_web::App::new()
            .app_data(Data::new(state.clone()))
            .app_data(figures.clone())
            .configure(readers::configure)
            .configure(app_routes)
            .default_service(web::to(nothing_here))
            .wrap(from_fn(audit::keep))
            .wrap(Compress::default())
            .wrap(from_fn(bodies::count))
            .wrap(from_fn(deadline::watch))
            .wrap(from_fn(cors::preflight))
            .wrap(from_fn(encoding::refuse))
            .wrap(from_fn(hosts::own))
            .wrap(from_fn(move |req, next| observe::observe(counted.clone(), req, next)))
    });
    let server = server.workers(threads(&app.config)).disable_signals().shutdown_timeout(DRAIN_SECONDS);
    let server = server.client_request_timeout(HEAD_TIMEOUT).client_disconnect_timeout(DISCONNECT_TIMEOUT);
    Ok(server.keep_alive(KEEP_ALIVE).listen(listener)?.run())
}

fn content_server(app: &App, figures: &Data<Figures>, listener: TcpListener) -> io::Result<Server> {
    let (state, figures) = (app.clone(), figures.clone());
    let server = HttpServer::new(move || {
        let counted = Surroundings::new(Origin::Content, &state.config, &figures);
        actix_web::App::new()
            .app_data(Data::new(state.clone()))
            .configure(readers::configure)
            .configure(content_routes)
            .default_service(web::to(nothing_here))
            .wrap(from_fn(bodies::count))
            .wrap(from_fn(deadline::watch))
            .wrap(from_fn(encoding::refuse))
            .wrap(from_fn(content_origin::guard))
            .wrap(from_fn(move |req, next| observe::observe(counted.clone(), req, next)))
    });
    let server = server.workers(threads(&app.config)).disable_signals().shutdown_timeout(DRAIN_SECONDS);
    let server = server.client_request_timeout(HEAD_TIMEOUT).client_disconnect_timeout(DISCONNECT_TIMEOUT);
    Ok(server.keep_alive(KEEP_ALIVE).listen(listener)?.run())
}

fn threads(config: &Config) -> usize {
    match config.workers {
        0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        said => said,
    }
}

async fn nothing_here() -> Result<HttpResponse, Problem> {
    Err(Problem::not_found("there is nothing at this address; check it for a typing mistake"))
}
