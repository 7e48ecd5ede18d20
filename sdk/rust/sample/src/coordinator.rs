//! A sample coordinator: a registry of workers, built from registrations and heartbeats.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{Connection, Context, Received, Secs, Server, True, UnreadableEvent};
use tokio::sync::watch;
use tokio::time::Instant;

use super::error::SampleError;
use super::listener::Listener;
use varpulis_sdk::coordinator::{
    CoordinatorServer, CoordinatorService, GetWorkerFault, GetWorkerParams, GetWorkerReply,
    GetWorkerRequest, Heartbeat, HeartbeatFilter, ListWorkersFault, ListWorkersReply,
    ListWorkersRequest, Pagination, RegisterFault, RegisterReply, RegisterRequest, RegisterStatus,
    RemoveWorkerFault, RemoveWorkerParams, RemoveWorkerReply, RemoveWorkerRequest,
};
use varpulis_sdk::types::{
    ApiKey, WorkerAddress, WorkerCapacity, WorkerDetails, WorkerDetailsStatus, WorkerId,
    WorkerStatus,
};

/// The heartbeat interval that the coordinator asks for.
const HEARTBEAT_INTERVAL: Secs<1, 86_400> = Secs::from_static(5);

/// A worker that is silent for longer than this is unhealthy.
const SILENCE_LIMIT: Duration = Duration::from_secs(15);

/// A sample implementation of [`CoordinatorService`] with a registry in memory. Clones share the same registry.
#[derive(Clone, Debug)]
pub struct SampleCoordinator(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    api_key: ApiKey,
    registry: watch::Sender<Registry>,
}

/// The state of a coordinator.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Registry {
    /// The registered workers.
    pub workers: BTreeMap<WorkerId, KnownWorker>,
    /// The number of heartbeats that were unreadable, or came from workers that are not registered.
    pub unknown_heartbeats: u64,
}

/// The state of a worker, as a coordinator sees it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KnownWorker {
    /// The address in its last registration.
    pub address: WorkerAddress,
    /// The capacity in its last registration.
    pub capacity: WorkerCapacity,
    /// The number of its heartbeats.
    pub heartbeats: u64,
    /// Its last heartbeat.
    pub last_heartbeat: Option<Heartbeat>,
    last_seen: Instant,
}

/// A running [`SampleCoordinator`].
#[derive(Debug)]
pub struct RunningCoordinator {
    coordinator: SampleCoordinator,
    server: Server,
    heartbeats: Listener,
}

impl KnownWorker {
    /// Its current status. The sample coordinator does not record which workers drain.
    #[must_use]
    pub fn status(&self) -> WorkerStatus {
        if self.last_seen.elapsed() > SILENCE_LIMIT {
            WorkerStatus::Unhealthy
        } else if self.heartbeats == 0 {
            WorkerStatus::Registering
        } else {
            WorkerStatus::Ready
        }
    }

    /// Its state, as an operator reads it. The sample coordinator deploys no pipelines.
    fn details(&self, id: &WorkerId) -> WorkerDetails {
        let heartbeat = self.last_heartbeat.as_ref();
        let counters = heartbeat.map(|heartbeat| {
            let Heartbeat {
                events_processed,
                pipelines_running,
                ..
            } = *heartbeat;
            (events_processed, pipelines_running)
        });
        let (events, pipelines) = counters.unwrap_or((0, self.capacity.pipelines_running));
        let status = match self.status() {
            WorkerStatus::Registering => WorkerDetailsStatus::Registering,
            WorkerStatus::Ready => WorkerDetailsStatus::Ready,
            WorkerStatus::Unhealthy => WorkerDetailsStatus::Unhealthy,
            WorkerStatus::Draining => WorkerDetailsStatus::Draining,
        };
        WorkerDetails::new(
            id.clone(),
            self.address.clone(),
            status,
            self.capacity.cpu_cores,
            pipelines,
            self.capacity.max_pipelines,
            Vec::new(),
            events,
        )
    }
}

impl SampleCoordinator {
    /// Creates a coordinator that accepts workers with this key.
    #[must_use]
    pub fn new(api_key: ApiKey) -> Self {
        Self(Arc::new(Shared {
            api_key,
            registry: watch::Sender::default(),
        }))
    }

