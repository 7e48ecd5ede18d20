//! A worker whose commands do what their requests say, and that writes down which it executes.

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

use crate::journal::Journal;
use crate::ledger::Ledger;

/// Where what was executed is written down.
#[derive(Clone, Debug)]
pub(crate) enum Notes {
    /// For a process that may be killed.
    Journal(Arc<Journal>),
    /// For one that keeps the books itself.
    Ledger(Arc<Ledger>),
}

/// The worker.
///
/// `deploy` is named by the number of the call, and runs its source: nothing, `sleep <ms>`, `block <ms>` (the thread),
/// `stuck` (the thread, for ever), `panic`, `fail`, and after a short sleep `sleep and panic`. The pipeline that it
/// answers with has the number for its id. `inject` names the kind of event by the number of the call. `undeploy` is not
/// noted.
#[derive(Clone, Debug)]
pub(crate) struct Journalist(pub(crate) Notes);

impl Notes {
    /// Notes a call that may be made by one request only, or by any number if `id` names this one.
    fn note(&self, name: &str, id: Option<&str>) {
        let number = name.parse().expect("calls have numbers");
        let id = id.unwrap_or_default();
        match self {
            Self::Journal(journal) => journal.note(number, id).expect("the journal takes it"),
            Self::Ledger(ledger) => ledger.executed(number),
        }
    }
}

impl WorkerService for Journalist {
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
        self.0.note(request.name.as_str(), context.request_id());
        let program: Vec<_> = request.source.split(' ').collect();
        let millis = |text: &str| Duration::from_millis(text.parse().expect("milliseconds"));
        match program[..] {
            ["sleep", "and", "panic"] => {
                sleep(Duration::from_millis(1)).await;
                panic!("as was asked for, later");
            }
            ["sleep", time] => sleep(millis(time)).await,
            ["block", time] => std::thread::sleep(millis(time)),
            ["stuck"] => loop {
                std::thread::park();
            },
            ["panic"] => panic!("as was asked for"),
            ["fail"] => return Err(DeployFault::Engine("as was asked for".to_owned())),
            _ => {}
        }
        Ok(DeployReply {
            id: request.name.as_str().parse().expect("a pipeline id"),
            name: request.name,
            status: PipelineStatus::Running,
        })
    }

    async fn drain(&self, _: &Context, _: DrainRequest) -> Result<DrainReply, Infallible> {
        Ok(DrainReply::default())
    }

    async fn inject(
        &self,
        _: &Context,
        request: InjectRequest,
    ) -> Result<InjectReply, InjectFault> {
        self.0.note(request.event_type.as_str(), None);
        Ok(InjectReply {
            ok: True,
            output_events: Vec::new(),
        })
    }

    async fn inject_batch(
        &self,
        _: &Context,
        _: InjectBatchRequest,
    ) -> Result<InjectBatchReply, InjectBatchFault> {
        Err(InjectBatchFault::Engine("not here".to_owned()))
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
        Ok(UndeployReply { ok: True })
    }
}
