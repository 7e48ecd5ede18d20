//! A coordinator: a registry of workers, fed by registrations and heartbeats.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{Connection, Context, Received, Secs, Server, UnreadableEvent};
use tokio::sync::watch;
use tokio::time::Instant;

use super::SampleError;
use super::listener::Listener;
use varpulis_sdk::coordinator::{
    CoordinatorServer, CoordinatorService, Heartbeat, HeartbeatFilter, RegisterFault,
    RegisterReply, RegisterRequest, RegisterStatus,
};
use varpulis_sdk::types::{ApiKey, WorkerCapacity, WorkerId, WorkerStatus};

/// How often a coordinator wants a heartbeat.
const HEARTBEAT_INTERVAL: Secs<1, 86_400> = Secs::from_static(5);

/// How long a worker may be silent.
const HEALTHY: Duration = Duration::from_secs(15);

/// A sample of how to implement [`CoordinatorService`]: a registry in memory. A clone is another handle to it.
#[derive(Clone, Debug)]
pub struct SampleCoordinator(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    api_key: ApiKey,
    registry: watch::Sender<Registry>,
}

/// What a coordinator knows.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Registry {
    /// The workers that have registered.
    pub workers: BTreeMap<WorkerId, KnownWorker>,
    /// Heartbeats that could not be read, or came from workers that have not registered.
    pub unknown_heartbeats: u64,
}

/// What a coordinator knows of one worker.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KnownWorker {
    /// What it said when it registered last.
    pub capacity: WorkerCapacity,
    /// How many heartbeats have come.
    pub heartbeats: u64,
    /// The last one.
    pub last_heartbeat: Option<Heartbeat>,
    heard_of: Instant,
}

/// A [`SampleCoordinator`] that serves.
#[derive(Debug)]
pub struct RunningCoordinator {
    coordinator: SampleCoordinator,
    server: Server,
    heartbeats: Listener,
}

impl KnownWorker {
    /// What to think of it now. That it drains is known only to whoever told it to.
    #[must_use]
    pub fn status(&self) -> WorkerStatus {
        if self.heard_of.elapsed() > HEALTHY {
            WorkerStatus::Unhealthy
        } else if self.heartbeats == 0 {
            WorkerStatus::Registering
        } else {
            WorkerStatus::Ready
        }
    }
}

impl SampleCoordinator {
    /// A coordinator that accepts workers with this key.
    #[must_use]
    pub fn new(api_key: ApiKey) -> Self {
        Self(Arc::new(Shared {
            api_key,
            registry: watch::Sender::default(),
        }))
    }

    /// Serves registrations and listens to heartbeats, until the returned [`RunningCoordinator`] is shut down.
    ///
    /// # Errors
    /// When a subscription is refused or the connection is closed.
    pub async fn start(self, connection: &Connection) -> Result<RunningCoordinator, SampleError> {
        let heartbeats = connection
            .subscribe::<Heartbeat>(&HeartbeatFilter::default())
            .await?;
        let server = CoordinatorServer::new(self.clone())
            .start(connection)
            .await?;
        let hearer = self.clone();
        let heartbeats = Listener::start(heartbeats, move |heartbeat| {
            hearer.hear(heartbeat);
            std::future::ready(())
        });
        Ok(RunningCoordinator {
            coordinator: self,
            server,
            heartbeats,
        })
    }

    /// What it knows, now and whenever that changes.
    #[must_use]
    pub fn registry(&self) -> watch::Receiver<Registry> {
        self.0.registry.subscribe()
    }

    fn hear(&self, heartbeat: Result<Received<Heartbeat>, UnreadableEvent>) {
        self.0.registry.send_modify(|registry| {
            let known = heartbeat.ok().and_then(|received| {
                let worker = registry.workers.get_mut(&received.params.worker_id)?;
                Some((worker, received.event))
            });
            match known {
                Some((worker, heartbeat)) => {
                    worker.heartbeats += 1;
                    worker.last_heartbeat = Some(heartbeat);
                    worker.heard_of = Instant::now();
                }
                None => registry.unknown_heartbeats += 1,
            }
        });
    }
}

impl CoordinatorService for SampleCoordinator {
    async fn register(
        &self,
        _: &Context,
        request: RegisterRequest,
    ) -> Result<RegisterReply, RegisterFault> {
        if request.api_key != self.0.api_key {
            return Err(RegisterFault::InvalidApiKey);
        }
        let RegisterRequest {
            worker_id,
            capacity,
            ..
        } = request;
        let reply = RegisterReply {
            worker_id: worker_id.to_string(),
            status: RegisterStatus::Registered,
            heartbeat_interval: Some(HEARTBEAT_INTERVAL),
        };
        self.0.registry.send_modify(|registry| {
            let now = Instant::now();
            let worker = registry
                .workers
                .entry(worker_id)
                .or_insert_with(|| KnownWorker {
                    capacity: capacity.clone(),
                    heartbeats: 0,
                    last_heartbeat: None,
                    heard_of: now,
                });
            // A worker that registers again is renewed: what is known of it stays.
            worker.capacity = capacity;
            worker.heard_of = now;
        });
        Ok(reply)
    }
}

impl RunningCoordinator {
    /// The coordinator that serves.
    #[must_use]
    pub fn coordinator(&self) -> &SampleCoordinator {
        &self.coordinator
    }

    /// Answers the registrations and takes the heartbeats that have come, and takes no more.
    pub async fn shutdown(self) {
        self.server.shutdown().await;
        self.heartbeats.stop().await;
    }
}
