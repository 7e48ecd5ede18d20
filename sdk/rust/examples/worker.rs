//! A worker with an engine of its own: it registers with a coordinator, runs commands, and drains on Ctrl-C.
//!
//! Start a coordinator before or after it: `cargo run -- coordinator`. The variable `NATS_URL` names the server,
//! `WORKER_ID` the worker, and `API_KEY` the key of the coordinators.

use std::collections::HashMap;
use std::convert::Infallible;
use std::env;
use std::error::Error;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Instant, UNIX_EPOCH};

use natsgen_runtime::{Limited, Micros, True, Value};
use varpulis_sdk::types::{
    ApiKey, EngineCheckpoint, EngineStates, EventFields, EventType, OutputEvent, PipelineId,
    PipelineName, PipelineStatus, WorkerId,
};
use varpulis_sdk::worker::{
    CheckpointFault, CheckpointReply, CheckpointRequest, DeployFault, DeployReply, DeployRequest,
    DrainReply, DrainRequest, InjectBatchFault, InjectBatchReply, InjectBatchRequest, InjectFault,
    InjectReply, InjectRequest, RestoreFault, RestoreReply, RestoreRequest, UndeployFault,
    UndeployReply, UndeployRequest, WorkerService,
};
use varpulis_sdk::worker_node::WorkerNode;
use varpulis_sdk::{Connection, Context};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let connection = Connection::nats(&variable("NATS_URL", "nats://localhost:4222")).await?;
    let id = WorkerId::try_from(variable("WORKER_ID", "w0"))?;
    let api_key = ApiKey::try_from(variable("API_KEY", "secret"))?;

    let node = WorkerNode::new(id, api_key, Engine::new()?);
    let node = node.start(&connection).await?;
    node.registered().await;
    println!("worker {} is {}", node.id(), node.health().phase);

    tokio::signal::ctrl_c().await?;
    node.drain().await;
    println!("worker {} is {}", node.id(), node.health().phase);
    node.shutdown().await;
    connection.close().await;
    Ok(())
}

fn variable(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.to_owned())
}

/// A pipeline with a single stream, such as `stream Hot = Reading .where(celsius > 90)`.
struct Pipeline {
    name: PipelineName,
    emits: EventType,
    accepts: EventType,
    field: String,
    limit: f64,
    received: u64,
    emitted: u64,
}

impl Pipeline {
    /// Parses a program. Returns nothing if it is not a program of this engine.
    fn parse(name: PipelineName, source: &str) -> Option<Self> {
        let words: Vec<&str> = source.split_whitespace().collect();
        let ["stream", emits, "=", accepts, field, ">", limit] = words[..] else {
            return None;
        };
        Some(Self {
            name,
            emits: emits.try_into().ok()?,
            accepts: accepts.try_into().ok()?,
            field: field.strip_prefix(".where(")?.to_owned(),
            limit: limit.strip_suffix(')')?.parse().ok()?,
            received: 0,
            emitted: 0,
        })
    }

    /// Processes an event. Returns the event that it emits.
    fn process(&mut self, event_type: &EventType, fields: EventFields) -> Option<OutputEvent> {
        self.received += 1;
        let value = fields.0.get(&self.field).and_then(Value::as_f64);
        if *event_type != self.accepts || value.is_none_or(|value| value <= self.limit) {
            return None;
        }
        self.emitted += 1;
        let mut output = OutputEvent::new(self.emits.clone());
        output.fields = Some(fields);
        Some(output)
    }
}

/// The pipelines of the worker.
struct Engine(Mutex<Pipelines>);

struct Pipelines {
    /// The number of the last pipeline. It begins at the start time, so ids of an earlier run are unknown.
    last: u128,
    by_id: HashMap<PipelineId, Pipeline>,
}

impl Engine {
    fn new() -> Result<Self, Box<dyn Error>> {
        let last = UNIX_EPOCH.elapsed()?.as_millis();
        let by_id = HashMap::new();
        Ok(Self(Mutex::new(Pipelines { last, by_id })))
    }

