//! HTTP beside NATS: commands to workers, and the operations of coordinators.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use ipnet::IpNet;
use natsgen_runtime::generated::Caller;
use natsgen_runtime::http::{HttpOptions, HttpPeer, HttpRoutes, HttpTarget};
use natsgen_runtime::{Connection, Request as _};

use super::api_keys::ApiKeys;
use super::error::CoordinatorNodeError;
use crate::coordinator::RegisterRequest;
use crate::http::ROUTES;
use crate::http_listener::{HttpListener, WORKER_ID};
use crate::listener::{Listener, SetupError};
use crate::replica::Replica;
use crate::subject::PREFIX;
use crate::types::{CoordinatorConfig, HttpWorkersConfig, WorkerId};
use crate::worker::DrainRequest;

/// The roles that a coordinator has over HTTP. By default none.
#[derive(Debug, Default)]
pub(super) struct HttpSettings {
    /// Serves the operations of coordinators.
    pub(super) listener: Option<HttpListener>,
    /// Commands workers.
    pub(super) workers: Option<HttpWorkers>,
}

/// The workers that a coordinator commands over HTTP: those that registered with the address of a permitted host. All
/// others are commanded over NATS.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct HttpWorkers {
    hosts: Vec<Host>,
    root_certificates: Option<PathBuf>,
}

/// Hosts of workers.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Network(IpNet),
    Name(String),
    /// The names that end with this text.
    Domain(String),
}

impl HttpSettings {
    pub(super) fn configured(config: &CoordinatorConfig) -> Self {
        Self {
            listener: config.http.as_ref().map(HttpListener::from),
            workers: config.http_workers.as_ref().map(HttpWorkers::from),
        }
    }

    /// Starts the HTTP server, if there is one.
    pub(super) async fn listen(
        &mut self,
        connection: &Connection,
        keys: &ApiKeys,
    ) -> Result<Listener, CoordinatorNodeError> {
        let Some(listener) = self.listener.take() else {
            return Ok(Listener::default());
        };
        let role = DrainRequest::INFO.from.name();
        let listener = listener.options(|options| options.role(role));
        let server = listener.keys(keys.all()).start(connection).await;
        Ok(Listener {
            server: Some(server.map_err(CoordinatorNodeError::Http)?),
        })
    }

    /// Creates the connection for commands.
    pub(super) fn connect(
        self,
        connection: &Connection,
        replica: &Arc<Replica>,
        keys: &Arc<ApiKeys>,
    ) -> Result<Connection, CoordinatorNodeError> {
        let Some(workers) = self.workers else {
            return Ok(connection.clone());
        };
        let connected = workers.connect(connection, replica, keys);
        connected.map_err(CoordinatorNodeError::Http)
    }
}

impl HttpWorkers {
    /// Permits all hosts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Permits only this host: a name, `*.` and a domain, an IP address, or a network such as `10.0.0.0/8`. Several calls
    /// add hosts. The address of a worker is an untrusted input. Without this limit, a holder of an API key can direct
    /// the requests of coordinators to any host.
    pub fn host(mut self, host: &str) -> Self {
        let network = host.parse().or_else(|_| host.parse().map(IpAddr::into));
        self.hosts.push(match (network, host.strip_prefix('*')) {
            (Ok(network), _) => Host::Network(network),
            (Err(_), Some(domain)) => Host::Domain(domain.to_ascii_lowercase()),
            (Err(_), None) => Host::Name(host.to_ascii_lowercase()),
        });
        self
    }

    /// Trusts the certificates in this PEM file, beside those of the system.
    pub fn root_certificates(mut self, path: impl Into<PathBuf>) -> Self {
        self.root_certificates = Some(path.into());
        self
    }

    /// Creates a connection that sends commands over HTTP, and all other messages over `connection`. A worker gets its
    /// own API key.
    fn connect(
        self,
        connection: &Connection,
        replica: &Arc<Replica>,
        keys: &Arc<ApiKeys>,
    ) -> Result<Connection, SetupError> {
        let (replica, keys) = (Arc::downgrade(replica), Arc::clone(keys));
        let worker_role = RegisterRequest::INFO.from.name();
        let (hosts, root_certificates) = (self.hosts, self.root_certificates);
        let resolver = move |target: &HttpTarget<'_>| {
            let id = target
                .param(WORKER_ID)
                .filter(|_| target.to == worker_role)?;
            let id = WorkerId::try_from(id).ok()?;
            let peer = replica.upgrade()?.local(|registry| {
                let address = &registry.worker(&id)?.registration.address;
                HttpPeer::new(address.as_str()).ok()
            })?;
            let is_permitted = hosts.is_empty() || hosts.iter().any(|host| host.contains(&peer));
            is_permitted.then(|| peer.api_key(keys.of(&id).expose()))
        };
        let prefix = Caller::new(connection, &PREFIX).prefix().clone();
        let mut options = HttpOptions::new(&HttpRoutes::new(ROUTES)?, &prefix).resolver(resolver);
        if let Some(path) = root_certificates {
            options = options.root_certificates(path);
        }
        Ok(options.connect_over(connection)?)
    }
}

impl From<&HttpWorkersConfig> for HttpWorkers {
    fn from(config: &HttpWorkersConfig) -> Self {
        let hosts = config.hosts.iter();
        let workers = hosts.fold(Self::new(), |workers, host| workers.host(host.as_str()));
        match &config.root_certificates_path {
            Some(path) => workers.root_certificates(path.as_str()),
            None => workers,
        }
    }
}

impl Host {
    fn contains(&self, peer: &HttpPeer) -> bool {
        let name = peer.host().to_ascii_lowercase();
        match self {
            Self::Network(network) => name.parse().is_ok_and(|ip: IpAddr| network.contains(&ip)),
            Self::Name(host) => *host == name,
            Self::Domain(domain) => name.ends_with(domain.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_of_a_worker_is_permitted_as_listed() {
        let check = |host: &str, url: &str, expected: bool| {
            let workers = HttpWorkers::new().host(host);
            let peer = HttpPeer::new(url).unwrap();
            assert_eq!(workers.hosts[0].contains(&peer), expected, "{host} {url}");
        };
        check("w.example.com", "http://W.example.com:9000/base", true);
        check("w.example.com", "http://w.example.com.evil.test", false);
        check("*.example.com", "https://w.example.com", true);
        check("*.example.com", "https://example.com", false);
        check("*.example.com", "https://badexample.com", false);
        check("10.0.0.0/8", "http://10.1.2.3:9000", true);
        check("10.0.0.0/8", "http://11.1.2.3:9000", false);
        check("10.0.0.0/8", "http://10.example.com", false);
        check("169.254.169.254", "http://169.254.169.254", true);
        check("169.254.169.254", "http://169.254.169.255", false);
        check("::1", "http://[::1]:9000", true);
        check("fd00::/8", "http://[fd12::1]", true);
        check("fd00::/8", "http://[fe80::1]", false);
    }
}
