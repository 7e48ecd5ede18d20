//! Errors of connecting.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use async_nats::rustls;

use super::address::Address;
use super::probe::Expected;

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
    /// The server refused the credentials, or they have expired.
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

    /// The port expects another protocol than NATS.
    pub(super) fn other_protocol(urls: &[&str], expected: Expected) -> Self {
        let (kind, why) = match expected {
            Expected::TlsFirst => (
                ConnectErrorKind::Tls,
                "the server expects the TLS handshake first; set the option `tls_first`",
            ),
            Expected::WebSocket => (
                ConnectErrorKind::Unreachable,
                "the port expects HTTP; use a ws:// URL, or the port for NATS clients",
            ),
        };
        let text = format!("cannot connect to {}: {why}", urls.join(", "));
        Self::new(kind, text, None)
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
            Client::Io | Client::MaxReconnects if is_denial(&error) => ConnectErrorKind::Denied,
            Client::Io | Client::MaxReconnects => ConnectErrorKind::Unreachable,
        };
        Self::new(kind, text(urls, kind), Some(Box::new(error)))
    }
}

fn text(urls: &[&str], kind: ConnectErrorKind) -> String {
    let why = match kind {
        ConnectErrorKind::BadOptions => "the URL is invalid; write `nats://host:4222`",
        ConnectErrorKind::Unresolved => "the host name is unknown; correct the URL",
        ConnectErrorKind::Unreachable => "no NATS server answers there",
        ConnectErrorKind::TimedOut => {
            "the server did not answer in time; check the address and `connect_timeout`"
        }
        ConnectErrorKind::Denied => {
            "the server refused the credentials; check that they belong to this server and have not expired"
        }
        ConnectErrorKind::Tls => {
            "TLS failed; check the trusted authorities, the certificates, and that the port uses TLS"
        }
    };
    format!("cannot connect to {}: {why}", urls.join(", "))
}

/// The client reports some denials as I/O errors, e.g. that a JWT has expired.
fn is_denial(error: &async_nats::ConnectError) -> bool {
    let source = error.source();
    let server = source.and_then(|source| source.downcast_ref::<async_nats::ServerError>());
    server.is_some_and(|error| error.to_string().to_lowercase().contains("authentication"))
}

/// A failed TLS handshake is an I/O error that wraps a rustls error. The error of a WebSocket wraps the I/O error.
fn is_tls(error: &async_nats::ConnectError) -> bool {
    let first = error.source();
    std::iter::successors(first, |error| (**error).source()).any(|error| {
        let io = error.downcast_ref::<std::io::Error>();
        error.is::<rustls::Error>()
            || io
                .and_then(std::io::Error::get_ref)
                .is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>)
    })
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
