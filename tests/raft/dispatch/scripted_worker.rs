//! A worker whose behaviour a test defines.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use natsgen_runtime::{Context, Micros, True};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use varpulis_sdk::types::{PipelineId, PipelineName, PipelineStatus};
use varpulis_sdk::worker::{
    CheckpointFault, CheckpointReply, CheckpointRequest, DeployFault, DeployReply, DeployRequest,
    DrainReply, DrainRequest, InjectBatchFault, InjectBatchReply, InjectBatchRequest, InjectFault,
    InjectReply, InjectRequest, RestoreFault, RestoreReply, RestoreRequest, UndeployFault,
    UndeployReply, UndeployRequest, WorkerService,
};

use crate::cluster::TEST_TIMEOUT;

/// A worker service whose behaviour a test defines. A clone is the same worker.
#[derive(Clone)]
pub(crate) struct ScriptedWorker(Arc<Shared>);

struct Shared {
    /// The behaviour of the next deploys; further deploys succeed.
    behaviors: Mutex<VecDeque<Behavior>>,
    running: watch::Sender<BTreeMap<PipelineId, PipelineName>>,
    /// The number of deploys that were begun.
    begun: watch::Sender<u64>,
    /// A permit that drains wait for.
    drains: Semaphore,
    /// Whether the next undeploy panics.
    panics_at_undeploy: AtomicBool,
    /// Whether injections hang.
    hangs_at_inject: AtomicBool,
    /// Whether batches are answered with zeros, as Varpulis 0.11 does.
    ignores_batches: AtomicBool,
}

/// The behaviour of a deploy.
pub(crate) enum Behavior {
    Refuse(DeployFault),
    /// Waits for a permit, then runs the pipeline.
    Wait(Arc<Semaphore>),
    /// Waits for a permit, then refuses the pipeline as if there were no room.
    WaitAndRefuse(Arc<Semaphore>),
    Panic,
}

impl ScriptedWorker {
    pub(crate) fn new(behaviors: impl IntoIterator<Item = Behavior>) -> Self {
        Self(Arc::new(Shared {
            behaviors: Mutex::new(behaviors.into_iter().collect()),
            running: watch::Sender::default(),
            begun: watch::Sender::new(0),
            drains: Semaphore::new(usize::MAX >> 3),
            panics_at_undeploy: AtomicBool::new(false),
            hangs_at_inject: AtomicBool::new(false),
            ignores_batches: AtomicBool::new(false),
        }))
    }

    /// Blocks all drains.
    pub(crate) fn block_drains(self) -> Self {
        self.0.drains.close();
        self
    }

    /// Makes the next undeploy panic.
    pub(crate) fn panic_at_undeploy(&self) {
        self.0.panics_at_undeploy.store(true, Ordering::SeqCst);
    }

    /// Makes all injections hang.
    pub(crate) fn hang_at_inject(&self) {
        self.0.hangs_at_inject.store(true, Ordering::SeqCst);
    }

    /// Answers all batches with zeros.
    pub(crate) fn ignore_batches(&self) {
        self.0.ignores_batches.store(true, Ordering::SeqCst);
    }

    /// The names of the running pipelines.
    pub(crate) fn running(&self) -> Vec<PipelineName> {
        self.0.running.borrow().values().cloned().collect()
    }

    /// Loses all pipelines.
    pub(crate) fn lose_pipelines(&self) {
        self.0.running.send_modify(BTreeMap::clear);
    }

    /// The number of deploys that were begun.
    pub(crate) fn deploys(&self) -> u64 {
        *self.0.begun.borrow()
    }

    /// Waits until `deploys` deploys were begun.
    pub(crate) async fn wait_for_deploys(&self, deploys: u64) {
        let mut begun = self.0.begun.subscribe();
        let waiting = begun.wait_for(|begun| *begun >= deploys);
        let waited = timeout(TEST_TIMEOUT, waiting).await;
        waited.expect("a deploy").expect("the sender lives");
    }

    /// Waits until `pipelines` pipelines run.
    pub(crate) async fn wait_for_running(&self, pipelines: usize) {
        let mut running = self.0.running.subscribe();
        let waiting = running.wait_for(|running| running.len() == pipelines);
        let waited = timeout(TEST_TIMEOUT, waiting).await;
        drop(waited.expect("pipelines").expect("the sender lives"));
    }
}

impl WorkerService for ScriptedWorker {
    async fn deploy(
        &self,
        _: &Context,
        request: DeployRequest,
    ) -> Result<DeployReply, DeployFault> {
        let behavior = self.0.behaviors.lock().unwrap().pop_front();
        let mut number = 0;
        self.0.begun.send_modify(|begun| {
            *begun += 1;
            number = *begun;
        });
        match behavior {
            None => {}
            Some(Behavior::Refuse(fault)) => return Err(fault),
            Some(Behavior::Wait(gate)) => gate.acquire().await.unwrap().forget(),
            Some(Behavior::WaitAndRefuse(gate)) => {
                gate.acquire().await.unwrap().forget();
                return Err(DeployFault::QuotaExceeded("refused by the test".to_owned()));
            }
            Some(Behavior::Panic) => panic!("requested panic"),
        }
        let id = PipelineId::try_from(format!("p-{number}")).unwrap();
        let running = &self.0.running;
        running.send_modify(|running| drop(running.insert(id.clone(), request.name.clone())));
        Ok(DeployReply::new(id, request.name, PipelineStatus::Running))
    }

    async fn undeploy(
        &self,
        _: &Context,
        request: UndeployRequest,
    ) -> Result<UndeployReply, UndeployFault> {
        let panics_at_undeploy = self.0.panics_at_undeploy.swap(false, Ordering::SeqCst);
        assert!(!panics_at_undeploy, "requested panic");
        let id = request.pipeline_id;
        let mut stopped = None;
        let running = &self.0.running;
        running.send_modify(|running| stopped = running.remove(&id));
        stopped
            .map(|_| UndeployReply::new(True))
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
        if self.0.hangs_at_inject.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        Ok(InjectReply::new(True, Vec::new()))
    }

    async fn inject_batch(
        &self,
        _: &Context,
        _: InjectBatchRequest,
    ) -> Result<InjectBatchReply, InjectBatchFault> {
        if self.0.ignores_batches.load(Ordering::SeqCst) {
            let zeros = InjectBatchReply::new(0, 0, Vec::new(), Vec::new(), Micros::default());
            return Ok(zeros);
        }
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
        Ok(DrainReply::new(True))
    }
}
