//! A minimal worker service for the cases.

use std::convert::Infallible;
use std::future;
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use natsgen_runtime::{Context, Micros, True};
use tokio::sync::watch;
use varpulis_sdk::types::{EventType, OutputEvent};
use varpulis_sdk::worker::{
    CheckpointFault, CheckpointReply, CheckpointRequest, DeployFault, DeployReply, DeployRequest,
    DrainReply, DrainRequest, InjectBatchFault, InjectBatchReply, InjectBatchRequest, InjectFault,
    InjectReply, InjectRequest, RestoreFault, RestoreReply, RestoreRequest, UndeployFault,
    UndeployReply, UndeployRequest, WorkerService,
};

/// A program that never ends and blocks its thread.
pub(super) const BLOCKS: &str = "blocks";

/// A program that never ends and leaves its thread to other commands.
pub(super) const SLEEPS: &str = "sleeps";

/// Returns an output event for each event. Its programs get stuck.
#[derive(Debug)]
pub(super) struct Engine {
    stuck: watch::Sender<usize>,
    /// Closed when the blocked thread must be released.
    end: Mutex<mpsc::Receiver<()>>,
}

/// Counts the stuck programs. Dropping it releases the blocked thread.
#[derive(Clone, Debug)]
pub(super) struct Stuck {
    count: watch::Receiver<usize>,
    _end: Arc<mpsc::Sender<()>>,
}

impl Engine {
    pub(super) fn new() -> (Self, Stuck) {
        let (stuck, count) = watch::channel(0);
        let (held, end) = mpsc::channel();
        let engine = Self {
            stuck,
            end: Mutex::new(end),
        };
        let stuck = Stuck {
            count,
            _end: Arc::new(held),
        };
        (engine, stuck)
    }
}

impl Stuck {
    /// Waits until `programs` programs are stuck.
    pub(super) async fn wait(&mut self, programs: usize) -> Result<(), watch::error::RecvError> {
        self.count.wait_for(|count| *count == programs).await?;
        Ok(())
    }
}

/// The output event of an event.
fn output(event_type: EventType) -> OutputEvent {
    OutputEvent::new(event_type)
}

impl WorkerService for Engine {
    async fn inject(
        &self,
        _: &Context,
        request: InjectRequest,
    ) -> Result<InjectReply, InjectFault> {
        Ok(InjectReply::new(True, vec![output(request.event_type)]))
    }

    async fn inject_batch(
        &self,
        _: &Context,
        request: InjectBatchRequest,
    ) -> Result<InjectBatchReply, InjectBatchFault> {
        let events = request.events.into_inner();
        let outputs: Vec<_> = events
            .into_iter()
            .map(|event| output(event.event_type))
            .collect();
        Ok(InjectBatchReply::new(
            u32::try_from(outputs.len()).unwrap_or(u32::MAX),
            0,
            outputs,
            Vec::new(),
            Micros::from_static(0),
        ))
    }

    async fn deploy(
        &self,
        _: &Context,
        request: DeployRequest,
    ) -> Result<DeployReply, DeployFault> {
        match request.source.as_str() {
            BLOCKS => {
                self.stuck.send_modify(|count| *count += 1);
                let end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
                // An error means that the other side is gone, which ends the wait.
                let _ = end.recv();
            }
            SLEEPS => {
                self.stuck.send_modify(|count| *count += 1);
                future::pending::<()>().await;
            }
            _ => {}
        }
        Err(DeployFault::WorkerDraining)
    }

    async fn drain(&self, _: &Context, _: DrainRequest) -> Result<DrainReply, Infallible> {
        Ok(DrainReply::new(True))
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
