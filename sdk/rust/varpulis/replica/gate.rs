//! The server side of a node: answers `status` from the beginning, and all other requests once the node takes part.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use natsgen_runtime::{Context, Limited};
use tokio::time::sleep;

use super::identity::Identity;
use super::service::Service;
use crate::raft::{
    AppendFault, AppendReply, AppendRequest, RaftService, ReadIndexFault, ReadIndexReply,
    ReadIndexRequest, SnapshotFault, SnapshotReply, SnapshotRequest, StatusFault, StatusReply,
    StatusRequest, VoteFault, VoteReply, VoteRequest, WriteFault, WriteReply, WriteRequest,
};

/// The requests of a node that starts. Clones share the same node.
#[derive(Clone)]
pub(super) struct Gate(Arc<Inner>);

struct Inner {
    identity: Arc<Identity>,
    service: OnceLock<Service>,
    /// How long the node waits before it answers itself. Another process with its number answers earlier.
    pause: Duration,
}

const STARTING: &str = "the node starts";

impl Gate {
    pub(super) fn new(identity: Arc<Identity>, pause: Duration) -> Self {
        Self(Arc::new(Inner {
            identity,
            service: OnceLock::new(),
            pause,
        }))
    }

    /// Answers all requests from now on.
    pub(super) fn open(&self, service: Service) {
        // A node starts once.
        let _ = self.0.service.set(service);
    }

    fn service(&self) -> Option<&Service> {
        self.0.service.get()
    }
}

impl RaftService for Gate {
    async fn append(
        &self,
        context: &Context,
        request: AppendRequest,
    ) -> Result<AppendReply, AppendFault> {
        let starting = || AppendFault::RaftStopped(STARTING.to_owned());
        let service = self.service().ok_or_else(starting)?;
        service.append(context, request).await
    }

    async fn read_index(
        &self,
        context: &Context,
        request: ReadIndexRequest,
    ) -> Result<ReadIndexReply, ReadIndexFault> {
        let starting = || ReadIndexFault::NotLeader(String::new());
        let service = self.service().ok_or_else(starting)?;
        service.read_index(context, request).await
    }

    async fn snapshot(
        &self,
        context: &Context,
        request: SnapshotRequest,
    ) -> Result<SnapshotReply, SnapshotFault> {
        let starting = || SnapshotFault::RaftStopped(STARTING.to_owned());
        let service = self.service().ok_or_else(starting)?;
        service.snapshot(context, request).await
    }

    async fn status(
        &self,
        context: &Context,
        request: StatusRequest,
    ) -> Result<StatusReply, StatusFault> {
        let Inner {
            identity, pause, ..
        } = &*self.0;
        if let Some(process) = &request.process {
            identity.asked_by(process);
            if identity.is_own(process) {
                sleep(*pause).await;
            }
        }
        match self.service() {
            Some(service) => service.status(context, request).await,
            None if request
                .process
                .is_some_and(|asking| asking.node_id == identity.node()) =>
            {
                let process = identity.process();
                let (voters, learners) = (Limited::default(), Limited::default());
                Ok(StatusReply::new(process, true, voters, learners))
            }
            None => Err(StatusFault::RaftStopped(STARTING.to_owned())),
        }
    }

    async fn vote(&self, context: &Context, request: VoteRequest) -> Result<VoteReply, VoteFault> {
        let starting = || VoteFault::RaftStopped(STARTING.to_owned());
        let service = self.service().ok_or_else(starting)?;
        service.vote(context, request).await
    }

    async fn write(
        &self,
        context: &Context,
        request: WriteRequest,
    ) -> Result<WriteReply, WriteFault> {
        let starting = || WriteFault::NotLeader(String::new());
        let service = self.service().ok_or_else(starting)?;
        service.write(context, request).await
    }
}
