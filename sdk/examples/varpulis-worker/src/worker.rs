//! The worker service over the published engine.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use natsgen_runtime::{Connection, Context, Limited, Micros, True, token};
use tokio::sync::Semaphore;
use varpulis_sdk::coordinator::Heartbeat;
use varpulis_sdk::types::{ApiKey, PipelineId, PipelineStatus, WorkerConfig, WorkerId};
use varpulis_sdk::worker::{
    CheckpointFault, CheckpointReply, CheckpointRequest, DeployFault, DeployReply, DeployRequest,
    DrainReply, DrainRequest, InjectBatchFault, InjectBatchReply, InjectBatchRequest, InjectFault,
    InjectReply, InjectRequest, RestoreFault, RestoreReply, RestoreRequest, UndeployFault,
    UndeployReply, UndeployRequest, WorkerService,
};
use varpulis_sdk::worker_node::{RunningWorkerNode, WorkerNode, WorkerNodeError};

use crate::convert;
use crate::pipeline::Pipeline;

/// A worker with the published engine. Clones share the same worker.
#[derive(Clone)]
pub struct EngineWorker(Arc<Shared>);

struct Shared {
    max_pipelines: u32,
    /// The free places of the quota. A deployment takes a place before it connects anything.
    places: Arc<Semaphore>,
    processed: Arc<AtomicU64>,
    pipelines: RwLock<BTreeMap<PipelineId, Arc<Pipeline>>>,
}

impl EngineWorker {
    /// Creates a worker that accepts up to `max_pipelines` pipelines.
    #[must_use]
    pub fn new(max_pipelines: u32) -> Self {
        let places = usize::try_from(max_pipelines).unwrap_or(usize::MAX);
        Self(Arc::new(Shared {
            max_pipelines,
            places: Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))),
            processed: Arc::default(),
            pipelines: RwLock::default(),
        }))
    }

    /// Serves commands and registers with the coordinators, until the returned node is shut down.
    ///
    /// # Errors
    /// If a subscription is refused or the connection is closed.
    pub async fn start(
        self,
        id: WorkerId,
        api_key: ApiKey,
        connection: &Connection,
    ) -> Result<RunningWorkerNode, WorkerNodeError> {
        let node = WorkerNode::new(id, api_key, self.clone()).max_pipelines(self.0.max_pipelines);
        self.start_node(node, connection).await
    }

    /// Starts a worker from the [configuration](varpulis_sdk::config).
    ///
    /// # Errors
    /// If a subscription is refused or the connection is closed.
    pub async fn start_configured(
        config: &WorkerConfig,
        connection: &Connection,
    ) -> Result<RunningWorkerNode, WorkerNodeError> {
        let worker = Self::new(config.max_pipelines);
        let node = WorkerNode::configured(config, worker.clone());
        worker.start_node(node, connection).await
    }

    async fn start_node(
        self,
        node: WorkerNode<Self>,
        connection: &Connection,
    ) -> Result<RunningWorkerNode, WorkerNodeError> {
        let node = node.health_source(move || self.heartbeat());
        node.start(connection).await
    }

    /// The payload of a heartbeat, with the metrics of at most 10,000 pipelines.
    fn heartbeat(&self) -> Heartbeat {
        let pipelines = self.0.pipelines.read();
        let pipelines = pipelines.unwrap_or_else(PoisonError::into_inner);
        let metrics: Vec<_> = pipelines
            .values()
            .map(|pipeline| pipeline.metrics())
            .collect();
        let processed = self.0.processed.load(Ordering::Relaxed);
        let running = u32::try_from(metrics.len()).unwrap_or(u32::MAX);
        let mut heartbeat = Heartbeat::new(processed, running);
        heartbeat.pipeline_metrics = Limited::up_to(metrics);
        heartbeat
    }

    /// The pipeline with this id. The error is the id, as faults contain it.
    fn pipeline(&self, id: &PipelineId) -> Result<Arc<Pipeline>, String> {
        let pipelines = self.0.pipelines.read();
        let pipelines = pipelines.unwrap_or_else(PoisonError::into_inner);
        pipelines.get(id).cloned().ok_or_else(|| id.to_string())
    }

    /// Removes a pipeline.
    fn remove(&self, id: &PipelineId) -> Option<Arc<Pipeline>> {
        let pipelines = self.0.pipelines.write();
        let mut pipelines = pipelines.unwrap_or_else(PoisonError::into_inner);
        pipelines.remove(id)
    }
}

