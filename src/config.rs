//! One typed configuration: defaults < `enduring.toml` < `ENDURING_*` < flags.
//!
//! `src/config.default.toml` is its documentation and its parsed default. [`Config::load`] merges the layers
//! and checks the whole; an error names the layer that has the invalid value.

mod issuers;
mod layers;
mod locale;
mod secrets;
mod store_file;

use actix_web::http::header::HeaderName;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

pub use issuers::{Algorithm, Issuer, is_safe};
pub use layers::Source;
pub use locale::Locale;
pub use secrets::{Secret, read_secret, too_open};
pub use store_file::store_in;

/// The file that is read if no other is named.
const FILE: &str = "enduring.toml";
/// The variable that names another file.
const FILE_VARIABLE: &str = "ENDURING_CONFIG";
/// The least that `limits.body_bytes` may be.
const SMALLEST_BODY: usize = 1024;
/// What a person may be.
const ROLES: [&str; 3] = ["learner", "designer", "coordinator"];
/// The least that `limits.bodies_bytes` may be: the largest JSON body of the API.
const SMALLEST_BODIES: usize = 4 << 20;
/// The longest `provider.id`, in bytes.
const LONGEST_PROVIDER_ID: usize = 64;
/// The most that `play.launch_hours` may be.
const LONGEST_LAUNCH: u16 = 168;
/// The least that `retention.years` may be.
const FEWEST_YEARS: u16 = 6;

/// Everything that an operator configures.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The directory of the embedded store, and of files that are on their way into any store.
    pub data: PathBuf,
    /// The URL of a MongoDB replica set and database; empty for the embedded store. Also set when it comes from `store_file`.
    pub store: String,
    /// The file that `store` was read from; empty if it was set directly.
    pub store_file: PathBuf,
    /// The file with the key that signs the ledger; empty if the store has it.
    pub signing_key_file: PathBuf,
    /// The key that wraps private keys in the store, in base64; empty for none. Also set when it comes from its file.
    pub key_wrapping_key: Secret,
    /// The file that `key_wrapping_key` was read from; empty if it was set directly.
    pub key_wrapping_key_file: PathBuf,
    /// The configuration file, if it has secrets.
    #[serde(skip)]
    pub file_with_secrets: Option<PathBuf>,
    /// The app: pages, API and xAPI.
    pub listen: SocketAddr,
    /// The content origin.
    pub content_listen: SocketAddr,
    /// How browsers reach the app; no slash at the end. If it is not configured, empty until [`Config::at_ports`].
    pub url: String,
    /// How browsers reach the content origin; no slash at the end, another host name than `url`.
    pub content_url: String,
    /// Further host names, perhaps with a port, that the app responds under, such as the one by which a proxy calls it.
    pub hosts: Vec<String>,
    /// Whether there are sample activities and one-click sign-in links.
    pub demo: bool,
    /// Threads that handle requests, for each origin; 0 for as many as the machine has processors.
    pub workers: usize,
    pub provider: ProviderConfig,
    pub xapi: XapiConfig,
    pub reports: ReportsConfig,
    pub certificates: CertificatesConfig,
    pub cors: CorsConfig,
    pub play: PlayConfig,
    pub retention: RetentionConfig,
    pub limits: LimitsConfig,
    pub log: LogConfig,
    /// Portals whose signed launch tokens sign people in.
    pub portals: Vec<Portal>,
    /// Issuers of bearer tokens for programs.
    pub issuers: Vec<Issuer>,
}

/// The accredited provider that this server works for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// Its short name, by which the store knows it.
    pub id: String,
    /// As certificates show it.
    pub name: String,
    /// IANA name of the time zone in which completion dates are computed.
    pub time_zone: String,
    /// How pages and certificates write dates, times and numbers.
    pub locale: Locale,
}

