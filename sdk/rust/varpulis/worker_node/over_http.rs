//! HTTP in place of NATS: for commands, for registrations and heartbeats, or for all of them.

use std::path::PathBuf;

use natsgen_runtime::generated::Caller;
use natsgen_runtime::http::{HttpOptions, HttpPeer, HttpRoutes};
use natsgen_runtime::{Connection, Request as _};

use super::links::Links;
use super::settings::Settings;
use crate::coordinator::RegisterRequest;
use crate::http::ROUTES;
use crate::http_listener::{HttpListener, WORKER_ID};
use crate::listener::{Listener, SetupError};
use crate::subject::PREFIX;
use crate::types::{WorkerAddress, WorkerConfig};
use crate::worker::DrainRequest;

/// The roles that a worker has over HTTP. By default none.
#[derive(Clone, Debug, Default)]
pub(super) struct HttpSettings {
    /// Serves commands.
    pub(super) listener: Option<HttpListener>,
    /// Registers and sends heartbeats.
    pub(super) coordinators: Option<Coordinators>,
}

/// The HTTP server of the coordinators.
#[derive(Clone, Debug)]
pub(super) struct Coordinators {
    pub(super) url: String,
    pub(super) root_certificates: Option<PathBuf>,
}

impl HttpSettings {
    pub(super) fn configured(config: &WorkerConfig) -> Self {
        let coordinators = config.coordinator.as_ref().map(|config| Coordinators {
            url: config.url.to_string(),
            root_certificates: config
                .root_certificates_path
                .as_ref()
                .map(|path| path.as_str().into()),
        });
        Self {
            listener: config.http.as_ref().map(HttpListener::from),
            coordinators,
        }
    }

    /// Opens the connections. The HTTP server refuses commands until the worker serves them. Its address becomes the
    /// address of the worker, unless the worker has another.
    pub(super) async fn open(
        self,
        connection: &Connection,
        settings: &mut Settings,
    ) -> Result<Links, SetupError> {
        let mut links = Links::over(connection);
        if let Some(coordinators) = self.coordinators {
            links.coordinators = coordinators.connect(connection, settings)?;
            links.are_acknowledged = true;
        }
        let Some(listener) = self.listener else {
            return Ok(links);
        };
        let commands = Connection::memory();
        let id = settings.id.as_str();
        let server = listener
            .options(|options| {
                let role = RegisterRequest::INFO.from.name();
                options.role(role).param(WORKER_ID, id)
            })
            .keys([&settings.api_key])
            .start(&commands)
            .await?;
        if settings.address.is_none() {
            if server.address().ip().is_unspecified() {
                return Err(
                    "a worker that listens on all addresses needs the option `address`".into(),
                );
            }
            settings.address = Some(WorkerAddress::try_from(server.url())?);
        }
        links.commands = Some(commands);
        links.listener = Listener {
            server: Some(server),
        };
        Ok(links)
    }
}

impl Coordinators {
    /// Sends messages to coordinators over HTTP, and all others over `connection`.
    fn connect(
        self,
        connection: &Connection,
        settings: &Settings,
    ) -> Result<Connection, SetupError> {
        let prefix = Caller::new(connection, &PREFIX).prefix().clone();
        let peer = HttpPeer::new(&self.url)?.api_key(settings.api_key.expose());
        let role = DrainRequest::INFO.from.name();
        let mut options = HttpOptions::new(&HttpRoutes::new(ROUTES)?, &prefix).peer(role, peer);
        if let Some(path) = self.root_certificates {
            options = options.root_certificates(path);
        }
        Ok(options.connect_over(connection)?)
    }
}
