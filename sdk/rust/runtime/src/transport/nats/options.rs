//! Options of a NATS connection, and the attempts to connect.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_nats::rustls;
use tokio::time::{Instant, sleep, timeout_at};

use super::address::Address;
use super::client::NatsTransport;
use super::credentials::Credentials;
use super::error::{ConnectError, ConnectErrorKind};
use super::notices::Notices;
use super::probe::other_protocol;
use super::reconnect::ReconnectPauses;
use crate::backoff::Backoff;
use crate::subject::{DEFAULT_INBOXES, Prefix};
use crate::transport::buffer::Limits;

/// The default timeout for connecting to each address of a server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The replacement for a limit that overflows the clock: 34 years.
const LONGEST: Duration = Duration::from_secs(1 << 30);

/// The first and the longest pause between attempts to reconnect.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(2)];

/// The default interval of pings. A dead connection is detected after three intervals.
const PING_INTERVAL: Duration = Duration::from_secs(10);

/// The shortest interval of pings; the client refuses an interval of zero.
const SHORTEST_PING_INTERVAL: Duration = Duration::from_millis(1);

/// The default limits of the messages that a subscription buffers.
const SUBSCRIPTION_LIMITS: Limits = Limits {
    messages: 262_144,
    bytes: 64 << 20,
};

/// The least number of messages in the channel between the client and the buffer of a subscription. The client does not
/// count the messages that it drops beyond this number, but the buffer does. No connection delivers as many messages
/// between two checks for slow readers.
const CHANNEL_CAPACITY: usize = 262_144;

/// The start of each section of a PEM file.
const PEM_MARK: &[u8] = b"-----BEGIN ";

/// The options of a NATS connection. Their `Debug` output contains no secret.
#[derive(Clone, Debug)]
#[must_use]
pub struct NatsOptions {
    servers: Vec<Result<Address, &'static str>>,
    credentials: Option<Credentials>,
    name: Option<String>,
    prefix: Option<String>,
    inbox_prefix: Option<String>,
    ping_interval: Duration,
    connect_timeout: Duration,
    wait: Option<Duration>,
    subscription_limits: Limits,
    root_certificates: Vec<PathBuf>,
    client_certificate: Option<(PathBuf, PathBuf)>,
    tls_first: bool,
}

impl NatsOptions {
    /// Creates options for `[nats://|tls://|ws://|wss://][user:password@|token@]host[:port]`, or for several such
    /// addresses, separated by commas. With `tls://`, each server must use TLS. Otherwise TLS is used if the server
    /// requires it. `ws://` and `wss://` are WebSocket connections; they need the feature `websockets`.
    pub fn new(url: &str) -> Self {
        Self {
            servers: url.split(',').map(str::parse).collect(),
            credentials: None,
            name: None,
            prefix: None,
            inbox_prefix: None,
            ping_interval: PING_INTERVAL,
            connect_timeout: CONNECT_TIMEOUT,
            wait: None,
            subscription_limits: SUBSCRIPTION_LIMITS,
            root_certificates: Vec::new(),
            client_certificate: None,
            tls_first: false,
        }
    }

    /// Adds a server of the same cluster.
    pub fn server(mut self, url: &str) -> Self {
        self.servers.push(url.parse());
        self
    }

    /// Sets user and password. They override the credentials in the URLs.
    pub fn user(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.credentials = Some(Credentials::User {
            name: name.into(),
            password: password.into(),
        });
        self
    }