/// The xAPI endpoint.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct XapiConfig {
    /// The version assumed, and used for the response, when a request names none: `1.0.3` or `2.0.0`.
    pub default_version: String,
    /// Whether a reader of 1.0.3 gets statements of 2.0 without the properties that 1.0.3 does not know.
    pub hand_down: bool,
    /// The file of the authorities that signers of statements must lead to, in PEM; empty if any signer is accepted.
    pub trust_anchors: PathBuf,
}

/// Settings for reporting tools.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportsConfig {
    /// How often a live stream without news sends a heartbeat, in seconds.
    pub heartbeat_seconds: u64,
    /// The most statements that one request for an aggregate reads.
    pub most_counted: u64,
}

/// How certificates are set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificatesConfig {
    /// Font files for scripts that no font in the program has.
    pub fonts: Vec<PathBuf>,
}

/// Who may call from a browser.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorsConfig {
    /// Origins whose pages may call `/xapi` and `/api/v1`, as browsers write them.
    pub origins: Vec<String>,
}

/// How packages are played.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlayConfig {
    /// How long a launch lives, whatever happens in it.
    pub launch_hours: u16,
}

impl PlayConfig {
    /// The absolute life of a launch.
    pub fn life(&self) -> jiff::SignedDuration {
        jiff::SignedDuration::from_hours(self.launch_hours.into())
    }
}

/// How long evidence is retained for auditors of the provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionConfig {
    /// From the later of completion and expiration.
    pub years: u16,
    /// How long entries of the audit trail are kept.
    pub audit_days: u32,
}

/// Limits on requests.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    /// By one credential, or by one subject of an issuer's tokens; 0 for no limit.
    pub requests_per_second: u32,
    /// How many of them may come at once; 0 for as many as in a second.
    pub burst: u32,
    /// Failed attempts to authenticate from one address; 0 for no limit.
    pub failures_per_minute: u32,
    /// The header in which a proxy in front gives the client's address; empty if there is none.
    pub address_header: String,
    /// The most bytes of JSON, or of a document, in one request to `/xapi`.
    pub body_bytes: usize,
    /// How many live streams one caller may have open; 0 for no limit.
    pub streams_per_caller: u32,
    /// How many sign-ins by a portal from one address, and launches by one caller, per minute; 0 for no limit.
    pub launches_per_minute: u32,
    /// How many requests one load of the player, or one launch address, may send per minute; 0 for no limit.
    pub play_per_minute: u32,
    /// The most statements in one request.
    pub statements_per_batch: usize,
    /// The most bytes of request bodies that are in memory at the same time, of all requests together.
    pub bodies_bytes: usize,
}

/// What the server logs, and in which form.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    pub format: LogFormat,
    /// Directives of `tracing_subscriber::EnvFilter`.
    pub level: String,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Pretty on a terminal, JSON elsewhere.
    Auto,
    Pretty,
    Json,
}

/// The issuer of the demonstration's accounts.
pub const DEMO_ISSUER: &str = "demo";

/// The issuer of the accounts of learners whom a program registers.
pub const API_ISSUER: &str = "api";

/// A portal that signs people in by JWT.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Portal {
    /// The `iss` of its tokens.
    pub issuer: String,
    /// `HS256` with a shared secret of at least 32 bytes, or `RS256`, `ES256`, `EdDSA` with its public key in PEM.
    pub algorithm: String,
    pub key: String,
    /// The most that its tokens make of a person: `learner`, `designer`, `coordinator`.
    #[serde(default = "every_role")]
    pub roles: Vec<String>,
}

/// What a portal may make of a person if nothing is said.
fn every_role() -> Vec<String> {
    ROLES.map(str::to_owned).to_vec()
}

/// Why a configuration is rejected.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("{place} cannot be used: {reason}")]
    Bad { place: Source, reason: String },
    #[error("{0} is not a setting of Enduring; remove it, or see src/config.default.toml for the names that are")]
    UnknownVariable(String),
    #[error("the configuration file {path} cannot be read: {reason}")]
    Unreadable { path: String, reason: String },
    #[error("{key} cannot be used: {reason}")]
    Refused { key: &'static str, reason: String },
    /// The error never contains the text of the file, because that has a password.
    #[error("the file {path}, which should hold the URL of a store, cannot be used: {reason}")]
    StoreFile { path: String, reason: String },
}

