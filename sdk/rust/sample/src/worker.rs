//! A worker: the service trait, implemented.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use natsgen_runtime::{Connection, Context, Limited, Micros, Received, True, UnreadableEvent};
use tokio::sync::watch;

use super::SampleError;
use super::engine::Engine;
use super::route::{self, Route};
use super::running::RunningWorker;
use varpulis_sdk::coordinator::Heartbeat;
use varpulis_sdk::types::{ApiKey, OutputEvent, PipelineStatus, WorkerConfig, WorkerId};
use varpulis_sdk::worker::{
    CheckpointFault, CheckpointReply, CheckpointRequest, DeployFault, DeployReply, DeployRequest,
    DrainReply, DrainRequest, InjectBatchFault, InjectBatchReply, InjectBatchRequest, InjectFault,
    InjectReply, InjectRequest, PipelineEvent, RestoreFault, RestoreReply, RestoreRequest,
    UndeployFault, UndeployReply, UndeployRequest, WorkerClient, WorkerService,
};
use varpulis_sdk::worker_node::WorkerNode;

/// A sample of how to implement [`WorkerService`]: pipelines with counters and variables, kept in memory.
///
/// A clone is another handle to the same worker. The server already sees to it that commands of one pipeline run in
/// the order in which they came (that is the operations' ordering key), so all that is left to protect is the map of
/// pipelines, by a lock that is never held while something waits.
#[derive(Clone, Debug)]
pub struct SampleWorker(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    id: WorkerId,
    engine: Mutex<Engine>,
    routes: Vec<Route>,
    peers: WorkerClient,
    counts: watch::Sender<EventCounts>,
}

/// Events that a worker's pipelines were given since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventCounts {
    /// Those that they took.
    pub taken: u64,
    /// Those that failed, or came from another worker and could not be read.
    pub failed: u64,
}

impl SampleWorker {
    /// A worker that takes up to `max_pipelines` and sends what its pipelines put out along `routes`, over
    /// `connection`.
    #[must_use]
    pub fn new(
        connection: &Connection,
        id: WorkerId,
        max_pipelines: u32,
        routes: Vec<Route>,
    ) -> Self {
        Self(Arc::new(Shared {
            engine: Mutex::new(Engine::new(&id, max_pipelines)),
            id,
            routes,
            peers: WorkerClient::new(connection),
            counts: watch::Sender::default(),
        }))
    }

    /// Serves commands and takes events of other workers, until the returned [`RunningWorker`] is shut down, and
    /// registers as soon as there is a coordinator.
    ///
    /// # Errors
    /// When a subscription is refused or the connection is closed.
    pub async fn start(
        self,
        connection: &Connection,
        api_key: ApiKey,
    ) -> Result<RunningWorker, SampleError> {
        let node = WorkerNode::new(self.id().clone(), api_key, self.clone());
        let node = node.max_pipelines(self.engine().max_pipelines());
        RunningWorker::start(self, node, connection).await
    }

    /// Starts a worker as the [configuration](varpulis_sdk::config) says. What its pipelines put out goes nowhere else.
    ///
    /// # Errors
    /// When a subscription is refused or the connection is closed.
    pub async fn start_configured(
        config: &WorkerConfig,
        connection: &Connection,
    ) -> Result<RunningWorker, SampleError> {
        let id = config.id.clone();
        let worker = Self::new(connection, id, config.max_pipelines, Vec::new());
        let node = WorkerNode::configured(config, worker.clone());
        RunningWorker::start(worker, node, connection).await
    }

    /// The worker's id.
    #[must_use]
    pub fn id(&self) -> &WorkerId {
        &self.0.id
    }

    /// How many events it was given, now and whenever that changes.
    #[must_use]
    pub fn counts(&self) -> watch::Receiver<EventCounts> {
        self.0.counts.subscribe()
    }

    /// What it tells in a heartbeat now: the metrics of 10,000 pipelines at most.
    #[must_use]
    pub fn heartbeat(&self) -> Heartbeat {
        let engine = self.engine();
        Heartbeat {
            events_processed: self.0.counts.borrow().taken,
            pipelines_running: engine.running(),
            pipeline_metrics: Limited::up_to(engine.metrics()),
        }
    }

    /// Takes an event of another worker's pipeline. Nobody is answered, so that what goes wrong is counted.
    pub(super) async fn take(&self, event: Result<Received<PipelineEvent>, UnreadableEvent>) {
        let read = event
            .ok()
            .and_then(|received| route::read(&received.params, received.event));
        let Some((event_type, fields)) = read else {
            self.count(0, 1);
            return;
        };
        let processed = self.engine().process(&event_type, &fields);
        for outputs in processed {
            let routed = match &outputs {
                Ok(outputs) => self.route(outputs).await,
                Err(reason) => Err(reason.clone()),
            };
            self.count(outputs.is_ok().into(), routed.is_err().into());
        }
    }

