//! A worker whose commands execute the program in their request.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use natsgen_runtime::{Context, Limited, True};
use tokio::sync::{Semaphore, watch};
use tokio::task::yield_now;
use tokio::time::sleep;
use varpulis_sdk::types::{EventFields, OutputEvent, PipelineStatus};
use varpulis_sdk::worker::{
    CheckpointFault, CheckpointReply, CheckpointRequest, DeployFault, DeployReply, DeployRequest,
    DrainReply, DrainRequest, InjectBatchFault, InjectBatchReply, InjectBatchRequest, InjectFault,
    InjectReply, InjectRequest, RestoreFault, RestoreReply, RestoreRequest, UndeployFault,
    UndeployReply, UndeployRequest, WorkerService,
};

use super::within_timeout;

/// The worker; a clone is another handle to it.
///
/// `deploy` executes its source: empty, `sleep <ms>`, `block <ms>` (blocks the thread), `wait` (for [`Worker::release`]),
/// `panic`, `sleep and panic` and `sleep and block <ms>` (both after a short sleep). `inject` records the pipeline and
/// the number. The event `Fill` returns as many bytes as its number, `Fail` returns a fault with as many bytes, and
/// `Wait` waits. `drain` completes at once. The other commands return faults.
#[derive(Clone)]
pub(crate) struct Worker(Arc<Record>);

struct Record {
    begun: watch::Sender<u64>,
    gate: Semaphore,
    injected: Mutex<Vec<(String, u64)>>,
}

impl Default for Worker {
    fn default() -> Self {
        Self(Arc::new(Record {
            begun: watch::Sender::new(0),
            gate: Semaphore::new(0),
            injected: Mutex::default(),
        }))
    }
}

impl Worker {
    /// The number of commands that have begun.
    pub(crate) fn begun(&self) -> u64 {
        *self.0.begun.borrow()
    }

    /// Waits until `commands` commands have begun.
    pub(crate) async fn until_begun(&self, commands: u64) {
        let mut begun = self.0.begun.subscribe();
        let enough = begun.wait_for(|begun| *begun >= commands);
        within_timeout("commands", enough)
            .await
            .expect("the sender lives");
    }

    /// Releases all waiting commands, and all later commands.
    pub(crate) fn release(&self) {
        self.0.gate.close();
    }

    /// The numbers that were injected into a pipeline, in execution order.
    pub(crate) fn injected(&self, pipeline: &str) -> Vec<u64> {
        let injected = self.0.injected.lock().expect("no panic");
        let here = injected.iter().filter(|(into, _)| into == pipeline);
        here.map(|(_, number)| *number).collect()
    }

    fn begin(&self) {
        self.0.begun.send_modify(|begun| *begun += 1);
    }

    async fn wait(&self) {
        // An error means that the gate is open.
        let _ = self.0.gate.acquire().await;
    }
}

impl WorkerService for Worker {
    async fn checkpoint(
        &self,
        _: &Context,
        request: CheckpointRequest,
    ) -> Result<CheckpointReply, CheckpointFault> {
        Err(CheckpointFault::PipelineNotFound(
            request.pipeline_id.into(),
        ))
    }

    async fn deploy(
        &self,
        _: &Context,
        request: DeployRequest,
    ) -> Result<DeployReply, DeployFault> {
        self.begin();
        let program: Vec<_> = request.source.split(' ').collect();
        let millis = |text: &str| Duration::from_millis(text.parse().expect("milliseconds"));
        match program[..] {
            ["sleep", "and", "panic"] => {
                sleep(Duration::from_millis(1)).await;
                panic!("requested panic after a sleep");
            }
            ["sleep", "and", "block", time] => {
                sleep(Duration::from_millis(1)).await;
                std::thread::sleep(millis(time));
            }
            ["sleep", time] => sleep(millis(time)).await,
            ["block", time] => std::thread::sleep(millis(time)),
            ["wait"] => self.wait().await,
            ["panic"] => panic!("requested panic"),
            _ => {}
        }
        Ok(DeployReply::new(
            "p".parse().expect("a pipeline id"),
            request.name,
            PipelineStatus::Running,
        ))
    }

    async fn drain(&self, _: &Context, _: DrainRequest) -> Result<DrainReply, Infallible> {
        self.begin();
        Ok(DrainReply::new(True))
    }

    async fn inject(
        &self,
        _: &Context,
        request: InjectRequest,
    ) -> Result<InjectReply, InjectFault> {
        self.begin();
        let number = request.fields.0.get("number");
        let number = number
            .and_then(natsgen_runtime::Value::as_u64)
            .unwrap_or_default();
        let text = || "x".repeat(usize::try_from(number).expect("a size"));
        let mut output_events = Vec::new();
        match request.event_type.as_str() {
            "Wait" => self.wait().await,
            "Fail" => return Err(InjectFault::Engine(text())),
            "Fill" => output_events.push({
                let mut event = OutputEvent::new(request.event_type);
                event.fields = Some(EventFields(
                    Limited::new([("text", text())].into_iter().collect()).expect("one"),
                ));
                event
            }),
            _ => {
                // Some events take longer than later events.
                for _ in 0..number % 5 {
                    yield_now().await;
                }
            }
        }
        let mut injected = self.0.injected.lock().expect("no panic");
        injected.push((request.pipeline_id.into(), number));
        Ok(InjectReply::new(True, output_events))
    }

    async fn inject_batch(
        &self,
        _: &Context,
        request: InjectBatchRequest,
    ) -> Result<InjectBatchReply, InjectBatchFault> {
        Err(InjectBatchFault::PipelineNotFound(
            request.pipeline_id.into(),
        ))
    }

    async fn restore(
        &self,
        _: &Context,
        request: RestoreRequest,
    ) -> Result<RestoreReply, RestoreFault> {
        Err(RestoreFault::PipelineNotFound(request.pipeline_id.into()))
    }

    async fn undeploy(
        &self,
        _: &Context,
        request: UndeployRequest,
    ) -> Result<UndeployReply, UndeployFault> {
        Err(UndeployFault::PipelineNotFound(request.pipeline_id.into()))
    }
}
