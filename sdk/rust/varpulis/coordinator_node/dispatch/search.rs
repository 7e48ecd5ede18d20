//! Searches for pipelines that their workers have lost, if heartbeats report fewer pipelines than the registry has.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::dispatcher::Dispatcher;
use super::outcome::is_not_found;
use crate::coordinator_node::liveness::WorkerLiveness;
use crate::replica::{Registry, leading_term};
use crate::types::{Deployment, DeploymentState, DeploymentVersion, WorkerId, WorkerStatus};
use crate::worker::CheckpointRequest;

/// A heartbeat may be older than its arrival: the node sends the previous payload again if its source takes too long.
const GRACE: Duration = Duration::from_secs(2);

/// The least time between two searches on a worker, because a checkpoint of a pipeline may be expensive.
const PAUSE: Duration = Duration::from_mins(1);

/// Searches for lost pipelines while this coordinator leads.
#[derive(Default)]
pub(super) struct Search {
    /// When this coordinator first saw each running deployment.
    running: HashMap<DeploymentVersion, Instant>,
    /// The last search on each worker.
    searched: HashMap<WorkerId, Instant>,
    work: JoinSet<()>,
}

impl Search {
    /// Starts a search on each worker whose heartbeats report too few pipelines.
    pub(super) fn start(&mut self, dispatcher: &Dispatcher) {
        while self.work.try_join_next().is_some() {}
        let replica = &dispatcher.writer.replica;
        let now = Instant::now();
        self.searched.retain(|_, searched| now - *searched < PAUSE);
        dispatcher.lost.retain(|name, version| {
            let is_current = |deployment: &Arc<Deployment>| deployment.version == *version;
            replica.local(|registry| registry.deployment(name).is_some_and(is_current))
        });
        if leading_term(&replica.metrics().borrow()).is_none() {
            self.running.clear();
            return;
        }
        let suspects = replica.local(|registry| self.suspects(registry, dispatcher, now));
        for suspect in suspects {
            let dispatcher = dispatcher.clone();
            self.searched.insert(suspect.worker_id.clone(), now);
            self.work
                .spawn(async move { probe(&dispatcher, &suspect).await });
        }
    }

    /// The deployments that may be lost.
    fn suspects(
        &mut self,
        registry: &Registry,
        dispatcher: &Dispatcher,
        now: Instant,
    ) -> Vec<Arc<Deployment>> {
        let before = std::mem::take(&mut self.running);
        let is_running =
            |deployment: &&Arc<Deployment>| deployment.state == DeploymentState::Running;
        for deployment in registry.deployments().filter(is_running) {
            let since = before.get(&deployment.version).copied().unwrap_or(now);
            self.running.insert(deployment.version.clone(), since);
        }
        let mut suspects = Vec::new();
        for worker in registry.workers() {
            let id = &worker.registration.id;
            if worker.status != WorkerStatus::Ready || self.searched.contains_key(id) {
                continue;
            }
            let deployed = registry.deployments_on(id).filter(is_running);
            let deployed: Vec<_> = deployed.cloned().collect();
            if !deployed.is_empty() {
                let missing = |worker: &WorkerLiveness| self.missing(&deployed, worker);
                suspects.extend(dispatcher.liveness.read(id, missing).unwrap_or_default());
            }
        }
        suspects
    }

    /// The deployments that the last heartbeat of a worker does not include.
    fn missing(
        &self,
        deployed: &[Arc<Deployment>],
        worker: &WorkerLiveness,
    ) -> Vec<Arc<Deployment>> {
        let Some(heartbeat) = &worker.heartbeat else {
            return Vec::new();
        };
        let is_settled = |deployment: &&Arc<Deployment>| {
            let since = self.running.get(&deployment.version);
            since.is_some_and(|since| *since + GRACE < worker.last_seen)
        };
        let settled = deployed.iter().filter(is_settled);
        if settled.clone().count() <= heartbeat.pipelines_running as usize {
            return Vec::new();
        }
        let is_reported = |deployment: &&Arc<Deployment>| {
            let mut metrics = heartbeat.pipeline_metrics.iter();
            metrics.any(|metrics| metrics.pipeline_name == deployment.pipeline)
        };
        settled
            .filter(|deployment| !is_reported(deployment))
            .cloned()
            .collect()
    }
}

/// Asks the worker for a checkpoint of the pipeline, which fails if the worker does not have the pipeline.
async fn probe(dispatcher: &Dispatcher, deployment: &Deployment) {
    let Some(id) = &deployment.pipeline_id else {
        return;
    };
    let instance = deployment.instance.as_ref();
    let options = dispatcher.options(dispatcher.limit, &deployment.worker_id, instance);
    let client = dispatcher.client.clone().options(options);
    let request = CheckpointRequest::new(id.clone());
    let taken = client.checkpoint(&deployment.worker_id, &request).await;
    if taken.is_err_and(|error| is_not_found(&error)) {
        dispatcher.lost.add(deployment);
    }
}
