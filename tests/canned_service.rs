//! A worker, a coordinator and a Raft node with canned replies that record their requests.

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
    ReadIndexRequest, SnapshotFault, SnapshotReply, SnapshotRequest, StatusFault, StatusReply,
    StatusRequest, VoteFault, VoteReply, VoteRequest, WriteFault, WriteReply, WriteRequest,
};
use varpulis_sdk::types::WorkerId;
use varpulis_sdk::worker::{
    CheckpointFault, CheckpointReply, CheckpointRequest, DeployFault, DeployReply, DeployRequest,
    DrainReply, DrainRequest, InjectBatchFault, InjectBatchReply, InjectBatchRequest, InjectFault,
    InjectReply, InjectRequest, RestoreFault, RestoreReply, RestoreRequest, UndeployFault,
    UndeployReply, UndeployRequest, WorkerService,
};

use crate::protocol::sample;

type AnyValue = Box<dyn Any + Send>;

/// The canned replies and the recorded requests. A clone is another handle to them.
#[derive(Clone, Default)]
pub(crate) struct CannedService {
    replies: Arc<Mutex<HashMap<TypeId, AnyValue>>>,
    requests: Arc<Mutex<HashMap<TypeId, Vec<AnyValue>>>>,
}

impl CannedService {
    /// Sets the reply to all requests of this type. The default reply is the first example of the schema.
    pub(crate) fn set_reply<R: Request>(&self, reply: Result<R::Reply, R::Fault>)
    where
        R::Reply: Sync,
    {
        let mut replies = self.replies.lock().unwrap();
        replies.insert(TypeId::of::<R>(), Box::new(reply));
    }

    /// Takes the recorded requests of this type.
    pub(crate) fn take_requests<R: Request>(&self) -> Vec<R> {
        let requests = self.requests.lock().unwrap().remove(&TypeId::of::<R>());
        requests
            .unwrap_or_default()
            .into_iter()
            .map(|request| *request.downcast().unwrap())
            .collect()
    }

    fn reply_to<R: Request>(&self, request: R) -> Result<R::Reply, R::Fault>
    where
        R::Reply: Clone,
        R::Fault: Clone,
    {
        let mut requests = self.requests.lock().unwrap();
        requests
            .entry(TypeId::of::<R>())
            .or_default()
            .push(Box::new(request));
        let replies = self.replies.lock().unwrap();
        match replies.get(&TypeId::of::<R>()) {
            Some(reply) => reply
                .downcast_ref::<Result<R::Reply, R::Fault>>()
                .unwrap()
                .clone(),
            None => Ok(sample()),
        }
    }
}

macro_rules! canned {
    ($($service:ident { $($method:ident($request:ty) -> $reply:ty, $fault:ty;)+ })+) => {$(
        impl $service for CannedService {$(
            async fn $method(&self, _: &Context, request: $request) -> Result<$reply, $fault> {
                self.reply_to(request)
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
        status(StatusRequest) -> StatusReply, StatusFault;
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