impl ConfigError {
    fn bad(place: &Source, reason: &impl ToString) -> Self {
        Self::Bad { place: place.clone(), reason: reason.to_string().trim_end().to_owned() }
    }

    fn refused(key: &'static str, reason: impl Into<String>) -> Self {
        Self::Refused { key, reason: reason.into() }
    }
}

impl Config {
    /// Merges all layers and checks the result. `file` is the file that a flag names; `flags` are keys of
    /// the top level with their values.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: &[(&str, String)],
    ) -> Result<Self, ConfigError> {
        let environment: Vec<_> = environment.into_iter().collect();
        let mut layers = layers::Layers::new()?;
        let mut file_with_secrets = None;
        if let Some((path, text)) = read_file(file, &environment)?
            && layers.file(&Source::File(path.clone()), &text)?
        {
            file_with_secrets = Some(PathBuf::from(path));
        }
        layers.environment(environment)?;
        for (key, text) in flags {
            layers.flag(key, text)?;
        }
        let (mut config, configured) = layers.finish();
        config.file_with_secrets = file_with_secrets;
        config.read_store_file()?;
        config.read_wrapping_key()?;
        config.check(&configured)?;
        Ok(config)
    }

    /// The configuration of a server whose listeners have these ports: fills in the addresses that are not configured.
    pub fn at_ports(mut self, app: u16, content: u16) -> Self {
        self.listen.set_port(app);
        self.content_listen.set_port(content);
        if self.url.is_empty() {
            self.url = format!("http://localhost:{app}");
        }
        if self.content_url.is_empty() {
            self.content_url = format!("http://127.0.0.1:{content}");
        }
        self
    }

    /// The content origin whose host begins with `label`, if each registration has a host of its own; else the one that all share.
    pub fn content_origin(&self, label: &str) -> String {
        self.content_url.replacen('*', label, 1)
    }

    /// Whether content has a domain of its own, so that clearing the cookies of that domain signs nobody out of the app.
    pub fn has_own_content_domain(&self) -> bool {
        match (host_of(&self.url), host_of(&self.content_url)) {
            (Some(app), Some(content)) => domain_of(&app) != domain_of(&content),
            _ => false,
        }
    }

    fn check(&self, configured: &BTreeSet<String>) -> Result<(), ConfigError> {
        self.check_urls()?;
        if self.data.to_string_lossy().contains(":/") {
            return Err(ConfigError::refused(
                "data",
                "this must be a directory; set store or store_file to use a database",
            ));
        }
        if self.demo && !configured.contains("demo") && self.is_public() {
            return Err(ConfigError::refused(
                "demo",
                "others can reach this server, and demonstration links would let anyone sign in; \
                 start it with --no-demo, or with --demo if that is what you want",
            ));
        }
        self.check_provider()?;
        if !["1.0.3", "2.0.0"].contains(&self.xapi.default_version.as_str()) {
            return Err(ConfigError::refused("xapi.default_version", "write 1.0.3 or 2.0.0"));
        }
        if !(1..=300).contains(&self.reports.heartbeat_seconds) {
            return Err(ConfigError::refused("reports.heartbeat_seconds", "write a number from 1 to 300"));
        }
        if self.reports.most_counted == 0 {
            return Err(ConfigError::refused("reports.most_counted", "write a number of at least 1"));
        }
        if !(1..=LONGEST_LAUNCH).contains(&self.play.launch_hours) {
            let reason = format!("write a number of hours from 1 to {LONGEST_LAUNCH}");
            return Err(ConfigError::refused("play.launch_hours", reason));
        }
        if self.retention.years < FEWEST_YEARS {
            let reason =
                format!("accreditors require attendance records for {FEWEST_YEARS} years; write at least that");
            return Err(ConfigError::refused("retention.years", reason));
        }
        if !(1..=36_600).contains(&self.retention.audit_days) {
            return Err(ConfigError::refused("retention.audit_days", "write a number from 1 to 36600"));
        }
        self.portals.iter().try_for_each(Portal::check)?;
        self.check_origins()?;
        self.check_hosts()?;
        self.limits.check()?;
        issuers::check(self)
    }

    /// Whether other machines are expected to reach the server.
    pub fn is_public(&self) -> bool {
        let local = |host: &str| ["localhost", "127.0.0.1", "[::1]"].contains(&host) || host.ends_with(".localhost");
        !self.listen.ip().is_loopback()
            || !self.content_listen.ip().is_loopback()
            || host_of(&self.url).is_some_and(|host| !local(&host))
    }

    fn check_urls(&self) -> Result<(), ConfigError> {
        let listeners = [("url", &self.url, self.listen), ("content_url", &self.content_url, self.content_listen)];
        for (key, url, listen) in listeners {
            if url.is_empty() && !listen.ip().is_loopback() {
                return Err(ConfigError::refused(
                    key,
                    format!("give the address at which browsers reach the server at {listen}"),
                ));
            }
            if !url.is_empty() && !host_of(url).is_some_and(|host| is_name_for(key, &host)) {
                let reason = format!("write scheme, host and port only, as in https://cme.example.org, not {url:?}");
                return Err(ConfigError::refused(key, reason));
            }
        }
        let ready = self.clone().at_ports(self.listen.port(), self.content_listen.port());
        if host_of(&ready.url) == host_of(&ready.content_url) {
            return Err(ConfigError::refused(
                "content_url",
                "its host name must differ from that of url, since cookies do not keep ports apart and uploaded content \
                 must never see a sign-in",
            ));
        }
        Ok(())
    }

    fn check_origins(&self) -> Result<(), ConfigError> {
        let plain = |origin: &&String| host_of(origin).is_some() && **origin == origin.to_lowercase();
        match self.cors.origins.iter().find(|origin| !plain(origin)) {
            Some(other) => Err(ConfigError::refused(
                "cors.origins",
                format!(
                    "write scheme, host and port only, in lower case, as in https://lms.example.org, not {other:?}"
                ),
            )),
            None => Ok(()),
        }
    }

    fn check_hosts(&self) -> Result<(), ConfigError> {
        let plain = |host: &&String| host_of(&format!("http://{host}")).is_some();
        match self.hosts.iter().find(|host| !plain(host)) {
            Some(other) => {
                let reason =
                    format!("write a host name, with its port if it has one, as in lrs.internal:8080, not {other:?}");
                Err(ConfigError::refused("hosts", reason))
            }
            None => Ok(()),
        }
    }

    fn check_provider(&self) -> Result<(), ConfigError> {
        let id = &self.provider.id;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if id.is_empty() || id.len() > LONGEST_PROVIDER_ID || !id.chars().all(plain) {
            let reason = format!("write 1 to {LONGEST_PROVIDER_ID} lower-case letters, digits and hyphens, not {id:?}");
            return Err(ConfigError::refused("provider.id", reason));
        }
        let zone = &self.provider.time_zone;
        match jiff::tz::TimeZone::get(zone) {
            Ok(_) => Ok(()),
            Err(_) => Err(ConfigError::refused(
                "provider.time_zone",
                format!("{zone:?} is not a time zone; write an IANA name such as America/New_York"),
            )),
        }
    }
}

