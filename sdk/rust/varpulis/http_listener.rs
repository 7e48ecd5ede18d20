//! The options of the HTTP server of a role.

use std::net::SocketAddr;

use natsgen_runtime::Connection;
use natsgen_runtime::http::{HttpRoutes, HttpServer, HttpServerOptions};

use crate::http::ROUTES;
use crate::listener::SetupError;
use crate::subject::PREFIX;
use crate::types::{ApiKey, HttpListenerConfig};

/// The parameter of the subjects of a worker.
pub(crate) const WORKER_ID: &str = "worker_id";

/// The options of the HTTP server of a role.
#[derive(Clone, Debug)]
pub(crate) struct HttpListener {
    /// An IP address and a port.
    listen: String,
    options: HttpServerOptions,
}

impl HttpListener {
    pub(crate) fn new(listen: impl Into<String>, options: HttpServerOptions) -> Self {
        Self {
            listen: listen.into(),
            options,
        }
    }

    /// Sets the operations that the server serves.
    pub(crate) fn options(self, set: impl FnOnce(HttpServerOptions) -> HttpServerOptions) -> Self {
        Self {
            options: set(self.options),
            ..self
        }
    }

    /// Requires one of these API keys.
    pub(crate) fn keys<'a>(self, keys: impl IntoIterator<Item = &'a ApiKey>) -> Self {
        let keys = keys.into_iter().map(ApiKey::expose);
        self.options(|options| keys.fold(options, HttpServerOptions::api_key))
    }

    pub(crate) async fn start(self, connection: &Connection) -> Result<HttpServer, SetupError> {
        let address: SocketAddr = self
            .listen
            .parse()
            .map_err(|error| format!("`{}` is no IP address and port: {error}", self.listen))?;
        let routes = HttpRoutes::new(ROUTES)?;
        Ok(HttpServer::start(address, connection, &PREFIX, &routes, &self.options).await?)
    }
}

impl From<&HttpListenerConfig> for HttpListener {
    fn from(config: &HttpListenerConfig) -> Self {
        let mut options = HttpServerOptions::new().concurrency(config.concurrency.get() as usize);
        if let Some(certificate) = &config.certificate {
            let key = certificate.key_path.as_str();
            options = options.tls(certificate.certificate_path.as_str(), key);
        }
        Self::new(config.listen.as_str(), options)
    }
}
