//! The HTTP server: connections, TLS and shutdown.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::error::HttpError;
use super::options::HttpServerOptions;
use super::routes::HttpRoutes;
use super::{handler, tls};
use crate::rpc::connection::Connection;
use crate::subject::Prefix;

/// The time in which a client must send the headers of a request, or complete a TLS handshake.
const READ_LIMIT: Duration = Duration::from_secs(10);

/// The pause after a failed accept, e.g. because the process has no free file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The number of connections per request of [`HttpServerOptions::concurrency`]; clients keep idle connections.
const CONNECTIONS: usize = 4;

/// A running HTTP server. Drop stops it at once.
#[derive(Debug)]
pub struct HttpServer {
    address: SocketAddr,
    scheme: &'static str,
    stop: Option<oneshot::Sender<Duration>>,
    task: JoinHandle<()>,
}

impl HttpServer {
    /// Listens on `address`, and sends each request over `connection`: to services of this process over an in-process
    /// connection, or to services of other processes over NATS. `prefix` begins the subjects of a connection without
    /// its own prefix.
    ///
    /// A request has the method and path of its operation. The subject's parameters stand in the path, in the query or in
    /// the options. The headers `Request-Timeout` (milliseconds), `Request-Id`, `traceparent` and `tracestate` have the
    /// same meaning as over NATS. An error has the status of the error catalogue and the body
    /// `{"error": …, "code": …}`.
    ///
    /// # Errors
    /// If the options name an unknown role or parameter, the address cannot be used, or a certificate or key cannot be
    /// read.
    pub async fn start(
        address: SocketAddr,
        connection: &Connection,
        prefix: &Prefix,
        routes: &HttpRoutes,
        options: &HttpServerOptions,
    ) -> Result<Self, HttpError> {
        let service = handler::service(connection, prefix, routes, options)?;
        let tls = options.tls.as_ref().map(tls::acceptor).transpose()?;
        let listener = TcpListener::bind(address).await;
        let what = format!("cannot listen on {address}");
        let listener = listener.map_err(|error| HttpError::io(&what, &error))?;
        let address = listener
            .local_addr()
            .map_err(|error| HttpError::io(&what, &error))?;
        let (stop, stopped) = oneshot::channel();
        let places = options
            .concurrency
            .saturating_mul(CONNECTIONS)
            .clamp(1, Semaphore::MAX_PERMITS);
        let accept = Accept {
            listener,
            tls,
            service,
            places: Arc::new(Semaphore::new(places)),
            connections: GracefulShutdown::new(),
        };
        Ok(Self {
            address,
            scheme: if options.tls.is_some() {
                "https"
            } else {
                "http"
            },
            stop: Some(stop),
            task: tokio::spawn(accept.run(stopped)),
        })
    }

    /// Returns the address on which the server listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the base URL of the server, with the IP address on which it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Accepts no further connections, and waits up to `limit` for running requests.
    pub async fn shutdown(mut self, limit: Duration) {
        if let Some(stop) = self.stop.take() {
            // Fails if the server has ended.
            let _ = stop.send(limit);
        }
        // A panic of the server is in its log.
        let _ = (&mut self.task).await;
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        if self.stop.is_some() {
            self.task.abort();
        }
    }
}

/// Accepts connections.
struct Accept {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    service: Router,
    places: Arc<Semaphore>,
    connections: GracefulShutdown,
}

impl Accept {
    async fn run(self, mut stopped: oneshot::Receiver<Duration>) {
        let limit = loop {
            tokio::select! {
                stopped = &mut stopped => match stopped {
                    Ok(limit) => break limit,
                    Err(_) => return,
                },
                accepted = self.accept() => match accepted {
                    Ok((stream, place)) => self.spawn(stream, place),
                    Err(error) => {
                        tracing::warn!(%error, "HTTP connection not accepted");
                        sleep(ACCEPT_PAUSE).await;
                    }
                },
            }
        };
        drop(self.listener);
        // Requests that run longer are dropped.
        let _ = timeout(limit, self.connections.shutdown()).await;
    }

    async fn accept(&self) -> std::io::Result<(TcpStream, OwnedSemaphorePermit)> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(std::io::Error::other)?;
        let (stream, _) = self.listener.accept().await?;
        stream.set_nodelay(true)?;
        Ok((stream, place))
    }

    fn spawn(&self, stream: TcpStream, place: OwnedSemaphorePermit) {
        let (service, watcher) = (self.service.clone(), self.connections.watcher());
        let tls = self.tls.clone();
        tokio::spawn(async move {
            let _place = place;
            let Some(tls) = tls else {
                return serve(stream, service, watcher).await;
            };
            match timeout(READ_LIMIT, tls.accept(stream)).await {
                Ok(Ok(stream)) => serve(stream, service, watcher).await,
                Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
                Err(_) => tracing::debug!("TLS handshake timed out"),
            }
        });
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    service: Router,
    watcher: Watcher,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(READ_LIMIT);
    let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "HTTP connection ended");
    }
}
