//! The worker process, with the sample engine.

use natsgen_runtime::Connection;
use serde::Serialize;
use varpulis_sample::{RunningWorker, SampleWorker};
use varpulis_sdk::types::{WorkerConfig, WorkerId};
use varpulis_sdk::worker_node::WorkerPhase;

use super::node::{Health, Node};
use crate::terminal::error::{CommandError, chain};
use crate::terminal::text::counted;

pub(super) async fn start(
    config: &WorkerConfig,
    connection: &Connection,
) -> Result<RunningWorker, CommandError> {
    Ok(SampleWorker::start_configured(config, connection).await?)
}

/// The health of a worker.
#[derive(Serialize)]
pub(super) struct WorkerLine {
    #[serde(flatten)]
    state: WorkerState,
    pipelines: u32,
    heartbeats: u64,
    registrations: u64,
    commands: u64,
}

/// The part of the health that is printed as soon as it changes.
#[derive(PartialEq, Serialize)]
pub(super) struct WorkerState {
    kind: &'static str,
    id: WorkerId,
    ready: bool,
    phase: &'static str,
    connected: bool,
    registered: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

impl Node for RunningWorker {
    type Health = WorkerLine;

    fn health(&self) -> WorkerLine {
        let health = RunningWorker::health(self);
        WorkerLine {
            state: WorkerState {
                kind: "worker",
                id: self.worker().id().clone(),
                ready: health.is_ready(),
                phase: named(health.phase),
                connected: health.is_connected,
                registered: health.is_registered,
                failure: health.failure.as_ref().map(|failure| chain(failure)),
            },
            pipelines: self.worker().heartbeat().pipelines_running,
            heartbeats: health.heartbeats,
            registrations: health.registrations,
            commands: health.commands.answered,
        }
    }

    async fn ended(&self) -> CommandError {
        self.replaced().await;
        let id = self.worker().id();
        CommandError::Replaced(format!("another worker has registered as {id}"))
    }

    async fn finish(&self) {
        self.drain().await;
    }

    async fn shutdown(self) {
        RunningWorker::shutdown(self).await;
    }
}

impl Health for WorkerLine {
    type State = WorkerState;

    fn state(&self) -> &WorkerState {
        &self.state
    }

    fn is_ready(&self) -> bool {
        self.state.ready
    }

    fn line(&self) -> String {
        let WorkerState {
            id,
            phase,
            connected,
            failure,
            ..
        } = &self.state;
        let trouble = match failure {
            _ if !connected => ", not connected".to_owned(),
            Some(failure) => format!(", {failure}"),
            None => String::new(),
        };
        format!(
            "worker {id} {phase}{trouble} · {}, {}, {}",
            counted(self.pipelines.into(), "pipeline"),
            counted(self.heartbeats, "heartbeat"),
            counted(self.commands, "command"),
        )
    }
}

const fn named(phase: WorkerPhase) -> &'static str {
    match phase {
        WorkerPhase::Joining => "joining",
        WorkerPhase::Ready => "ready",
        WorkerPhase::Draining => "draining",
        WorkerPhase::Drained => "drained",
        WorkerPhase::Replaced => "replaced",
        _ => "unknown",
    }
}
