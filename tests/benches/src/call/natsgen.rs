//! The generated client of a worker calls a generated server over NATS.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use natsgen_runtime::{Context, Map, NatsOptions, Server, True};
use varpulis_sdk::types::{EventFields, OutputEvent, PipelineId, WorkerId};
use varpulis_sdk::worker::{
    CheckpointFault, CheckpointReply, CheckpointRequest, DeployFault, DeployReply, DeployRequest,
    DrainReply, DrainRequest, InjectBatchFault, InjectBatchReply, InjectBatchRequest, InjectFault,
    InjectReply, InjectRequest, RestoreFault, RestoreReply, RestoreRequest, UndeployFault,
    UndeployReply, UndeployRequest, WorkerClient, WorkerServer, WorkerService,
};

use super::message::{self, WORKER};
use crate::Failure;
use crate::contender::Call;

/// The number of pipelines of the events. Events of the same pipeline are executed in order.
const PIPELINES: usize = 64;

/// Calls `inject`, each time for the next pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Natsgen {
    client: WorkerClient,
    worker: WorkerId,
    requests: Arc<Vec<InjectRequest>>,
    next: Arc<AtomicUsize>,
    /// Keeps the server running.
    _server: Arc<Server>,
}

impl Natsgen {
    /// Starts a worker on a connection of its own and connects to it.
    ///
    /// # Errors
    /// If the server at `url` does not answer.
    pub(crate) async fn start(url: &str) -> Result<Self, Failure> {
        let worker = WorkerId::try_from(WORKER)?;
        let connection = NatsOptions::new(url).connect().await?;
        let server = WorkerServer::new(Worker)
            .start(&connection, &worker)
            .await?;
        let client = WorkerClient::new(&NatsOptions::new(url).connect().await?);
        let requests = (0..PIPELINES).map(request).collect::<Result<_, _>>()?;
        Ok(Self {
            client,
            worker,
            requests: Arc::new(requests),
            next: Arc::default(),
            _server: Arc::new(server),
        })
    }
}

/// The request of every contender, for this pipeline.
fn request(pipeline: usize) -> Result<InjectRequest, Failure> {
    let sample = message::Inject::sample();
    let id = format!("{}{pipeline:02}", &sample.pipeline_id[..34]);
    let mut request = InjectRequest::new(PipelineId::try_from(id)?, sample.event_type.try_into()?);
    request.fields = EventFields(Map::from(sample.fields).try_into()?);
    Ok(request)
}

impl Call for Natsgen {
    async fn call(&self) -> Result<(), Failure> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let request = &self.requests[turn % PIPELINES];
        let reply = self.client.inject(&self.worker, request).await?;
        if reply.output_events.len() == 3 {
            Ok(())
        } else {
            Err("events are missing".into())
        }
    }
}

/// A worker that only accepts events.
#[derive(Debug)]
struct Worker;

impl WorkerService for Worker {
    async fn inject(
        &self,
        _: &Context,
        request: InjectRequest,
    ) -> Result<InjectReply, InjectFault> {
        let event = OutputEvent::new(request.event_type);
        Ok(InjectReply::new(True, vec![event; 3]))
    }

    async fn checkpoint(
        &self,
        _: &Context,
        request: CheckpointRequest,
    ) -> Result<CheckpointReply, CheckpointFault> {
        Err(CheckpointFault::PipelineNotFound(
            request.pipeline_id.into(),
        ))
    }

    async fn deploy(&self, _: &Context, _: DeployRequest) -> Result<DeployReply, DeployFault> {
        Err(DeployFault::WorkerDraining)
    }

    async fn drain(&self, _: &Context, _: DrainRequest) -> Result<DrainReply, Infallible> {
        Ok(DrainReply::new(True))
    }

    async fn inject_batch(
        &self,
        _: &Context,
        _: InjectBatchRequest,
    ) -> Result<InjectBatchReply, InjectBatchFault> {
        Err(InjectBatchFault::WorkerDraining)
    }

    async fn restore(&self, _: &Context, _: RestoreRequest) -> Result<RestoreReply, RestoreFault> {
        Err(RestoreFault::WorkerDraining)
    }

    async fn undeploy(
        &self,
        _: &Context,
        request: UndeployRequest,
    ) -> Result<UndeployReply, UndeployFault> {
        Err(UndeployFault::PipelineNotFound(request.pipeline_id.into()))
    }
}
