//! A worker, a coordinator and a Raft node that answer what they were told to, and remember what they were asked.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use natsgen_runtime::Request;
use varpulis_sdk::Context;
use varpulis_sdk::coordinator::{
    CoordinatorService, RegisterFault, RegisterReply, RegisterRequest,
};
use varpulis_sdk::raft::{
    AppendFault, AppendReply, AppendRequest, RaftService, ReadIndexFault, ReadIndexReply,
    ReadIndexRequest, SnapshotFault, SnapshotReply, SnapshotRequest, VoteFault, VoteReply,
    VoteRequest, WriteFault, WriteReply, WriteRequest,
};
use varpulis_sdk::types::WorkerId;
use varpulis_sdk::worker::{
    CheckpointFault, CheckpointReply, CheckpointRequest, DeployFault, DeployReply, DeployRequest,
    DrainReply, DrainRequest, InjectBatchFault, InjectBatchReply, InjectBatchRequest, InjectFault,
    InjectReply, InjectRequest, RestoreFault, RestoreReply, RestoreRequest, UndeployFault,
    UndeployReply, UndeployRequest, WorkerService,
};

use crate::protocol::sample;

type Anything = Box<dyn Any + Send>;

/// What a peer is told to answer, and what it was asked. A clone is another handle to it.
#[derive(Clone, Default)]
pub(crate) struct Canned {
    answers: Arc<Mutex<HashMap<TypeId, Anything>>>,
    asked: Arc<Mutex<HashMap<TypeId, Vec<Anything>>>>,
}

impl Canned {
    /// Answers all requests of this type so, from now on. Until then the answer is the schema's first example.
    pub(crate) fn answer<R: Request>(&self, answer: Result<R::Reply, R::Fault>)
    where
        R::Reply: Sync,
    {
        let mut answers = self.answers.lock().unwrap();
        answers.insert(TypeId::of::<R>(), Box::new(answer));
    }

    /// The requests of this type since the last time.
    pub(crate) fn asked<R: Request>(&self) -> Vec<R> {
        let asked = self.asked.lock().unwrap().remove(&TypeId::of::<R>());
        asked
            .unwrap_or_default()
            .into_iter()
            .map(|request| *request.downcast().unwrap())
            .collect()
    }

    fn take<R: Request>(&self, request: R) -> Result<R::Reply, R::Fault>
    where
        R::Reply: Clone,
        R::Fault: Clone,
    {
        let mut asked = self.asked.lock().unwrap();
        asked
            .entry(TypeId::of::<R>())
            .or_default()
            .push(Box::new(request));
        let answers = self.answers.lock().unwrap();
        match answers.get(&TypeId::of::<R>()) {
            Some(answer) => answer
                .downcast_ref::<Result<R::Reply, R::Fault>>()
                .unwrap()
                .clone(),
            None => Ok(sample()),
        }
    }
}

macro_rules! canned {
    ($($service:ident { $($method:ident($request:ty) -> $reply:ty, $fault:ty;)+ })+) => {$(
        impl $service for Canned {$(
            async fn $method(&self, _: &Context, request: $request) -> Result<$reply, $fault> {
                self.take(request)
            }
        )+}
    )+};
}

canned! {
    CoordinatorService {
        register(RegisterRequest) -> RegisterReply, RegisterFault;
    }
    RaftService {
        append(AppendRequest) -> AppendReply, AppendFault;
        snapshot(SnapshotRequest) -> SnapshotReply, SnapshotFault;
        vote(VoteRequest) -> VoteReply, VoteFault;
        read_index(ReadIndexRequest) -> ReadIndexReply, ReadIndexFault;
        write(WriteRequest) -> WriteReply, WriteFault;
    }
    WorkerService {
        checkpoint(CheckpointRequest) -> CheckpointReply, CheckpointFault;
        deploy(DeployRequest) -> DeployReply, DeployFault;
        drain(DrainRequest) -> DrainReply, Infallible;
        inject(InjectRequest) -> InjectReply, InjectFault;
        inject_batch(InjectBatchRequest) -> InjectBatchReply, InjectBatchFault;
        restore(RestoreRequest) -> RestoreReply, RestoreFault;
        undeploy(UndeployRequest) -> UndeployReply, UndeployFault;
    }
}

/// The id of a worker.
pub(crate) fn worker(id: &str) -> WorkerId {
    WorkerId::try_from(id).unwrap()
}
