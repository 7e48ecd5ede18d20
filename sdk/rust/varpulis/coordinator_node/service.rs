//! The service of a coordinator: registrations, and requests of operators.

use std::sync::Arc;

use natsgen_runtime::{Context, True};
use tokio::time::timeout_at;

use super::liveness::Liveness;
use super::registrar::{REPLY_TIME, Registrar};
use crate::coordinator::{
    CoordinatorService, GetWorkerFault, GetWorkerParams, GetWorkerReply, GetWorkerRequest,
    ListWorkersFault, ListWorkersReply, ListWorkersRequest, Pagination, RegisterFault,
    RegisterReply, RegisterRequest, RemoveWorkerFault, RemoveWorkerParams, RemoveWorkerReply,
    RemoveWorkerRequest,
};
use crate::replica::{Registry, Replica, ReplicaError, WorkerRecord};
use crate::types::{
    Command, CommandReply, DeregisterWorker, WorkerDetails, WorkerDetailsStatus, WorkerId,
    WorkerStatus,
};

/// Answers the requests to a coordinator.
pub(super) struct Service {
    registrar: Registrar,
    replica: Arc<Replica>,
    liveness: Arc<Liveness>,
}

impl CoordinatorService for Service {
    async fn register(
        &self,
        context: &Context,
        request: RegisterRequest,
    ) -> Result<RegisterReply, RegisterFault> {
        self.registrar.register(context, request).await
    }

    async fn list_workers(
        &self,
        _: &Context,
        request: ListWorkersRequest,
    ) -> Result<ListWorkersReply, ListWorkersFault> {
        let (limit, offset) = (u32::from(request.limit.get()), request.offset);
        let page = |registry: &Registry| {
            let workers = registry.workers();
            let page = workers.skip(as_size(offset)).take(as_size(limit));
            let page: Vec<_> = page.map(|record| self.details(registry, record)).collect();
            (page, registry.workers().count())
        };
        let (workers, total) = self.replica.local(page);
        let total = u32::try_from(total).unwrap_or(u32::MAX);
        let has_more = offset.saturating_add(limit) < total;
        let pagination = Pagination::new(has_more, limit, offset, total);
        Ok(ListWorkersReply::new(pagination, total, workers))
    }

    async fn get_worker(
        &self,
        context: &Context,
        params: GetWorkerParams,
        _: GetWorkerRequest,
    ) -> Result<GetWorkerReply, GetWorkerFault> {
        let id = params.worker_id;
        let find = |registry: &Registry| {
            let record = registry.worker(&id)?;
            Some(self.details(registry, record))
        };
        if let Some(found) = self.replica.local(find) {
            return Ok(GetWorkerReply(found));
        }
        // Another coordinator may have registered the worker a moment ago.
        let found = within(context, self.replica.current(find)).await;
        let found = found.map_err(GetWorkerFault::RegistryUnavailable)?;
        let found = found.ok_or_else(|| GetWorkerFault::WorkerNotFound(id.to_string()))?;
        Ok(GetWorkerReply(found))
    }

    async fn remove_worker(
        &self,
        context: &Context,
        params: RemoveWorkerParams,
        _: RemoveWorkerRequest,
    ) -> Result<RemoveWorkerReply, RemoveWorkerFault> {
        let id = params.worker_id;
        let removal = async {
            let command = Command::DeregisterWorker(DeregisterWorker::new(id.clone()));
            let written = self.replica.propose(command).await?;
            // The next read at this coordinator does not find the worker.
            self.replica.applied(written.log_id).await?;
            Ok(written.outcome)
        };
        let outcome = within(context, removal).await;
        match outcome.map_err(RemoveWorkerFault::RegistryUnavailable)? {
            CommandReply::Ok => Ok(RemoveWorkerReply::new(True)),
            CommandReply::Error(_) => Err(RemoveWorkerFault::WorkerNotFound(id.to_string())),
            CommandReply::Unknown(answer) => {
                Err(RemoveWorkerFault::RegistryUnavailable(answer.to_string()))
            }
        }
    }
}

impl Service {
    pub(super) fn new(
        registrar: Registrar,
        replica: &Arc<Replica>,
        liveness: &Arc<Liveness>,
    ) -> Self {
        Self {
            registrar,
            replica: Arc::clone(replica),
            liveness: Arc::clone(liveness),
        }
    }

    /// The state of a worker. Heartbeats are not replicated, so its counters are those that this coordinator received.
    fn details(&self, registry: &Registry, record: &WorkerRecord) -> WorkerDetails {
        let registration = &record.registration;
        let id: &WorkerId = &registration.id;
        let counters = self.liveness.read(id, |liveness| {
            let heartbeat = liveness.heartbeat.as_ref()?;
            Some((heartbeat.events_processed, heartbeat.pipelines_running))
        });
        let replicated = || {
            let metrics = record.metrics.as_ref()?;
            Some((metrics.events_processed, metrics.pipelines_running))
        };
        let capacity = &registration.capacity;
        let (events_processed, pipelines_running) = counters
            .flatten()
            .or_else(replicated)
            .unwrap_or((0, capacity.pipelines_running));
        let status = match record.status {
            WorkerStatus::Registering => WorkerDetailsStatus::Registering,
            WorkerStatus::Ready => WorkerDetailsStatus::Ready,
            WorkerStatus::Unhealthy => WorkerDetailsStatus::Unhealthy,
            WorkerStatus::Draining => WorkerDetailsStatus::Draining,
        };
        let assigned = registry.deployments_on(id);
        WorkerDetails::new(
            id.clone(),
            registration.address.clone(),
            status,
            capacity.cpu_cores,
            pipelines_running,
            capacity.max_pipelines,
            assigned
                .map(|deployment| deployment.pipeline.clone())
                .collect(),
            events_processed,
        )
    }
}

/// Waits for the registry, and leaves time for the answer. Fails with the reason.
async fn within<T>(
    context: &Context,
    access: impl Future<Output = Result<T, ReplicaError>>,
) -> Result<T, String> {
    let reply_time = REPLY_TIME.min(context.remaining() / 10);
    match timeout_at(context.deadline() - reply_time, access).await {
        Ok(accessed) => accessed.map_err(|error| error.to_string()),
        Err(_) => Err("it did not answer in time".to_owned()),
    }
}

/// A number of workers.
fn as_size(number: u32) -> usize {
    number.try_into().unwrap_or(usize::MAX)
}
