//! A worker that executes the program in each request and records each execution.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{Context, True};
use tokio::time::sleep;
use varpulis_sdk::types::PipelineStatus;
use varpulis_sdk::worker::{
    CheckpointFault, CheckpointReply, CheckpointRequest, DeployFault, DeployReply, DeployRequest,
    DrainReply, DrainRequest, InjectBatchFault, InjectBatchReply, InjectBatchRequest, InjectFault,
    InjectReply, InjectRequest, RestoreFault, RestoreReply, RestoreRequest, UndeployFault,
    UndeployReply, UndeployRequest, WorkerService,
};

use crate::history::History;
use crate::journal::Journal;

/// The pipeline that never finishes an event.
pub(crate) const HANGING: &str = "hanging";

/// The destination of the records.
#[derive(Clone, Debug)]
pub(crate) enum Recorder {
    /// A file, for a process that may be killed.
    Journal(Arc<Journal>),
    /// The history itself, for a worker in this process.
    History(Arc<History>),
}

/// The worker service.
///
/// The name of a `deploy` request is the call number, and its source is the program: empty, `sleep <ms>`, `block <ms>`
/// (blocks the thread), `stuck` (blocks the thread forever), `panic`, `fail`, or `sleep and panic` (panics after a
/// short sleep). The id of the returned pipeline is the call number. The event type of an `inject` request is the call
/// number. `undeploy` is not recorded.
#[derive(Clone, Debug)]
pub(crate) struct RecordingWorker(pub(crate) Recorder);

impl Recorder {
    /// Records an execution. `id` is `None` if only a single request may execute the call.
    fn record(&self, name: &str, id: Option<&str>) {
        let number = name.parse().expect("calls have numbers");
        let id = id.unwrap_or_default();
        match self {
            Self::Journal(journal) => journal.append(number, id).expect("a written journal"),
            Self::History(history) => history.executed(number),
        }
    }
}

impl WorkerService for RecordingWorker {
    async fn checkpoint(
        &self,
        _: &Context,
        request: CheckpointRequest,
    ) -> Result<CheckpointReply, CheckpointFault> {
        let pipeline = request.pipeline_id.into();
        Err(CheckpointFault::PipelineNotFound(pipeline))
    }

    async fn deploy(
        &self,
        context: &Context,
        request: DeployRequest,
    ) -> Result<DeployReply, DeployFault> {
        self.0.record(request.name.as_str(), context.request_id());
        let program: Vec<_> = request.source.split(' ').collect();
        let millis = |text: &str| Duration::from_millis(text.parse().expect("milliseconds"));
        match program[..] {
            ["sleep", "and", "panic"] => {
                sleep(Duration::from_millis(1)).await;
                panic!("requested panic after a sleep");
            }
            ["sleep", time] => sleep(millis(time)).await,
            ["block", time] => std::thread::sleep(millis(time)),
            ["stuck"] => loop {
                std::thread::park();
            },
            ["panic"] => panic!("requested panic"),
            ["fail"] => return Err(DeployFault::Engine("requested failure".to_owned())),
            _ => {}
        }
        Ok(DeployReply::new(
            request.name.as_str().parse().expect("a pipeline id"),
            request.name,
            PipelineStatus::Running,
        ))
    }

    async fn drain(&self, _: &Context, _: DrainRequest) -> Result<DrainReply, Infallible> {
        Ok(DrainReply::new(True))
    }

    async fn inject(
        &self,
        _: &Context,
        request: InjectRequest,
    ) -> Result<InjectReply, InjectFault> {
        self.0.record(request.event_type.as_str(), None);
        if request.pipeline_id.as_str() == HANGING {
            std::future::pending::<()>().await;
        }
        Ok(InjectReply::new(True, Vec::new()))
    }

    async fn inject_batch(
        &self,
        _: &Context,
        _: InjectBatchRequest,
    ) -> Result<InjectBatchReply, InjectBatchFault> {
        Err(InjectBatchFault::Engine("not supported".to_owned()))
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
        _: UndeployRequest,
    ) -> Result<UndeployReply, UndeployFault> {
        Ok(UndeployReply::new(True))
    }
}
