//! A transport that sends messages for HTTP servers over HTTP, and all other messages over another transport.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::client::{Client, failed};
use super::error::HttpError;
use super::peer::{HttpPeer, HttpTarget};
use super::routes::HttpRoutes;
use crate::rpc::connection::Connection;
use crate::rpc::fault::{ERROR_CODE_HEADER, ERROR_HEADER};
use crate::subject::Prefix;
use crate::transport::memory::MemoryBroker;
use crate::transport::{
    BoxFuture, Message, NO_ANSWER, NO_RESPONDERS, PublishError, SubscribeError, Subscriber,
    Transport, TransportEvent,
};

/// How long a server may take to acknowledge an event.
const EVENT_LIMIT: Duration = Duration::from_secs(10);

/// Returns the server of a message, or `None` for a message of another transport.
type Resolver = dyn Fn(&HttpTarget<'_>) -> Option<HttpPeer> + Send + Sync;

/// Options of a connection to HTTP servers.
#[must_use]
pub struct HttpOptions {
    routes: HttpRoutes,
    prefix: Prefix,
    roots: Vec<PathBuf>,
    resolver: Box<Resolver>,
}

/// Messages to HTTP servers go over HTTP, all others over another transport.
struct HttpTransport {
    other: Arc<dyn Transport>,
    /// Whether the other transport closes with this transport.
    owns_other: bool,
    client: Arc<Client>,
    routes: HttpRoutes,
    prefix: Prefix,
    resolver: Box<Resolver>,
    /// Ends the exchanges.
    closed: watch::Sender<bool>,
}

impl HttpOptions {
    /// Creates options without servers. `prefix` begins the subjects of the protocol.
    pub fn new(routes: &HttpRoutes, prefix: &Prefix) -> Self {
        Self {
            routes: routes.clone(),
            prefix: prefix.clone(),
            roots: Vec::new(),
            resolver: Box::new(|_| None),
        }
    }

    /// Sends all messages for this role to a server.
    pub fn peer(self, role: impl Into<String>, peer: HttpPeer) -> Self {
        let (role, earlier) = (role.into(), self.resolver);
        Self {
            resolver: Box::new(move |target| {
                if target.to == role {
                    return Some(peer.clone());
                }
                earlier(target)
            }),
            ..self
        }
    }

    /// Sets a function that returns the server of each message, e.g. by a parameter of its subject. It replaces earlier
    /// servers.
    pub fn resolver(
        self,
        resolver: impl Fn(&HttpTarget<'_>) -> Option<HttpPeer> + Send + Sync + 'static,
    ) -> Self {
        Self {
            resolver: Box::new(resolver),
            ..self
        }
    }

    /// Trusts the certificates in this PEM file, beside those of the system.
    pub fn root_certificates(mut self, path: impl Into<PathBuf>) -> Self {
        self.roots.push(path.into());
        self
    }

    /// Creates the connection. It connects to a server when the first message is sent. Services that are started on it
    /// are reached by an [`HttpServer`](super::HttpServer) on the same connection.
    ///
    /// # Errors
    /// If a file with certificates cannot be read.
    pub fn connect(self) -> Result<Connection, HttpError> {
        let local: Arc<dyn Transport> = Arc::new(MemoryBroker::new().connect());
        let prefix = self.prefix.clone();
        let transport = HttpTransport::new(self, local, true)?;
        Ok(Connection::over(transport).prefix(prefix))
    }

    /// Creates a connection that reaches HTTP servers over HTTP, and all other peers over `connection`. It has the
    /// options of `connection`, which stays open when the new connection is closed.
    ///
    /// # Errors
    /// If a file with certificates cannot be read.
    pub fn connect_over(self, connection: &Connection) -> Result<Connection, HttpError> {
        let transport = HttpTransport::new(self, Arc::clone(connection.transport()), false)?;
        Ok(connection.with_transport(Arc::new(transport)))
    }
}

impl HttpTransport {
    fn new(
        options: HttpOptions,
        other: Arc<dyn Transport>,
        owns_other: bool,
    ) -> Result<Self, HttpError> {
        let client = Client::new(&options.roots, other.max_payload())?;
        Ok(Self {
            other,
            owns_other,
            client: Arc::new(client),
            routes: options.routes,
            prefix: options.prefix,
            resolver: options.resolver,
            closed: watch::Sender::new(false),
        })
    }
}

impl Transport for HttpTransport {
    fn publish(&self, message: Message) -> BoxFuture<'_, Result<(), PublishError>> {
        if message.reply.is_some() {
            return self.other.publish(message);
        }
        match self.exchange(message) {
            Ok(answer) => Box::pin(async move {
                let answer = timeout(EVENT_LIMIT, answer).await;
                acknowledged(&answer.unwrap_or_else(|_| failed(NO_ANSWER)))
            }),
            Err(message) => self.other.publish(message),
        }
    }

    fn exchange(&self, message: Message) -> Result<BoxFuture<'static, Message>, Message> {
        let Some((route, params)) = self.routes.find(&self.prefix, &message.subject) else {
            return Err(message);
        };
        let target = HttpTarget {
            operation: &route.operation,
            to: &route.to,
            params: &params,
        };
        let Some(peer) = (self.resolver)(&target) else {
            return Err(message);
        };
        let (client, route) = (Arc::clone(&self.client), Arc::clone(route));
        let mut closed = self.closed.subscribe();
        Ok(Box::pin(async move {
            tokio::select! {
                biased;
                answer = client.exchange(&peer, &route, &params, message) => answer,
                // An error means that the transport was dropped.
                _ = closed.wait_for(|is_closed| *is_closed) => failed(NO_ANSWER),
            }
        }))
    }

    fn subscribe<'a>(
        &'a self,
        pattern: &'a str,
        queue: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Box<dyn Subscriber>, SubscribeError>> {
        self.other.subscribe(pattern, queue)
    }

    fn max_payload(&self) -> usize {
        self.other.max_payload()
    }

    fn inbox_prefix(&self) -> &str {
        self.other.inbox_prefix()
    }

    fn use_inboxes(&self, prefix: &str) {
        self.other.use_inboxes(prefix);
    }

    fn is_connected(&self) -> bool {
        self.other.is_connected()
    }

    fn events(&self) -> mpsc::UnboundedReceiver<TransportEvent> {
        self.other.events()
    }

    fn denied(&self) -> Vec<String> {
        self.other.denied()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.closed.send_replace(true);
        if self.owns_other {
            return self.other.close();
        }
        Box::pin(std::future::ready(()))
    }
}

/// The outcome of an event.
fn acknowledged(answer: &Message) -> Result<(), PublishError> {
    let reason = match (answer.status, answer.headers.get(ERROR_CODE_HEADER)) {
        (None, None) => return Ok(()),
        (None, Some(_)) => answer.headers.get(ERROR_HEADER).unwrap_or_default(),
        (Some(NO_RESPONDERS), _) => "no server",
        (Some(_), _) => "no answer",
    };
    Err(PublishError::NotAcknowledged(reason.to_owned()))
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpOptions")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}
