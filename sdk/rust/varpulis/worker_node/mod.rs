//! The worker's side of the cluster: a [`WorkerService`] of yours, served, registered and kept registered.
//!
//! A [`WorkerNode`] takes any implementation of the generated trait and does the rest: it serves commands, executes one
//! that is sent again once, registers with backoff, sends heartbeats at the interval that the coordinator gave, registers
//! again when the connection came back or the coordinator forgot it, drains, and stops without loss.
//!
//! Each start is another *instance* under the worker's id, and of two that live the one that registered later wins: the
//! other is [replaced](RunningWorkerNode::replaced). It stops to listen as soon as it hears that, answers what has begun,
//! and refuses the rest as `draining`; the newer listens 0.1 s after its registration, so that the older can be gone by
//! then. In between nobody listens, and callers are told so at once. One that hears of another, but not that it was
//! replaced itself, registers again: the registry decides.
//!
//! An older that was cut off meanwhile comes back in doubt: commands wait until a coordinator has answered its
//! registration, and if it was replaced, they are left to the newer, which has got them, too. What remains: where no
//! coordinator answers, or one that has not heard of the newer yet, or the older may not hear of registrations, or stands
//! still for longer than the 0.1 s just then, both execute what comes until the older hears of it or registers again.
//!
//! Handlers run on threads of their own. Whatever they do, be it blocking all of these threads for good, registration and
//! heartbeats go on.
//!
//! ```no_run
//! # use std::time::Duration;
//! # use varpulis_sdk::worker::WorkerService;
//! use varpulis_sdk::NatsOptions;
//! use varpulis_sdk::types::{ApiKey, WorkerId};
//! use varpulis_sdk::worker_node::WorkerNode;
//!
//! # async fn run(engine: impl WorkerService) -> Result<(), Box<dyn std::error::Error>> {
//! // The server may not be up yet.
//! let options = NatsOptions::new("nats://localhost:4222").wait(Duration::from_mins(10));
//! let connection = options.connect().await?;
//! let id = WorkerId::try_from("w0")?;
//! let node = WorkerNode::new(id, ApiKey::try_from("secret")?, engine);
//! let running = node.max_pipelines(10).start(&connection).await?;
//! println!("{:?}", running.health());
//! # let terminated = std::future::ready(());
//! terminated.await;
//! running.drain().await;
//! running.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod ear;
mod error;
mod gate;
mod handlers;
mod health;
mod heart;
mod load;
mod registrar;
mod running;
mod standing;
mod vitals;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{Connection, Remember, ServeOptions};

pub use self::error::WorkerNodeError;
pub use self::health::{WorkerHealth, WorkerPhase};
pub use self::running::RunningWorkerNode;
use crate::coordinator::Heartbeat;
use crate::types::{ApiKey, WorkerAddress, WorkerConfig, WorkerId};
use crate::worker::WorkerService;

/// Threads for handlers, if the machine has fewer cores.
const FEWEST_THREADS: usize = 4;

/// A worker that is not started yet.
pub struct WorkerNode<S> {
    service: S,
    settings: Settings,
    serving: ServeOptions,
    threads: usize,
    /// In place of what the node counts by itself.
    vitals: Option<Arc<Report>>,
}

/// Tells how a worker is doing.
type Report = dyn Fn() -> Heartbeat + Send + Sync;

/// What the parts of a node have to know.
#[derive(Clone, Debug)]
struct Settings {
    id: WorkerId,
    api_key: ApiKey,
    /// None where it is reached over NATS only.
    address: Option<WorkerAddress>,
    max_pipelines: u32,
    /// The first pause before registering again, and the longest.
    pauses: [Duration; 2],
    /// How long a registration is good, if that is not three heartbeats.
    renewal: Option<Duration>,
    drain: Duration,
}

