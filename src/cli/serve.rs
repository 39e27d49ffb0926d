//! `enduring serve`: the server, until it is stopped.

use super::{CommandError, StoreArgs};
use crate::config::Config;
use crate::http::serving::server;
use crate::logging;
use crate::service::catalogue::samples;
use crate::service::ledger::keys;
use crate::service::people::demo;
use crate::service::playing::content_key;
use crate::service::records::spool;
use crate::service::upkeep::{installation, private_files};
use crate::service::{App, OpenError, stopper, store_location};
use base::clock::SystemClock;
use std::fmt::Display;
use std::io::{self, Write as _};
use std::pin::pin;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// Flags of `serve`. They override `ENDURING_*` and the file.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: StoreArgs,
    /// Where the app listens [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Where the content origin listens [default: 127.0.0.1:8081]
    #[arg(long, value_name = "ADDRESS")]
    content_listen: Option<String>,
    /// How browsers reach the content origin [default: http://127.0.0.1:8081]
    #[arg(long, value_name = "URL")]
    content_url: Option<String>,
    /// Load the sample activities and let anyone sign in as a sample person [default]
    #[arg(long)]
    demo: bool,
    /// No samples, no sample persons
    #[arg(long, conflicts_with = "demo")]
    no_demo: bool,
}

impl Args {
    /// The settings that were given.
    fn flags(&self) -> Vec<(&'static str, String)> {
        let given = [
            ("listen", self.listen.clone()),
            ("content_listen", self.content_listen.clone()),
            ("content_url", self.content_url.clone()),
            ("demo", (self.demo || self.no_demo).then(|| self.demo.to_string())),
        ];
        given.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }
}

/// Serves until SIGTERM or SIGINT, then drains and closes the store.
pub(super) async fn run(args: Args) -> Result<(), CommandError> {
    let config = args.place.configuration(&args.flags())?;
    logging::start(&config.log).map_err(CommandError::Usage)?;
    let data = store_location(&config).map_err(OpenError::from)?;
    for warning in private_files::warnings(&config) {
        tracing::warn!("{warning}");
    }
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut requested = pin!(async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    });
    let (config, listeners) = server::bind(config)?;
    tracing::info!(store = %data, "opening the store");
    // Building an index can take hours, and whatever is left half done is continued at the next start.
    let app = tokio::select! {
        app = open(config) => app?,
        () = &mut requested => {
            tracing::info!("stop requested before the store was open");
            return Ok(());
        }
    };
    tracing::info!(app = app.config.url, content = app.config.content_url, "listening");
    if !app.config.has_own_content_domain() {
        tracing::warn!(
            content = app.config.content_url,
            "content and the app seem to share a domain, so that cookies of content are not cleared between activities; give \
             content a domain of its own, and each registration a host of its own with a star: https://*.content.example"
        );
    }
    welcome(&app, &data)?;
    let (stopper, stop) = stopper();
    let requested = async {
        requested.await;
        tracing::info!("stop requested; letting requests in progress end");
        stopper.stop();
        Ok(())
    };
    let served = tokio::try_join!(server::run(&app, listeners, stop), requested);
    app.close().await?;
    served?;
    tracing::info!("stopped");
    Ok(())
}

/// Opens the store, and prepares it for a server.
async fn open(config: Config) -> Result<App, CommandError> {
    let app = App::open(config, Arc::new(SystemClock)).await?;
    installation::confirm_address(&app).await.map_err(CommandError::failed)?;
    prepare_keys(&app).await?;
    spool::sweep(&app.config.data)?;
    if app.config.demo {
        samples::load(&app).await.map_err(CommandError::failed)?;
    }
    Ok(app)
}

/// Makes the store keep its secrets as the configuration says.
async fn prepare_keys(app: &App) -> Result<(), CommandError> {
    let signing = keys::prepare(app).await.map_err(CommandError::failed)?;
    let content = content_key::prepare(app).await.map_err(CommandError::failed)?;
    if !signing && !content {
        return Ok(());
    }
    // The engine overwrites what it replaces; older versions are in its write-ahead log.
    if !app.scrub().await? {
        tracing::warn!("the store still has keys as they were, until it is next cleaned up");
    }
    tracing::info!(
        "keys are no longer stored in the clear; copies and backups from before still have them: `enduring key rotate` makes the \
         signing key in them useless"
    );
    Ok(())
}

/// Shows the person who started the server its addresses and where its data are.
fn welcome(app: &App, data: &impl Display) -> io::Result<()> {
    let config = &app.config;
    let mut out = io::stdout().lock();
    writeln!(out, "Enduring {} is ready at {}", env!("CARGO_PKG_VERSION"), config.url)?;
    writeln!(out, "  packages and player     {}", config.content_url)?;
    writeln!(out, "  data                    {data}")?;
    for (person, link) in demo::links(&config.url).filter(|_| config.demo) {
        writeln!(out, "  sign in as {person:<12} {link}")?;
    }
    writeln!(out)?;
    out.flush()
}