impl LimitsConfig {
    fn check(&self) -> Result<(), ConfigError> {
        let header = &self.address_header;
        if !header.is_empty() && HeaderName::try_from(header.as_str()).is_err() {
            let reason = format!("{header:?} is not a header name; write one such as X-Forwarded-For");
            return Err(ConfigError::refused("limits.address_header", reason));
        }
        if self.burst > 0 && self.requests_per_second == 0 {
            return Err(ConfigError::refused("limits.burst", "set limits.requests_per_second too, or leave both 0"));
        }
        if self.body_bytes < SMALLEST_BODY {
            let reason = format!("write at least {SMALLEST_BODY}; otherwise no statement fits");
            return Err(ConfigError::refused("limits.body_bytes", reason));
        }
        if self.bodies_bytes < self.body_bytes.max(SMALLEST_BODIES) {
            let reason = format!("write at least {SMALLEST_BODIES}, and at least as much as limits.body_bytes");
            return Err(ConfigError::refused("limits.bodies_bytes", reason));
        }
        if self.statements_per_batch == 0 {
            return Err(ConfigError::refused("limits.statements_per_batch", "write a number of at least 1"));
        }
        Ok(())
    }
}

impl Portal {
    fn check(&self) -> Result<(), ConfigError> {
        let issuer = &self.issuer;
        if [DEMO_ISSUER, API_ISSUER].contains(&issuer.as_str()) {
            let reason = format!("this server uses the name {issuer:?} itself; choose another name for the portal");
            return Err(ConfigError::refused("portals.issuer", reason));
        }
        if self.roles.is_empty() || self.roles.iter().any(|role| !ROLES.contains(&role.as_str())) {
            let reason = format!("write one or more of {}", ROLES.join(", "));
            return Err(ConfigError::refused("portals.roles", reason));
        }
        match self.algorithm.as_str() {
            "HS256" if self.key.len() < 32 => Err(ConfigError::refused(
                "portals.key",
                format!("the secret shared with {issuer} is shorter than 32 bytes; make a longer one"),
            )),
            "RS256" | "ES256" | "EdDSA" if !self.key.contains("-----BEGIN PUBLIC KEY-----") => {
                Err(ConfigError::refused("portals.key", format!("write the public key of {issuer} in PEM")))
            }
            "HS256" | "RS256" | "ES256" | "EdDSA" => Ok(()),
            other => Err(ConfigError::refused(
                "portals.algorithm",
                format!("{other:?} is not one of HS256, RS256, ES256 and EdDSA"),
            )),
        }
    }
}