    /// A handler that panicked must not end the worker, so what it left of the state is used.
    fn engine(&self) -> MutexGuard<'_, Engine> {
        self.0.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, taken: u64, failed: u64) {
        self.0.counts.send_modify(|counts| {
            counts.taken += taken;
            counts.failed += failed;
        });
    }

    /// Hands outputs over to the workers that are to have them.
    async fn route(&self, outputs: &[OutputEvent]) -> Result<(), String> {
        for output in outputs {
            for Route { group, to, .. } in self
                .0
                .routes
                .iter()
                .filter(|route| route.event_type == output.event_type)
            {
                let event = route::write(output);
                let sent = self
                    .0
                    .peers
                    .pipeline_event(group, &self.0.id, to, &event)
                    .await;
                sent.map_err(|failure| format!("processed, but not routed: {failure}"))?;
            }
        }
        Ok(())
    }
}

impl WorkerService for SampleWorker {
    async fn deploy(
        &self,
        _: &Context,
        request: DeployRequest,
    ) -> Result<DeployReply, DeployFault> {
        let id = self.engine().deploy(&request)?;
        Ok(DeployReply {
            id,
            name: request.name,
            status: PipelineStatus::Running,
        })
    }

    async fn undeploy(
        &self,
        _: &Context,
        request: UndeployRequest,
    ) -> Result<UndeployReply, UndeployFault> {
        if self.engine().undeploy(&request.pipeline_id) {
            Ok(UndeployReply { ok: True })
        } else {
            Err(UndeployFault::PipelineNotFound(
                request.pipeline_id.to_string(),
            ))
        }
    }

    async fn inject(
        &self,
        _: &Context,
        request: InjectRequest,
    ) -> Result<InjectReply, InjectFault> {
        let processed = {
            let mut engine = self.engine();
            let pipeline = engine.pipeline(&request.pipeline_id);
            let pipeline = pipeline.map_err(InjectFault::PipelineNotFound)?;
            pipeline.process(&request.event_type, &request.fields.0)
        };
        self.count(processed.is_ok().into(), processed.is_err().into());
        let output_events = processed.map_err(InjectFault::Engine)?;
        self.route(&output_events)
            .await
            .map_err(InjectFault::Engine)?;
        Ok(InjectReply {
            ok: True,
            output_events,
        })
    }

    async fn inject_batch(
        &self,
        _: &Context,
        request: InjectBatchRequest,
    ) -> Result<InjectBatchReply, InjectBatchFault> {
        let started = Instant::now();
        let (mut output_events, mut errors, mut sent) = (Vec::new(), Vec::new(), 0);
        {
            let mut engine = self.engine();
            let pipeline = engine.pipeline(&request.pipeline_id);
            let pipeline = pipeline.map_err(InjectBatchFault::PipelineNotFound)?;
            for event in &request.events {
                match pipeline.process(&event.event_type, &event.fields.0) {
                    Ok(outputs) => {
                        sent += 1;
                        output_events.extend(outputs);
                    }
                    Err(reason) => errors.push(reason),
                }
            }
        }
        let failed = u32::try_from(errors.len()).unwrap_or(u32::MAX);
        self.count(sent.into(), failed.into());
        self.route(&output_events)
            .await
            .map_err(InjectBatchFault::Engine)?;
        Ok(InjectBatchReply {
            events_sent: sent,
            events_failed: failed,
            output_events,
            errors,
            processing_time: Micros::saturating(started.elapsed()),
        })
    }

    async fn checkpoint(
        &self,
        _: &Context,
        request: CheckpointRequest,
    ) -> Result<CheckpointReply, CheckpointFault> {
        let mut engine = self.engine();
        let pipeline = engine.pipeline(&request.pipeline_id);
        let pipeline = pipeline.map_err(CheckpointFault::PipelineNotFound)?;
        Ok(CheckpointReply(pipeline.checkpoint()))
    }

    async fn restore(
        &self,
        _: &Context,
        request: RestoreRequest,
    ) -> Result<RestoreReply, RestoreFault> {
        let mut engine = self.engine();
        let pipeline = engine.pipeline(&request.pipeline_id);
        let pipeline = pipeline.map_err(RestoreFault::PipelineNotFound)?;
        pipeline
            .restore(&request.checkpoint)
            .map_err(RestoreFault::Engine)?;
        Ok(RestoreReply { ok: True })
    }

    async fn drain(
        &self,
        _: &Context,
        _: DrainRequest,
    ) -> Result<DrainReply, std::convert::Infallible> {
        // The node that serves it takes nothing new from here on; there is no more to do.
        Ok(DrainReply { ok: True })
    }
}