    /// Serves registrations and receives heartbeats, until the returned [`RunningCoordinator`] is shut down.
    ///
    /// # Errors
    /// If a subscription is refused or the connection is closed.
    pub async fn start(self, connection: &Connection) -> Result<RunningCoordinator, SampleError> {
        let heartbeats = connection
            .subscribe::<Heartbeat>(&HeartbeatFilter::default())
            .await?;
        let server = CoordinatorServer::new(self.clone())
            .start(connection)
            .await?;
        let coordinator = self.clone();
        let heartbeats = Listener::start(heartbeats, move |heartbeat| {
            coordinator.record(heartbeat);
            std::future::ready(())
        });
        Ok(RunningCoordinator {
            coordinator: self,
            server,
            heartbeats,
        })
    }

    /// The registry and its changes.
    #[must_use]
    pub fn registry(&self) -> watch::Receiver<Registry> {
        self.0.registry.subscribe()
    }

    fn record(&self, heartbeat: Result<Received<Heartbeat>, UnreadableEvent>) {
        self.0.registry.send_modify(|registry| {
            let known = heartbeat.ok().and_then(|received| {
                let worker = registry.workers.get_mut(&received.params.worker_id)?;
                Some((worker, received.event))
            });
            match known {
                Some((worker, heartbeat)) => {
                    worker.heartbeats += 1;
                    worker.last_heartbeat = Some(heartbeat);
                    worker.last_seen = Instant::now();
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
            address,
            capacity,
            ..
        } = request;
        let mut reply = RegisterReply::new(worker_id.to_string(), RegisterStatus::Registered);
        reply.renewable = Some(True);
        reply.heartbeat_interval = Some(HEARTBEAT_INTERVAL);
        self.0.registry.send_modify(|registry| {
            let now = Instant::now();
            let worker = registry
                .workers
                .entry(worker_id)
                .or_insert_with(|| KnownWorker {
                    address: address.clone(),
                    capacity: capacity.clone(),
                    heartbeats: 0,
                    last_heartbeat: None,
                    last_seen: now,
                });
            // The state of a worker that registers again is kept.
            worker.address = address;
            worker.capacity = capacity;
            worker.last_seen = now;
        });
        Ok(reply)
    }

    async fn list_workers(
        &self,
        _: &Context,
        request: ListWorkersRequest,
    ) -> Result<ListWorkersReply, ListWorkersFault> {
        let (limit, offset) = (u32::from(request.limit.get()), request.offset);
        let registry = self.0.registry.borrow();
        let workers = registry.workers.iter();
        let workers = workers.map(|(id, worker)| worker.details(id));
        let page = workers.skip(offset as usize).take(limit as usize).collect();
        let total = u32::try_from(registry.workers.len()).unwrap_or(u32::MAX);
        let has_more = offset.saturating_add(limit) < total;
        let pagination = Pagination::new(has_more, limit, offset, total);
        Ok(ListWorkersReply::new(pagination, total, page))
    }

    async fn get_worker(
        &self,
        _: &Context,
        GetWorkerParams { worker_id }: GetWorkerParams,
        _: GetWorkerRequest,
    ) -> Result<GetWorkerReply, GetWorkerFault> {
        let registry = self.0.registry.borrow();
        match registry.workers.get(&worker_id) {
            Some(worker) => Ok(GetWorkerReply(worker.details(&worker_id))),
            None => Err(GetWorkerFault::WorkerNotFound(worker_id.to_string())),
        }
    }

    async fn remove_worker(
        &self,
        _: &Context,
        RemoveWorkerParams { worker_id }: RemoveWorkerParams,
        _: RemoveWorkerRequest,
    ) -> Result<RemoveWorkerReply, RemoveWorkerFault> {
        let mut removed = None;
        self.0
            .registry
            .send_modify(|registry| removed = registry.workers.remove(&worker_id));
        match removed {
            Some(_) => Ok(RemoveWorkerReply::new(True)),
            None => Err(RemoveWorkerFault::WorkerNotFound(worker_id.to_string())),
        }
    }
}

impl RunningCoordinator {
    /// The coordinator.
    #[must_use]
    pub fn coordinator(&self) -> &SampleCoordinator {
        &self.coordinator
    }

    /// Unsubscribes, and handles the registrations and heartbeats that were received before.
    pub async fn shutdown(self) {
        self.server.shutdown().await;
        self.heartbeats.stop().await;
    }
}
