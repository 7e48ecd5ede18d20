//! How to connect to NATS, and why that may fail.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_nats::rustls;
use tokio::time::{Instant, sleep, timeout_at};

use super::NatsTransport;
use super::address::{Address, Credentials};
use super::error::{ConnectError, ConnectErrorKind};
use super::notices::Notices;
use crate::backoff::Backoff;
use crate::subject::Prefix;

/// How long to wait for a server, with each of its addresses.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Stands for a limit beyond what the clock can tell: 34 years.
const LONGEST: Duration = Duration::from_secs(1 << 30);

/// The first pause before connecting again, and the longest.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(2)];

/// A connection whose other side is gone without a word is noticed after three of these.
const PING_INTERVAL: Duration = Duration::from_secs(10);

/// How many messages a subscription keeps for its reader.
const SUBSCRIPTION_CAPACITY: usize = 262_144;

/// What begins each part of a PEM file.
const PEM_MARK: &[u8] = b"-----BEGIN ";

/// How to connect to NATS. Its `Debug` shows no secret.
#[derive(Clone, Debug)]
#[must_use]
pub struct NatsOptions {
    servers: Vec<Result<Address, &'static str>>,
    credentials: Option<Credentials>,
    name: Option<String>,
    prefix: Option<String>,
    inbox_prefix: String,
    ping_interval: Duration,
    connect_timeout: Duration,
    wait: Option<Duration>,
    subscription_capacity: usize,
    root_certificates: Vec<PathBuf>,
    client_certificate: Option<(PathBuf, PathBuf)>,
}

impl NatsOptions {
    /// Connects to `[nats://|tls://][user:password@|token@]host[:port]`, or to one of several, separated by commas.
    /// `tls://` insists on TLS with every server; without it TLS is used where the server asks for it.
    pub fn new(url: &str) -> Self {
        Self {
            servers: url.split(',').map(str::parse).collect(),
            credentials: None,
            name: None,
            prefix: None,
            inbox_prefix: "_INBOX".to_owned(),
            ping_interval: PING_INTERVAL,
            connect_timeout: CONNECT_TIMEOUT,
            wait: None,
            subscription_capacity: SUBSCRIPTION_CAPACITY,
            root_certificates: Vec::new(),
            client_certificate: None,
        }
    }

    /// One more server of the same cluster.
    pub fn server(mut self, url: &str) -> Self {
        self.servers.push(url.parse());
        self
    }

    /// Connects as this user, whatever the URLs say.
    pub fn user(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.credentials = Some(Credentials::User {
            name: name.into(),
            password: password.into(),
        });
        self
    }

    /// Connects with this token, whatever the URLs say.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.credentials = Some(Credentials::Token(token.into()));
        self
    }

    /// The name under which the server lists the connection.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// What subjects begin with in place of what the schema says, as with [`Connection::with_prefix`](crate::Connection::with_prefix); without effect on
    /// [`NatsOptions::connect_transport`].
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// The first tokens of the inboxes that this user may subscribe to, `_INBOX` unless given. With one that the
    /// server forbids, calls fail as denied. Servers answer only to inboxes that begin with `_INBOX` or with their own
    /// prefix, so a caller's had better begin with `_INBOX`, as in `_INBOX_w1`.
    pub fn inbox_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.inbox_prefix = prefix.into();
        self
    }

    /// How often to ask whether the server is still there, 10 seconds unless given. A connection that died without a
    /// word is noticed after three of these.
    pub fn ping_interval(mut self, interval: Duration) -> Self {
        self.ping_interval = interval;
        self
    }

    /// How long to wait for each server's address when connecting, 5 seconds unless given.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Waits up to `limit` for a server that is not up yet, where [`NatsOptions::connect`] would else fail at once. It
    /// tries again after 0.1, 0.2, 0.4 … 2 seconds, less some by chance; what no waiting will mend, such as a wrong
    /// password, fails at once still.
    pub fn wait(mut self, limit: Duration) -> Self {
        self.wait = Some(limit);
        self
    }

    /// How many messages a subscription keeps for its reader, 262,144 unless given; what does not fit is lost and told.
    pub fn subscription_capacity(mut self, messages: usize) -> Self {
        self.subscription_capacity = messages.max(1);
        self
    }

    /// Trusts the certificate authorities in this PEM file instead of the system's.
    pub fn root_certificates(mut self, path: impl Into<PathBuf>) -> Self {
        self.root_certificates.push(path.into());
        self
    }

    /// Shows the certificate in a PEM file, with the key in another.
    pub fn client_certificate(
        mut self,
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Self {
        self.client_certificate = Some((certificate.into(), key.into()));
        self
    }

    /// Connects without anything on top: for what is not a call, a service or an event.
    ///
    /// # Errors
    /// When no server can be reached, all refuse the credentials, or an option makes no sense.
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
                // What the attempts before ended with says more.
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
                notices.take(&event);
                std::future::ready(())
            }
        });
        let urls: Vec<_> = servers.iter().map(|server| server.url.as_str()).collect();
        match options.connect(urls.as_slice()).await {
            Ok(client) => Ok(NatsTransport::new(
                client,
                notices,
                self.inbox_prefix.clone(),
            )),
            Err(error) => Err(ConnectError::from_client(&urls, error)),
        }
    }

    /// The prefix of subjects, if one is set.
    pub(crate) fn subject_prefix(&self) -> Result<Option<Prefix>, ConnectError> {
        let prefix = self.prefix.as_deref().map(Prefix::parse).transpose();
        prefix.map_err(|_| ConnectError::bad_options("the prefix is no subject"))
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
        Prefix::parse(&self.inbox_prefix)
            .map_err(|_| ConnectError::bad_options("the inbox prefix is no subject"))?;
        let mut options = async_nats::ConnectOptions::new()
            .custom_inbox_prefix(&self.inbox_prefix)
            .ping_interval(self.ping_interval)
            .connection_timeout(self.connect_timeout)
            .subscription_capacity(self.subscription_capacity)
            // Ours is stricter.
            .skip_subject_validation(true)
            // Else a cluster's other servers, which are announced without a scheme, would be talked to in the clear.
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
        Ok(match self.credentials(servers)? {
            None => options,
            Some(Credentials::User { name, password }) => options.user_and_password(name, password),
            Some(Credentials::Token(token)) => options.token(token),
        })
    }

    /// The client has one pair for all servers, so the URLs have to agree.
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

/// rustls panics where a program was built with none or with more than one provider and installed none.
fn use_some_crypto() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // An error says that somebody else was faster, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
    }
}

/// A PEM file that can be read and holds something: the client's own error does not name it, and with an empty one it
/// would trust nobody.
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