impl<S: WorkerService> WorkerNode<S> {
    /// A worker with defaults: reached over NATS only, up to 100 pipelines, a thread for each core but at least four.
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
                drain: Duration::from_secs(30),
            },
            serving: ServeOptions::new(),
            threads: cores.max(FEWEST_THREADS),
            vitals: None,
        }
        .remember(Remember::new())
    }

    /// A worker as the [configuration](crate::config) says.
    #[must_use]
    pub fn configured(config: &WorkerConfig, service: S) -> Self {
        let pauses = [config.registration_pause, config.longest_registration_pause];
        let [first, longest] = pauses.map(Duration::from);
        let mut node = Self::new(config.id.clone(), config.api_key.clone(), service)
            .max_pipelines(config.max_pipelines)
            .pauses(first, longest)
            .serve_options((&config.serve).into())
            .remember((&config.remember).into())
            .drain_limit(config.drain_limit.into());
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

    /// Also reached over HTTP, there.
    #[must_use]
    pub fn address(mut self, address: WorkerAddress) -> Self {
        self.settings.address = Some(address);
        self
    }

    /// Tells the coordinator that so many pipelines may be deployed. The service is what enforces it.
    #[must_use]
    pub fn max_pipelines(mut self, pipelines: u32) -> Self {
        self.settings.max_pipelines = pipelines;
        self
    }

    /// Tells this in heartbeats, in place of what came of the commands that the node has seen: for a service whose
    /// pipelines get events otherwise, too. Where `vitals` does not return within a second, the last ones are told again.
    #[must_use]
    pub fn vitals(mut self, vitals: impl Fn() -> Heartbeat + Send + Sync + 'static) -> Self {
        self.vitals = Some(Arc::new(vitals));
        self
    }

    /// Registers again after `first`, twice that, and so on up to `longest`, each less some by chance, where nobody
    /// answers or the coordinator refuses: 1 and 30 seconds unless given.
    #[must_use]
    pub fn pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.settings.pauses = [first, longest];
        self
    }

    /// Registers again at least so often, in case the coordinator forgot it without a word: after three heartbeats unless
    /// given, when a silent worker would count as unhealthy. [`Duration::MAX`] is never: Varpulis 0.11 forgets what it
    /// knew of a worker that registers again.
    #[must_use]
    pub fn renewal(mut self, interval: Duration) -> Self {
        self.settings.renewal = Some(interval);
        self
    }

    /// Takes on so much at once. Say this first: [`remember`](Self::remember) and [`drain_limit`](Self::drain_limit) change
    /// these options, and without the first of them nothing is remembered. Handlers have their own threads in any case.
    #[must_use]
    pub fn serve_options(mut self, options: ServeOptions) -> Self {
        self.serving = options;
        self
    }

    /// Remembers so much of the commands that were executed, so that one that is sent again is executed once.
    #[must_use]
    pub fn remember(mut self, remember: Remember) -> Self {
        self.serving = self.serving.remember(remember);
        self
    }

    /// Waits so long for what runs, when it drains and when it shuts down: 30 seconds unless given.
    #[must_use]
    pub fn drain_limit(mut self, limit: Duration) -> Self {
        self.settings.drain = limit;
        self.serving = self.serving.drain(limit);
        self
    }

    /// Runs handlers on so many threads, at least one. A handler that blocks its thread delays no other as long as one is
    /// left.
    #[must_use]
    pub fn handler_threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// Registers, serves commands, and goes on to register until a coordinator has answered. Commands are served once the
    /// first registration has been answered or has failed: until then another instance may be there to execute them.
    ///
    /// # Errors
    /// When a subscription is refused, the connection is closed, or there are no threads to be had.
    pub async fn start(
        self,
        connection: &Connection,
    ) -> Result<RunningWorkerNode, WorkerNodeError> {
        RunningWorkerNode::start(self, connection).await
    }
}

impl<S> fmt::Debug for WorkerNode<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerNode")
            .field("settings", &self.settings)
            .field("serving", &self.serving)
            .field("threads", &self.threads)
            .finish_non_exhaustive()
    }
}
