//! A transport that sends messages for HTTP servers over HTTP, and all other messages over another transport.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::client::{Client, failed};
use super::error::HttpError;
use super::peer::{HttpPeer, HttpTarget};
use super::routes::HttpRoutes;
use crate::rpc::connection::Connection;
use crate::rpc::fault::{ERROR_CODE_HEADER, ERROR_HEADER};
use crate::subject::Prefix;
use crate::transport::headers::TIMEOUT_HEADER;
use crate::transport::memory::MemoryBroker;
use crate::transport::{
    BoxFuture, Message, NO_ANSWER, NO_RESPONDERS, PublishError, SubscribeError, Subscriber,
    Transport, TransportEvent,
};

/// The timeout of a message without a timeout of its own.
const TIMEOUT: Duration = Duration::from_secs(10);

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

/// Messages to HTTP servers go over HTTP. All others stay within the process.
struct HttpTransport {
    local: Arc<dyn Transport>,
    client: Arc<Client>,
    routes: HttpRoutes,
    prefix: Prefix,
    resolver: Box<Resolver>,
    exchanges: Mutex<JoinSet<()>>,
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
        let local = MemoryBroker::new().connect();
        let client = Client::new(&self.roots, local.max_payload())?;
        let transport = HttpTransport {
            local: Arc::new(local),
            client: Arc::new(client),
            routes: self.routes,
            prefix: self.prefix.clone(),
            resolver: self.resolver,
            exchanges: Mutex::default(),
        };
        Ok(Connection::over(transport).prefix(self.prefix))
    }
}

impl HttpTransport {
    /// The exchange of a message over HTTP, or the message itself if it stays within the process.
    fn exchange(
        &self,
        message: Message,
    ) -> Result<impl Future<Output = Message> + Send + 'static, Message> {
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
        let limit = message.headers.get(TIMEOUT_HEADER);
        let limit = limit.and_then(|limit| limit.parse().ok());
        let limit = limit.map_or(TIMEOUT, Duration::from_millis);
        Ok(async move {
            let exchange = client.exchange(&peer, &route, &params, message);
            let answer = timeout(limit, exchange).await;
            answer.unwrap_or_else(|_| failed(NO_ANSWER))
        })
    }
}

impl Transport for HttpTransport {
    fn publish(&self, mut message: Message) -> BoxFuture<'_, Result<(), PublishError>> {
        Box::pin(async move {
            let reply = message.reply.take();
            let exchange = match self.exchange(message) {
                Ok(exchange) => exchange,
                Err(mut message) => {
                    message.reply = reply;
                    return self.local.publish(message).await;
                }
            };
            let Some(reply) = reply else {
                return acknowledged(&exchange.await);
            };
            let local = Arc::clone(&self.local);
            let mut exchanges = self
                .exchanges
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            while exchanges.try_join_next().is_some() {}
            exchanges.spawn(async move {
                let mut answer = exchange.await;
                answer.subject = reply;
                // Fails if the connection was closed; then nobody waits.
                let _ = local.publish(answer).await;
            });
            Ok(())
        })
    }

    fn subscribe<'a>(
        &'a self,
        pattern: &'a str,
        queue: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Box<dyn Subscriber>, SubscribeError>> {
        self.local.subscribe(pattern, queue)
    }

    fn max_payload(&self) -> usize {
        self.local.max_payload()
    }

    fn inbox_prefix(&self) -> &str {
        self.local.inbox_prefix()
    }

    fn is_connected(&self) -> bool {
        self.local.is_connected()
    }

    fn events(&self) -> mpsc::UnboundedReceiver<TransportEvent> {
        self.local.events()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        let mut exchanges = self
            .exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        exchanges.abort_all();
        self.local.close()
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