impl WorkerService for EngineWorker {
    async fn deploy(
        &self,
        _: &Context,
        request: DeployRequest,
    ) -> Result<DeployReply, DeployFault> {
        let place = Arc::clone(&self.0.places).try_acquire_owned();
        let place = place.map_err(|_| {
            DeployFault::QuotaExceeded(format!("{} pipelines", self.0.max_pipelines))
        })?;
        let (name, processed) = (request.name.clone(), Arc::clone(&self.0.processed));
        let pipeline = Pipeline::start(name, &request.source, processed, place).await?;
        let id = PipelineId::try_from(token());
        let id = id.map_err(|error| DeployFault::Engine(error.to_string()))?;
        let pipelines = self.0.pipelines.write();
        let mut pipelines = pipelines.unwrap_or_else(PoisonError::into_inner);
        pipelines.insert(id.clone(), pipeline);
        Ok(DeployReply::new(id, request.name, PipelineStatus::Running))
    }

    async fn undeploy(
        &self,
        _: &Context,
        request: UndeployRequest,
    ) -> Result<UndeployReply, UndeployFault> {
        let removed = self.remove(&request.pipeline_id);
        let id = request.pipeline_id.to_string();
        removed.ok_or(UndeployFault::PipelineNotFound(id))?;
        Ok(UndeployReply::new(True))
    }

    async fn inject(
        &self,
        _: &Context,
        request: InjectRequest,
    ) -> Result<InjectReply, InjectFault> {
        let pipeline = self.pipeline(&request.pipeline_id);
        let pipeline = pipeline.map_err(InjectFault::PipelineNotFound)?;
        let event = convert::to_engine(&request.event_type, &request.fields);
        let event = event.map_err(InjectFault::Engine)?;
        let outputs = pipeline.process(event).await.map_err(InjectFault::Engine)?;
        Ok(InjectReply::new(True, outputs))
    }

    async fn inject_batch(
        &self,
        _: &Context,
        request: InjectBatchRequest,
    ) -> Result<InjectBatchReply, InjectBatchFault> {
        let started = Instant::now();
        let pipeline = self.pipeline(&request.pipeline_id);
        let pipeline = pipeline.map_err(InjectBatchFault::PipelineNotFound)?;
        let (mut outputs, mut errors, mut sent, mut failed) = (Vec::new(), Vec::new(), 0, 0);
        for event in &request.events {
            // A batch of the engine would not tell which event failed.
            let processed = match convert::to_engine(&event.event_type, &event.fields) {
                Ok(event) => pipeline.process(event).await,
                Err(reason) => Err(reason),
            };
            match processed {
                Ok(emitted) => {
                    sent += 1;
                    outputs.extend(emitted);
                }
                Err(reason) => {
                    failed += 1;
                    errors.push(reason);
                }
            }
        }
        let time = Micros::saturating(started.elapsed());
        Ok(InjectBatchReply::new(sent, failed, outputs, errors, time))
    }

    async fn checkpoint(
        &self,
        _: &Context,
        request: CheckpointRequest,
    ) -> Result<CheckpointReply, CheckpointFault> {
        let pipeline = self.pipeline(&request.pipeline_id);
        let pipeline = pipeline.map_err(CheckpointFault::PipelineNotFound)?;
        Ok(CheckpointReply(pipeline.checkpoint().await))
    }

    async fn restore(
        &self,
        _: &Context,
        request: RestoreRequest,
    ) -> Result<RestoreReply, RestoreFault> {
        let pipeline = self.pipeline(&request.pipeline_id);
        let pipeline = pipeline.map_err(RestoreFault::PipelineNotFound)?;
        let restored = pipeline.restore(&request.checkpoint).await;
        restored.map_err(RestoreFault::Engine)?;
        Ok(RestoreReply::new(True))
    }

    async fn drain(&self, _: &Context, _: DrainRequest) -> Result<DrainReply, Infallible> {
        // The node refuses new work from here on.
        Ok(DrainReply::new(True))
    }
}
