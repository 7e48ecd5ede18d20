//! The worker process, with the sample engine.

use std::time::Duration;

use natsgen_runtime::Connection;
use serde::Serialize;
use varpulis_sample::{RunningWorker, SampleWorker};
use varpulis_sdk::types::{WorkerConfig, WorkerId};

use super::node::{Health, Node};
use crate::terminal::error::{CommandError, chain};
use crate::terminal::text::counted;

/// How long a worker may take to stop after its drain limit.
pub(super) const STOP_LIMIT: Duration = Duration::from_secs(5);

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
    phase: String,
    connected: bool,
    registered: bool,
    /// Why it is not ready, if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
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
                phase: health.phase.to_string(),
                connected: health.is_connected,
                registered: health.is_registered,
                reason: health.not_ready().map(|reason| reason.to_string()),
                failure: health.failure.as_ref().map(|failure| chain(failure)),
            },
            pipelines: self.worker().heartbeat().pipelines_running,
            heartbeats: health.heartbeats,
            registrations: health.registrations,
            commands: health.commands.answered,
        }
    }

    async fn ended(&self) -> CommandError {
        let id = self.worker().id();
        tokio::select! {
            () = self.replaced() => {
                CommandError::Replaced(format!("another worker has registered as {id}"))
            }
            () = self.rejected() => CommandError::Rejected {
                reason: format!("the coordinators refuse the API key of {id}"),
                advice: "set `worker.api_key` to the coordinators' `api_key`, or to the worker's key in their `worker_keys`"
                    .to_owned(),
            },
        }
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
            reason,
            failure,
            ..
        } = &self.state;
        // The phase is printed in any case.
        let reason = reason.as_ref().filter(|reason| *reason != phase);
        let trouble = reason.or(failure.as_ref());
        let trouble = trouble.map_or_else(String::new, |trouble| format!(", {trouble}"));
        format!(
            "worker {id} {phase}{trouble} · {}, {}, {}",
            counted(self.pipelines.into(), "pipeline"),
            counted(self.heartbeats, "heartbeat"),
            counted(self.commands, "command"),
        )
    }
}