    /// Sets the token. It overrides the credentials in the URLs.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.credentials = Some(Credentials::Token(token.into()));
        self
    }

    /// Sets the seed of the user's nkey, `SU…`. It overrides the credentials in the URLs. Needs the feature `nkeys`.
    pub fn nkey_seed(mut self, seed: impl Into<String>) -> Self {
        self.credentials = Some(Credentials::NkeySeed(seed.into()));
        self
    }

    /// Sets a credentials file, which holds the user's JWT and nkey seed. Each reconnection reads it again. It overrides
    /// the credentials in the URLs. Needs the feature `nkeys`.
    pub fn credentials_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.credentials = Some(Credentials::File(path.into()));
        self
    }

    /// Sets the name of the connection in the server's connection list.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the prefix of subjects instead of the prefix in the schema, like
    /// [`Connection::prefix`](crate::Connection::prefix). It has no effect on
    /// [`NatsOptions::connect_transport`].
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// Sets the leading tokens of the inboxes that this user may subscribe to. Default: the inboxes of the node's role,
    /// see [`Connection::identity`](crate::Connection::identity), and `_INBOX` for other clients. If the server denies the
    /// inbox, calls fail as denied. A server replies only to inboxes that begin with `_INBOX` or with the server's own
    /// inbox prefix, and to no inbox of a role that may not call the operation. So a caller's prefix should begin with
    /// `_INBOX`, e.g. `_INBOX_w1`.
    pub fn inbox_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.inbox_prefix = Some(prefix.into());
        self
    }

    /// Sets the interval of pings, at least 1 ms; default 10 s. A dead connection is detected after three intervals.
    pub fn ping_interval(mut self, interval: Duration) -> Self {
        self.ping_interval = interval.clamp(SHORTEST_PING_INTERVAL, LONGEST);
        self
    }

    /// Sets the timeout for connecting to each address of a server; default 5 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout.min(LONGEST);
        self
    }

    /// Waits up to `limit` for a server that is not started yet. Without this option, [`NatsOptions::connect`] fails
    /// after the first attempt. The pauses between attempts are 0.1, 0.2, 0.4 … 2 s, reduced by jitter. Permanent
    /// errors, such as a wrong password, still fail at once.
    pub fn wait(mut self, limit: Duration) -> Self {
        self.wait = Some(limit);
        self
    }

    /// Sets the number of messages that a subscription buffers; default 262,144. Further messages are dropped and
    /// reported as [`TransportEvent::Lost`](crate::transport::TransportEvent::Lost).
    pub fn subscription_capacity(mut self, messages: usize) -> Self {
        self.subscription_limits.messages = messages.max(1);
        self
    }

    /// Sets the number of bytes that a subscription buffers; default 64 MiB. A message counts with its subject, headers
    /// and payload, and with 256 bytes for its administration. Further messages are dropped and reported as
    /// [`TransportEvent::Lost`](crate::transport::TransportEvent::Lost). An empty buffer accepts a message of any size. The
    /// limit is enforced every 25 ms, so the traffic of 25 ms can exceed it.
    pub fn subscription_bytes(mut self, bytes: usize) -> Self {
        self.subscription_limits.bytes = bytes;
        self
    }

    /// Trusts the certificate authorities in this PEM file instead of the system's authorities.
    pub fn root_certificates(mut self, path: impl Into<PathBuf>) -> Self {
        self.root_certificates.push(path.into());
        self
    }

    /// Sets the client certificate and its key, each in a PEM file.
    pub fn client_certificate(
        mut self,
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Self {
        self.client_certificate = Some((certificate.into(), key.into()));
        self
    }

    /// Starts the TLS handshake before the server's greeting, for servers with the option `handshake_first`.
    pub fn tls_first(mut self) -> Self {
        self.tls_first = true;
        self
    }

    /// Validates the options without a connection: the addresses, the credentials and the files.
    ///
    /// # Errors
    /// If an option is invalid, or a file cannot be read.
    pub fn validate(&self) -> Result<(), ConnectError> {
        self.subject_prefix()?;
        self.client_options(&self.addresses()?).map(drop)
    }

    /// Connects the transport only, without calls, services and events.
    ///
    /// # Errors
    /// If no server can be reached, all servers refuse the credentials, or an option is invalid.
    pub async fn connect_transport(self) -> Result<NatsTransport, ConnectError> {
        let Some(limit) = self.wait else {
            return self.attempt().await;
        };
        let started = Instant::now();
        let deadline = started.checked_add(limit).unwrap_or(started + LONGEST);
        let mut backoff = Backoff::new(PAUSES[0], PAUSES[1]);
        let mut attempts = 0;
        let mut last = None;
        loop {
            attempts += 1;
            let error = match timeout_at(deadline, self.attempt()).await {
                Ok(Err(error)) if error.kind().is_passing() => error,
                Ok(ended) => return ended,
                // The error of an earlier attempt is more specific.
                Err(_) => {
                    let last = last.unwrap_or_else(|| ConnectError::timed_out(&self.servers));
                    return Err(last.after(limit, attempts));
                }
            };
            let pause = backoff.pause();
            if Instant::now() + pause >= deadline {
                return Err(error.after(limit, attempts));
            }
            tracing::info!(%error, ?pause, "no NATS server yet");
            last = Some(error);
            sleep(pause).await;
        }
    }

    async fn attempt(&self) -> Result<NatsTransport, ConnectError> {
        let servers = self.addresses()?;
        let notices = Arc::new(Notices::new());
        let options = self.client_options(&servers)?.event_callback({
            let notices = Arc::clone(&notices);
            move |event| {
                notices.handle(&event);
                std::future::ready(())
            }
        });
        let urls: Vec<_> = servers.iter().map(|server| server.url.as_str()).collect();
        let silent = async {
            if self.tls_first {
                std::future::pending::<()>().await;
            }
            other_protocol(&servers).await
        };
        tokio::select! {
            connected = options.connect(urls.as_slice()) => match connected {
                Ok(client) => Ok(NatsTransport::new(client, notices, self)),
                Err(error) => Err(ConnectError::from_client(&urls, error)),
            },
            expected = silent => Err(ConnectError::other_protocol(&urls, expected)),
        }
    }

    /// Returns the prefix of subjects, if it is set.
    pub(crate) fn subject_prefix(&self) -> Result<Option<Prefix>, ConnectError> {
        let prefix = self.prefix.as_deref().map(Prefix::parse).transpose();
        prefix.map_err(|_| ConnectError::bad_options("the prefix is no subject"))
    }

    pub(super) fn inbox_prefix_or_default(&self) -> &str {
        self.inbox_prefix.as_deref().unwrap_or(DEFAULT_INBOXES)
    }

    /// Returns true if the options set the prefix of inboxes.
    pub(crate) fn has_inbox_prefix(&self) -> bool {
        self.inbox_prefix.is_some()
    }

    pub(super) fn subscription_limits(&self) -> Limits {
        self.subscription_limits
    }

    fn addresses(&self) -> Result<Vec<Address>, ConnectError> {
        self.servers
            .iter()
            .cloned()
            .collect::<Result<_, _>>()
            .map_err(ConnectError::bad_options)
    }

    fn client_options(
        &self,
        servers: &[Address],
    ) -> Result<async_nats::ConnectOptions, ConnectError> {
        use_some_crypto();
        let inbox_prefix = self.inbox_prefix_or_default();
        Prefix::parse(inbox_prefix)
            .map_err(|_| ConnectError::bad_options("the inbox prefix is no subject"))?;
        let pauses = ReconnectPauses::new();
        let credentials = self.credentials(servers)?;
        let options = credentials.map_or_else(
            || Ok(async_nats::ConnectOptions::new()),
            Credentials::client_options,
        );
        let mut options = options?
            .custom_inbox_prefix(inbox_prefix)
            .ping_interval(self.ping_interval)
            .connection_timeout(self.connect_timeout)
            .subscription_capacity(self.subscription_limits.messages.max(CHANNEL_CAPACITY))
            .reconnect_delay_callback(move |attempt| {
                pauses.pause(attempt, std::time::Instant::now())
            })
            // The check of the runtime is stricter.
            .skip_subject_validation(true)
            // Without this option, the client would connect without TLS to other servers of the cluster, which are
            // announced without a scheme.
            .require_tls(servers.iter().any(Address::is_tls));
        if let Some(name) = &self.name {
            options = options.name(name);
        }
        for path in &self.root_certificates {
            options = options.add_root_certificates(readable(path)?);
        }
        if let Some((certificate, key)) = &self.client_certificate {
            options = options.add_client_certificate(readable(certificate)?, readable(key)?);
        }
        if self.tls_first {
            options = options.tls_first();
        }
        Ok(options)
    }

    /// The client has a single pair of credentials for all servers, so the URLs must agree.
    fn credentials(&self, servers: &[Address]) -> Result<Option<Credentials>, ConnectError> {
        if self.credentials.is_some() {
            return Ok(self.credentials.clone());
        }
        let mut named = servers
            .iter()
            .filter_map(|server| server.credentials.as_ref());
        let first = named.next();
        if named.any(|other| Some(other) != first) {
            return Err(ConnectError::bad_options(
                "the servers' URLs name different credentials",
            ));
        }
        Ok(first.cloned())
    }
}

/// Installs a crypto provider. rustls panics if the program has no provider, or several, and none is installed.
fn use_some_crypto() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Fails if another thread was faster; then its provider is used.
        drop(rustls::crypto::ring::default_provider().install_default());
    }
}

/// Checks that the PEM file is readable and not empty. The error of the client does not name the file, and an empty
/// file would mean that no authority is trusted.
fn readable(path: &Path) -> Result<PathBuf, ConnectError> {
    let failed = |why: &str, source: Option<Box<dyn Error + Send + Sync>>| {
        let text = format!("{} {why}", path.display());
        Err(ConnectError::new(ConnectErrorKind::Tls, text, source))
    };
    match std::fs::read(path) {
        Ok(pem) if pem.windows(PEM_MARK.len()).any(|window| window == PEM_MARK) => {
            Ok(path.to_owned())
        }
        Ok(_) => failed("is no PEM file", None),
        Err(error) => failed("cannot be read", Some(Box::new(error))),
    }
}