    /// A handler that panics must not stop the others.
    fn pipelines(&self) -> MutexGuard<'_, Pipelines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WorkerService for Engine {
    async fn deploy(
        &self,
        _: &Context,
        request: DeployRequest,
    ) -> Result<DeployReply, DeployFault> {
        let pipeline = Pipeline::parse(request.name.clone(), &request.source);
        let expected = || DeployFault::PipelineParse("expected a stream".to_owned());
        let pipeline = pipeline.ok_or_else(expected)?;
        println!("deployed {}", pipeline.name);
        let mut pipelines = self.pipelines();
        pipelines.last += 1;
        let id = PipelineId::try_from(format!("p-{}", pipelines.last));
        let id = id.map_err(|violation| DeployFault::Engine(violation.to_string()))?;
        pipelines.by_id.insert(id.clone(), pipeline);
        Ok(DeployReply::new(id, request.name, PipelineStatus::Running))
    }

    async fn undeploy(
        &self,
        _: &Context,
        request: UndeployRequest,
    ) -> Result<UndeployReply, UndeployFault> {
        let id = request.pipeline_id;
        let pipeline = self.pipelines().by_id.remove(&id);
        let pipeline = pipeline.ok_or_else(|| UndeployFault::PipelineNotFound(id.to_string()))?;
        println!("undeployed {}, {} events", pipeline.name, pipeline.received);
        Ok(UndeployReply::new(True))
    }

    async fn inject(
        &self,
        _: &Context,
        request: InjectRequest,
    ) -> Result<InjectReply, InjectFault> {
        let id = request.pipeline_id;
        let mut pipelines = self.pipelines();
        let pipeline = pipelines.by_id.get_mut(&id);
        let pipeline = pipeline.ok_or_else(|| InjectFault::PipelineNotFound(id.to_string()))?;
        let output = pipeline.process(&request.event_type, request.fields);
        Ok(InjectReply::new(True, output.into_iter().collect()))
    }

    async fn inject_batch(
        &self,
        _: &Context,
        request: InjectBatchRequest,
    ) -> Result<InjectBatchReply, InjectBatchFault> {
        let started = Instant::now();
        let id = request.pipeline_id;
        let mut pipelines = self.pipelines();
        let pipeline = pipelines.by_id.get_mut(&id);
        let pipeline =
            pipeline.ok_or_else(|| InjectBatchFault::PipelineNotFound(id.to_string()))?;
        let mut sent = 0;
        let mut outputs = Vec::new();
        for event in request.events {
            outputs.extend(pipeline.process(&event.event_type, event.fields));
            sent += 1;
        }
        let time = Micros::saturating(started.elapsed());
        Ok(InjectBatchReply::new(sent, 0, outputs, Vec::new(), time))
    }

    async fn checkpoint(
        &self,
        _: &Context,
        request: CheckpointRequest,
    ) -> Result<CheckpointReply, CheckpointFault> {
        let id = request.pipeline_id;
        let pipelines = self.pipelines();
        let pipeline = pipelines.by_id.get(&id);
        let pipeline = pipeline.ok_or_else(|| CheckpointFault::PipelineNotFound(id.to_string()))?;
        let none = EngineStates::default;
        let variables = Limited::default();
        let (received, emitted) = (pipeline.received, pipeline.emitted);
        let state = EngineCheckpoint::new(none(), none(), none(), variables, received, emitted);
        Ok(CheckpointReply(state))
    }

    async fn restore(
        &self,
        _: &Context,
        request: RestoreRequest,
    ) -> Result<RestoreReply, RestoreFault> {
        let id = request.pipeline_id;
        let mut pipelines = self.pipelines();
        let pipeline = pipelines.by_id.get_mut(&id);
        let pipeline = pipeline.ok_or_else(|| RestoreFault::PipelineNotFound(id.to_string()))?;
        pipeline.received = request.checkpoint.events_processed;
        pipeline.emitted = request.checkpoint.output_events_emitted;
        Ok(RestoreReply::new(True))
    }

    async fn drain(&self, _: &Context, _: DrainRequest) -> Result<DrainReply, Infallible> {
        // The node refuses new work from here on.
        Ok(DrainReply::new(True))
    }
}
