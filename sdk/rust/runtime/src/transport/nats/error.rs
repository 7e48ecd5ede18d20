//! Errors of connecting.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use async_nats::rustls;

use super::address::Address;

/// The reason why no connection was established. It contains no secret.
#[derive(Debug)]
pub struct ConnectError {
    kind: ConnectErrorKind,
    text: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// The kind of a [`ConnectError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectErrorKind {
    /// An option or a URL is invalid.
    BadOptions,
    /// The host name cannot be resolved.
    Unresolved,
    /// No server answers at the address, or the answer is not the NATS protocol.
    Unreachable,
    /// The server did not answer within the timeout.
    TimedOut,
    /// The server refused the user, password or token.
    Denied,
    /// TLS failed: a file is missing, or a peer does not trust the certificate of the other peer.
    Tls,
}

impl ConnectErrorKind {
    /// Returns true if a server that is not started or not reachable yet can cause this error.
    #[must_use]
    pub const fn is_passing(self) -> bool {
        matches!(self, Self::Unresolved | Self::Unreachable | Self::TimedOut)
    }
}

impl ConnectError {
    /// Returns the kind of the error.
    #[must_use]
    pub fn kind(&self) -> ConnectErrorKind {
        self.kind
    }

    pub(super) fn new(
        kind: ConnectErrorKind,
        text: String,
        source: Option<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self { kind, text, source }
    }

    pub(super) fn bad_options(reason: &'static str) -> Self {
        Self {
            kind: ConnectErrorKind::BadOptions,
            text: reason.to_owned(),
            source: None,
        }
    }

    pub(super) fn timed_out(servers: &[Result<Address, &'static str>]) -> Self {
        let urls: Vec<_> = servers
            .iter()
            .flatten()
            .map(|server| server.url.as_str())
            .collect();
        let kind = ConnectErrorKind::TimedOut;
        Self::new(kind, text(&urls, kind), None)
    }

    /// Adds the number of attempts and the time limit to the error of the last attempt.
    pub(super) fn after(self, limit: Duration, attempts: u32) -> Self {
        let text = format!(
            "no connection within {limit:?}, {attempts} attempts: {}",
            self.text
        );
        Self { text, ..self }
    }

    pub(super) fn from_client(urls: &[&str], error: async_nats::ConnectError) -> Self {
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
        Self::new(kind, text(urls, kind), Some(Box::new(error)))
    }
}

fn text(urls: &[&str], kind: ConnectErrorKind) -> String {
    let why = match kind {
        ConnectErrorKind::BadOptions => "the URL makes no sense",
        ConnectErrorKind::Unresolved => "the name is unknown",
        ConnectErrorKind::Unreachable => "no NATS server answers there",
        ConnectErrorKind::TimedOut => "the server took too long",
        ConnectErrorKind::Denied => "the server refused the credentials",
        ConnectErrorKind::Tls => "TLS failed",
    };
    format!("cannot connect to {}: {why}", urls.join(", "))
}

/// A failed TLS handshake is an I/O error that wraps a rustls error.
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
