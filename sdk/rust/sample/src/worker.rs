//! A sample worker: an implementation of the service trait.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use natsgen_runtime::{Connection, Context, Limited, Micros, Received, True, UnreadableEvent};
use tokio::sync::watch;

use super::engine::Engine;
use super::route::{self, Route};
use varpulis_sdk::coordinator::Heartbeat;
use varpulis_sdk::types::{OutputEvent, PipelineStatus, WorkerId};
use varpulis_sdk::worker::{
    CheckpointFault, CheckpointReply, CheckpointRequest, DeployFault, DeployReply, DeployRequest,
    DrainReply, DrainRequest, InjectBatchFault, InjectBatchReply, InjectBatchRequest, InjectFault,
    InjectReply, InjectRequest, PipelineEvent, RestoreFault, RestoreReply, RestoreRequest,
    UndeployFault, UndeployReply, UndeployRequest, WorkerClient, WorkerService,
};

/// A sample implementation of [`WorkerService`]: pipelines with counters and variables in memory.
///
/// Clones share the same worker. The server runs the commands of a pipeline in the order of their arrival, because the
/// pipeline id is the ordering key of the operations. So the worker only has to protect the map of pipelines. Its lock
/// is never held across an await.
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

/// The numbers of events that a worker's pipelines received since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventCounts {
    /// Processed events.
    pub processed: u64,
    /// Events that failed, or came from another worker and were unreadable.
    pub failed: u64,
}

impl SampleWorker {
    /// Creates a worker that accepts up to `max_pipelines` pipelines, and sends their output events along `routes` over
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

    /// The worker's id.
    #[must_use]
    pub fn id(&self) -> &WorkerId {
        &self.0.id
    }

    /// The numbers of events and their changes.
    #[must_use]
    pub fn counts(&self) -> watch::Receiver<EventCounts> {
        self.0.counts.subscribe()
    }

    /// The payload of a heartbeat, with the metrics of at most 10,000 pipelines.
    #[must_use]
    pub fn heartbeat(&self) -> Heartbeat {
        let engine = self.engine();
        let mut heartbeat = Heartbeat::new(self.0.counts.borrow().processed, engine.running());
        heartbeat.pipeline_metrics = Limited::up_to(engine.metrics());
        heartbeat
    }

    /// Processes an event of another worker. An event has no reply, so failures are only counted.
    pub(super) async fn handle_event(
        &self,
        event: Result<Received<PipelineEvent>, UnreadableEvent>,
    ) {
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

    pub(super) fn max_pipelines(&self) -> u32 {
        self.engine().max_pipelines()
    }

    /// A panic of a handler must not end the worker, so a poisoned lock is used as it is.
    fn engine(&self) -> MutexGuard<'_, Engine> {
        self.0.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, processed: u64, failed: u64) {
        self.0.counts.send_modify(|counts| {
            counts.processed += processed;
            counts.failed += failed;
        });
    }

    /// Sends output events to the workers on their routes.
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
        Ok(DeployReply::new(id, request.name, PipelineStatus::Running))
    }

    async fn undeploy(
        &self,
        _: &Context,
        request: UndeployRequest,
    ) -> Result<UndeployReply, UndeployFault> {
        if self.engine().undeploy(&request.pipeline_id) {
            Ok(UndeployReply::new(True))
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
        Ok(InjectReply::new(True, output_events))
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
        Ok(InjectBatchReply::new(
            sent,
            failed,
            output_events,
            errors,
            Micros::saturating(started.elapsed()),
        ))
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
        Ok(RestoreReply::new(True))
    }

    async fn drain(
        &self,
        _: &Context,
        _: DrainRequest,
    ) -> Result<DrainReply, std::convert::Infallible> {
        // The node refuses new work from here on. The sample has nothing else to do.
        Ok(DrainReply::new(True))
    }
}
