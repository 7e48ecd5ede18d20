//! How to connect to NATS, and why that may fail.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_nats::rustls;

use super::NatsTransport;
use super::address::{Address, Credentials};
use super::notices::Notices;
use crate::connection::Connection;
use crate::subject::Prefix;

/// How long to wait for a server, with each of its addresses.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

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
    inbox_prefix: String,
    ping_interval: Duration,
    connect_timeout: Duration,
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
            inbox_prefix: "_INBOX".to_owned(),
            ping_interval: PING_INTERVAL,
            connect_timeout: CONNECT_TIMEOUT,
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

    /// Connects. From then on the connection restores itself, for as long as it takes.
    ///
    /// # Errors
    /// When no server can be reached, all refuse the credentials, or an option makes no sense.
    pub async fn connect(self) -> Result<Connection, ConnectError> {
        Ok(Connection::over(self.connect_transport().await?))
    }

    /// Connects without anything on top: for what is not a call, a service or an event.
    ///
    /// # Errors
    /// When no server can be reached, all refuse the credentials, or an option makes no sense.
    pub async fn connect_transport(self) -> Result<NatsTransport, ConnectError> {
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
            Ok(client) => Ok(NatsTransport::new(client, notices, self.inbox_prefix)),
            Err(error) => Err(ConnectError::from_client(&urls, error)),
        }
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

impl Connection {
    /// Connects to NATS with defaults: see [`NatsOptions::new`] for what `url` may be.
    ///
    /// # Errors
    /// When no server can be reached, all refuse the credentials, or `url` is none.
    pub async fn nats(url: &str) -> Result<Self, ConnectError> {
        NatsOptions::new(url).connect().await
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
        Err(ConnectError {
            kind: ConnectErrorKind::Tls,
            text,
            source,
        })
    };
    match std::fs::read(path) {
        Ok(pem) if pem.windows(PEM_MARK.len()).any(|window| window == PEM_MARK) => {
            Ok(path.to_owned())
        }
        Ok(_) => failed("is no PEM file", None),
        Err(error) => failed("cannot be read", Some(Box::new(error))),
    }
}

/// Why no connection was made. It contains no secret.
#[derive(Debug)]
pub struct ConnectError {
    kind: ConnectErrorKind,
    text: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What kept a connection from being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectErrorKind {
    /// An option or a URL makes no sense.
    BadOptions,
    /// The server's name is unknown.
    Unresolved,
    /// Nothing answers there, or not as a NATS server would.
    Unreachable,
    /// The server took too long.
    TimedOut,
    /// The server refused the user, password or token.
    Denied,
    /// TLS failed: a file is missing, or one side does not trust the other.
    Tls,
}

impl ConnectError {
    /// What kept the connection from being made.
    #[must_use]
    pub fn kind(&self) -> ConnectErrorKind {
        self.kind
    }

    fn bad_options(reason: &'static str) -> Self {
        Self {
            kind: ConnectErrorKind::BadOptions,
            text: reason.to_owned(),
            source: None,
        }
    }

    fn from_client(urls: &[&str], error: async_nats::ConnectError) -> Self {
        use async_nats::ConnectErrorKind as Client;
        let kind = match error.kind() {
            Client::ServerParse => ConnectErrorKind::BadOptions,
            Client::Dns => ConnectErrorKind::Unresolved,
            Client::Authentication | Client::AuthorizationViolation => ConnectErrorKind::Denied,
            Client::TimedOut => ConnectErrorKind::TimedOut,
            Client::Tls => ConnectErrorKind::Tls,
            Client::Io | Client::MaxReconnects if is_tls(&error) => ConnectErrorKind::Tls,
            Client::Io | Client::MaxReconnects => ConnectErrorKind::Unreachable,
        };
        let why = match kind {
            ConnectErrorKind::BadOptions => "the URL makes no sense",
            ConnectErrorKind::Unresolved => "the name is unknown",
            ConnectErrorKind::Unreachable => "no NATS server answers there",
            ConnectErrorKind::TimedOut => "the server took too long",
            ConnectErrorKind::Denied => "the server refused the credentials",
            ConnectErrorKind::Tls => "TLS failed",
        };
        let text = format!("cannot connect to {}: {why}", urls.join(", "));
        Self {
            kind,
            text,
            source: Some(Box::new(error)),
        }
    }
}

/// A failed handshake comes as an I/O error around one of rustls.
fn is_tls(error: &async_nats::ConnectError) -> bool {
    let io = error
        .source()
        .and_then(|source| source.downcast_ref::<std::io::Error>());
    io.and_then(std::io::Error::get_ref)
        .is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>)
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for ConnectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}
