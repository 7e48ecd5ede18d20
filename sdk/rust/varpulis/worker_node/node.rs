//! A worker that is not started: its options.

use std::fmt;
#[cfg(feature = "http")]
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "http")]
use natsgen_runtime::http::HttpServerOptions;
use natsgen_runtime::{Connection, DedupOptions, ServeOptions};

use super::error::WorkerNodeError;
#[cfg(feature = "http")]
use super::over_http::Coordinators;
use super::over_http::HttpSettings;
use super::running::RunningWorkerNode;
use super::settings::{Settings, StartOptions};
use crate::coordinator::Heartbeat;
#[cfg(feature = "http")]
use crate::http_listener::HttpListener;
use crate::types::{ApiKey, WorkerAddress, WorkerConfig, WorkerId};
use crate::worker::WorkerService;

/// The least number of handler threads, on a machine with fewer cores.
const MIN_THREADS: usize = 4;

/// A worker that is not started. Its options may be set in any order.
pub struct WorkerNode<S> {
    service: S,
    settings: Settings,
    options: StartOptions,
}

impl<S: WorkerService> WorkerNode<S> {
    /// Creates a worker with defaults: reached over NATS only, up to 100 pipelines, one handler thread per core but at
    /// least four.
    #[must_use]
    pub fn new(id: WorkerId, api_key: ApiKey, service: S) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            service,
            settings: Settings {
                id,
                api_key,
                address: None,
                max_pipelines: 100,
                pauses: [Duration::from_secs(1), Duration::from_secs(30)],
                renewal: None,
                api_key_attempts: 5,
                drain: Duration::from_secs(20),
            },
            options: StartOptions {
                serving: ServeOptions::new(),
                dedup: DedupOptions::new(),
                threads: cores.max(MIN_THREADS),
                health_source: None,
                http: HttpSettings::default(),
            },
        }
    }

    /// Creates a worker from the [configuration](crate::config).
    #[must_use]
    pub fn configured(config: &WorkerConfig, service: S) -> Self {
        let pauses = [config.registration_pause, config.longest_registration_pause];
        let [first, longest] = pauses.map(Duration::from);
        let mut node = Self::new(config.id.clone(), config.api_key.clone(), service)
            .max_pipelines(config.max_pipelines)
            .pauses(first, longest)
            .api_key_attempts(config.api_key_attempts.get())
            .serve_options((&config.serve).into())
            .deduplicate((&config.dedup).into())
            .drain_limit(config.drain_limit.into());
        node.options.http = HttpSettings::configured(config);
        if let Some(address) = &config.address {
            node = node.address(address.clone());
        }
        if let Some(threads) = config.handler_threads {
            node = node.handler_threads(threads.get().into());
        }
        match config.renewal.map(Duration::from) {
            None => node,
            Some(Duration::ZERO) => node.renewal(Duration::MAX),
            Some(interval) => node.renewal(interval),
        }
    }

    /// Sets the address of the worker's HTTP interface, if it differs from the address of its HTTP server. Coordinators
    /// that command workers over HTTP send the API key of the worker to this address.
    #[must_use]
    pub fn address(mut self, address: WorkerAddress) -> Self {
        self.settings.address = Some(address);
        self
    }

    /// Serves commands over HTTP, and not over NATS. `listen` is an IP address and a port, e.g. `127.0.0.1:9000`; port 0
    /// is any free port. Requests need the API key of the worker.
    #[cfg(feature = "http")]
    #[must_use]
    pub fn http(mut self, listen: impl Into<String>, options: HttpServerOptions) -> Self {
        self.options.http.listener = Some(HttpListener::new(listen, options));
        self
    }

    /// Registers and sends heartbeats over HTTP, to this base URL of the coordinators, e.g. `http://localhost:9100`.
    /// `root_certificates` is a PEM file with trusted authorities beside those of the system.
    #[cfg(feature = "http")]
    #[must_use]
    pub fn coordinator_url(
        mut self,
        url: impl Into<String>,
        root_certificates: Option<PathBuf>,
    ) -> Self {
        self.options.http.coordinators = Some(Coordinators {
            url: url.into(),
            root_certificates,
        });
        self
    }

    /// Sets the number of pipelines that coordinators may deploy. The service enforces the limit.
    #[must_use]
    pub fn max_pipelines(mut self, pipelines: u32) -> Self {
        self.settings.max_pipelines = pipelines;
        self
    }

    /// Sets a callback that supplies the heartbeat payload, in place of the node's own counters. Use it if pipelines
    /// receive events by other ways than `inject` commands. If the callback takes longer than 1 s, the node sends the
    /// previous payload again.
    #[must_use]
    pub fn health_source(
        mut self,
        health_source: impl Fn() -> Heartbeat + Send + Sync + 'static,
    ) -> Self {
        self.options.health_source = Some(Arc::new(health_source));
        self
    }

    /// Sets the pauses between attempts to register while no coordinator answers or the coordinator refuses. The first
    /// pause is `first`, each next pause is twice as long, up to `longest`. Each pause is shortened by a random part.
    /// Defaults: 1 s and 30 s.
    #[must_use]
    pub fn pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.settings.pauses = [first, longest];
        self
    }

    /// Sets the interval between registrations, in case a coordinator lost the registration without a notice, whichever
    /// coordinator it is. Default: three heartbeat intervals, after which a silent worker would count as unhealthy; no
    /// renewal if the coordinator is of Varpulis 0.11, which discards its state of a worker that registers again.
    /// [`Duration::MAX`] disables renewal.
    #[must_use]
    pub fn renewal(mut self, interval: Duration) -> Self {
        self.settings.renewal = Some(interval);
        self
    }

    /// Sets how many commands the server runs and queues. The deduplication, the drain limit and the handler threads of
    /// these options have no effect: [`deduplicate`](Self::deduplicate), [`drain_limit`](Self::drain_limit) and
    /// [`handler_threads`](Self::handler_threads) set them.
    #[must_use]
    pub fn serve_options(mut self, options: ServeOptions) -> Self {
        self.options.serving = options;
        self
    }

    /// Sets how many executed commands the server records, so that it executes a repeated command once.
    #[must_use]
    pub fn deduplicate(mut self, options: DedupOptions) -> Self {
        self.options.dedup = options;
        self
    }

    /// Sets how often in succession coordinators may refuse the API key. After that, the worker is
    /// [rejected](RunningWorkerNode::rejected) and registers no more. 0 is no limit. Default: 5.
    #[must_use]
    pub fn api_key_attempts(mut self, attempts: u32) -> Self {
        self.settings.api_key_attempts = attempts;
        self
    }

    /// Sets how long [draining](RunningWorkerNode::drain) and shutdown together wait for running commands. The shutdown
    /// takes up to 5 s more if the connection is lost or stalled. Default: 20 s.
    #[must_use]
    pub fn drain_limit(mut self, limit: Duration) -> Self {
        self.settings.drain = limit;
        self
    }

    /// Sets the number of handler threads, at least one. A handler that blocks its thread delays no other handler while
    /// a thread is free.
    #[must_use]
    pub fn handler_threads(mut self, threads: usize) -> Self {
        self.options.threads = threads.max(1);
        self
    }

    /// Registers the worker, serves commands and sends heartbeats. Commands are served once the first attempt to
    /// register has been answered or has failed, because until then an older instance may execute them. If the attempt
    /// failed, the node continues to register in the background. While another live instance has the id, this method
    /// registers again and returns only when the id is free.
    ///
    /// # Errors
    /// If a subscription is refused, the connection is closed, or the handler threads cannot be started. Also if the
    /// HTTP server does not start.
    pub async fn start(
        self,
        connection: &Connection,
    ) -> Result<RunningWorkerNode, WorkerNodeError> {
        RunningWorkerNode::start(self.service, self.settings, self.options, connection).await
    }
}

impl<S> fmt::Debug for WorkerNode<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerNode")
            .field("settings", &self.settings)
            .field("serving", &self.options.serving)
            .field("dedup", &self.options.dedup)
            .field("threads", &self.options.threads)
            .finish_non_exhaustive()
    }
}
