//! The generated client of a worker calls a generated server, over NATS or over HTTP.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use natsgen_runtime::http::{HttpOptions, HttpPeer, HttpRoutes, HttpServer, HttpServerOptions};
use natsgen_runtime::{Connection, Context, Limited, Map, Micros, NatsOptions, Server, True};
use varpulis_sdk::types::{EventFields, InputEvent, OutputEvent, PipelineId, WorkerId};
use varpulis_sdk::worker::{
    CheckpointFault, CheckpointReply, CheckpointRequest, DeployFault, DeployReply, DeployRequest,
    DrainReply, DrainRequest, InjectBatchFault, InjectBatchReply, InjectBatchRequest, InjectFault,
    InjectReply, InjectRequest, RestoreFault, RestoreReply, RestoreRequest, UndeployFault,
    UndeployReply, UndeployRequest, WorkerClient, WorkerServer, WorkerService,
};
use varpulis_sdk::{http, subject};

use super::message::{self, WORKER};
use crate::Failure;
use crate::contender::Call;

/// The number of pipelines of the events. Events of the same pipeline are executed in order.
const PIPELINES: usize = 64;

/// The number of events of a batch.
const BATCH: usize = 10;

/// Calls an operation, each time for the next pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Natsgen {
    client: WorkerClient,
    worker: WorkerId,
    requests: Arc<Requests>,
    next: Arc<AtomicUsize>,
    /// Keep the worker running.
    _servers: Arc<(Server, Option<HttpServer>)>,
}

/// The requests of an operation, one for each pipeline.
#[derive(Debug)]
enum Requests {
    Inject(Vec<InjectRequest>),
    InjectBatch(Vec<InjectBatchRequest>),
}

impl Natsgen {
    /// Starts a worker on a NATS connection of its own and connects to it.
    ///
    /// # Errors
    /// If the server at `url` does not answer.
    pub(crate) async fn start(url: &str) -> Result<Self, Failure> {
        let server = serve(&NatsOptions::new(url).connect().await?).await?;
        Self::new(&NatsOptions::new(url).connect().await?, server, None)
    }

    /// Starts a worker on a free port and connects to it over HTTP.
    ///
    /// # Errors
    /// If no port is free.
    pub(crate) async fn start_http() -> Result<Self, Failure> {
        let (local, routes, prefix) = (
            Connection::memory(),
            HttpRoutes::new(http::ROUTES)?,
            subject::PREFIX,
        );
        let server = serve(&local).await?;
        let options = HttpServerOptions::new()
            .role("worker")
            .param("worker_id", WORKER);
        let address = ([127, 0, 0, 1], 0).into();
        let listener = HttpServer::start(address, &local, &prefix, &routes, &options).await?;
        let peer = HttpPeer::new(&format!("http://{}", listener.address()))?;
        let connection = HttpOptions::new(&routes, &prefix).peer("worker", peer);
        Self::new(&connection.connect()?, server, Some(listener))
    }

    fn new(
        connection: &Connection,
        server: Server,
        listener: Option<HttpServer>,
    ) -> Result<Self, Failure> {
        let requests = (0..PIPELINES).map(request).collect::<Result<_, _>>()?;
        Ok(Self {
            client: WorkerClient::new(connection),
            worker: WorkerId::try_from(WORKER)?,
            requests: Arc::new(Requests::Inject(requests)),
            next: Arc::default(),
            _servers: Arc::new((server, listener)),
        })
    }

    /// The same client and server with `inject_batch` in place of `inject`.
    ///
    /// # Errors
    /// If the sample does not match the schema.
    pub(crate) fn batches(&self) -> Result<Self, Failure> {
        let batch = |pipeline| {
            let InjectRequest {
                pipeline_id,
                event_type,
                fields,
                ..
            } = request(pipeline)?;
            let mut event = InputEvent::new(event_type);
            event.fields = fields;
            let events = Limited::new(vec![event; BATCH])?;
            Ok::<_, Failure>(InjectBatchRequest::new(pipeline_id, events))
        };
        let requests = (0..PIPELINES).map(batch).collect::<Result<_, _>>()?;
        Ok(Self {
            requests: Arc::new(Requests::InjectBatch(requests)),
            ..self.clone()
        })
    }
}

/// Serves the worker on a connection.
async fn serve(connection: &Connection) -> Result<Server, Failure> {
    let server = WorkerServer::new(Worker);
    Ok(server
        .start(connection, &WorkerId::try_from(WORKER)?)
        .await?)
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
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % PIPELINES;
        let events = match &*self.requests {
            Requests::Inject(requests) => {
                let reply = self.client.inject(&self.worker, &requests[turn]).await?;
                reply.output_events.len()
            }
            Requests::InjectBatch(requests) => {
                let reply = self.client.inject_batch(&self.worker, &requests[turn]);
                reply.await?.output_events.len()
            }
        };
        if events == 3 {
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
        request: InjectBatchRequest,
    ) -> Result<InjectBatchReply, InjectBatchFault> {
        let sent = u32::try_from(request.events.len()).unwrap_or(u32::MAX);
        let events = request.events.into_inner().into_iter();
        let output = events
            .take(3)
            .map(|event| OutputEvent::new(event.event_type));
        let (output, time) = (output.collect(), Micros::default());
        Ok(InjectBatchReply::new(sent, 0, output, Vec::new(), time))
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
