//! A worker that does what a test says.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use natsgen_runtime::{Context, True};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use varpulis_sdk::types::{PipelineId, PipelineName, PipelineStatus};
use varpulis_sdk::worker::{
    CheckpointFault, CheckpointReply, CheckpointRequest, DeployFault, DeployReply, DeployRequest,
    DrainReply, DrainRequest, InjectBatchFault, InjectBatchReply, InjectBatchRequest, InjectFault,
    InjectReply, InjectRequest, RestoreFault, RestoreReply, RestoreRequest, UndeployFault,
    UndeployReply, UndeployRequest, WorkerService,
};

use crate::cluster::PATIENCE;

/// A worker that does what a test says. A clone is the same worker.
#[derive(Clone)]
pub(crate) struct Script(Arc<Shared>);

struct Shared {
    /// What to do with the next deploys; once it is empty they run.
    acts: Mutex<VecDeque<Act>>,
    running: watch::Sender<BTreeMap<PipelineId, PipelineName>>,
    /// How many deploys were begun.
    begun: watch::Sender<u64>,
    /// What drains wait for.
    drains: Semaphore,
    /// Whether the next undeploy panics.
    stumbles: AtomicBool,
}

/// What to do with a deploy.
pub(crate) enum Act {
    Refuse(DeployFault),
    /// Wait for this, then run.
    Wait(Arc<Semaphore>),
    /// Wait for this, then refuse it as if there were no room.
    WaitAndRefuse(Arc<Semaphore>),
    Panic,
}

impl Script {
    pub(crate) fn new(acts: impl IntoIterator<Item = Act>) -> Self {
        Self(Arc::new(Shared {
            acts: Mutex::new(acts.into_iter().collect()),
            running: watch::Sender::default(),
            begun: watch::Sender::new(0),
            drains: Semaphore::new(usize::MAX >> 3),
            stumbles: AtomicBool::new(false),
        }))
    }

    /// Lets no drain come to its end.
    pub(crate) fn stick(self) -> Self {
        self.0.drains.close();
        self
    }

    /// Fails at the next undeploy.
    pub(crate) fn stumble(&self) {
        self.0.stumbles.store(true, Ordering::SeqCst);
    }

    /// The names of the pipelines that run.
    pub(crate) fn running(&self) -> Vec<PipelineName> {
        self.0.running.borrow().values().cloned().collect()
    }

    /// Loses all pipelines.
    pub(crate) fn forget(&self) {
        self.0.running.send_modify(BTreeMap::clear);
    }

    /// How many deploys were begun.
    pub(crate) fn deploys(&self) -> u64 {
        *self.0.begun.borrow()
    }

    /// Waits until so many deploys were begun.
    pub(crate) async fn begun(&self, deploys: u64) {
        let mut begun = self.0.begun.subscribe();
        let waiting = begun.wait_for(|begun| *begun >= deploys);
        let waited = timeout(PATIENCE, waiting).await;
        waited.expect("a deploy").expect("the script has it");
    }

    /// Waits until so many pipelines run.
    pub(crate) async fn runs(&self, pipelines: usize) {
        let mut running = self.0.running.subscribe();
        let waiting = running.wait_for(|running| running.len() == pipelines);
        let waited = timeout(PATIENCE, waiting).await;
        drop(waited.expect("pipelines").expect("the script has them"));
    }
}

impl WorkerService for Script {
    async fn deploy(
        &self,
        _: &Context,
        request: DeployRequest,
    ) -> Result<DeployReply, DeployFault> {
        let act = self.0.acts.lock().unwrap().pop_front();
        let mut number = 0;
        self.0.begun.send_modify(|begun| {
            *begun += 1;
            number = *begun;
        });
        match act {
            None => {}
            Some(Act::Refuse(fault)) => return Err(fault),
            Some(Act::Wait(gate)) => gate.acquire().await.unwrap().forget(),
            Some(Act::WaitAndRefuse(gate)) => {
                gate.acquire().await.unwrap().forget();
                return Err(DeployFault::QuotaExceeded("as the test says".to_owned()));
            }
            Some(Act::Panic) => panic!("as the test says"),
        }
        let id = PipelineId::try_from(format!("p-{number}")).unwrap();
        let running = &self.0.running;
        running.send_modify(|running| drop(running.insert(id.clone(), request.name.clone())));
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
        let stumbles = self.0.stumbles.swap(false, Ordering::SeqCst);
        assert!(!stumbles, "as the test says");
        let id = request.pipeline_id;
        let mut stopped = None;
        let running = &self.0.running;
        running.send_modify(|running| stopped = running.remove(&id));
        stopped
            .map(|_| UndeployReply { ok: True })
            .ok_or_else(|| UndeployFault::PipelineNotFound(id.to_string()))
    }

    async fn inject(
        &self,
        _: &Context,
        request: InjectRequest,
    ) -> Result<InjectReply, InjectFault> {
        let id = request.pipeline_id;
        if !self.0.running.borrow().contains_key(&id) {
            return Err(InjectFault::PipelineNotFound(id.to_string()));
        }
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
        Err(InjectBatchFault::RateLimited)
    }

    async fn checkpoint(
        &self,
        _: &Context,
        request: CheckpointRequest,
    ) -> Result<CheckpointReply, CheckpointFault> {
        Err(CheckpointFault::PipelineNotFound(
            request.pipeline_id.to_string(),
        ))
    }

    async fn restore(
        &self,
        _: &Context,
        request: RestoreRequest,
    ) -> Result<RestoreReply, RestoreFault> {
        Err(RestoreFault::PipelineNotFound(
            request.pipeline_id.to_string(),
        ))
    }

    async fn drain(&self, _: &Context, _: DrainRequest) -> Result<DrainReply, Infallible> {
        if self.0.drains.is_closed() {
            std::future::pending::<()>().await;
        }
        Ok(DrainReply { ok: True })
    }
}