/// The lower-case host of `https://host[:port]`, or `None` when `url` is anything else.
fn host_of(url: &str) -> Option<String> {
    let uri: actix_web::http::Uri = url.parse().ok()?;
    let plain = matches!(uri.scheme_str(), Some("http" | "https")) && !url.ends_with('/') && uri.path() == "/";
    (plain && uri.query().is_none()).then(|| uri.host().map(str::to_lowercase)).flatten()
}

/// The part of a host name that its owner registers, as nearly as two labels tell: for a suffix of two labels, such as `co.uk`,
/// they tell of strangers that they are one. An address, and a name below `localhost`, is its own.
fn domain_of(host: &str) -> String {
    let is_address = host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok();
    let labels: Vec<&str> = host.split('.').collect();
    match labels.as_slice() {
        [.., first, last] if !is_address && *last != "localhost" => format!("{first}.{last}"),
        _ => host.to_owned(),
    }
}

/// Whether a host name may be configured: only that of content may have a star, as its whole first label.
fn is_name_for(key: &str, host: &str) -> bool {
    let named = if key == "content_url" { host.strip_prefix("*.").unwrap_or(host) } else { host };
    !named.contains('*')
}

/// The configuration file and its text. One that is named must exist; the default one may be absent.
fn read_file(flag: Option<&Path>, environment: &[(String, String)]) -> Result<Option<(String, String)>, ConfigError> {
    let variable = environment.iter().find(|(name, _)| name == FILE_VARIABLE).map(|(_, value)| Path::new(value));
    let named = flag.or(variable);
    let path = named.unwrap_or(Path::new(FILE));
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some((path.display().to_string(), text))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => Ok(None),
        Err(error) => Err(ConfigError::Unreadable { path: path.display().to_string(), reason: error.to_string() }),
    }
}

#[cfg(test)]
mod tests;
