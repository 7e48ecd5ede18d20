//! Serves requests of other nodes, and of clients that write.

use std::fmt::Display;

use natsgen_runtime::Context;
use openraft::error::{InstallSnapshotError, RaftError};
use openraft::raft::{AppendEntriesRequest, InstallSnapshotRequest, VoteRequest};

use super::batcher::Batcher;
use super::convert::Convert;
use super::error::ReplicaError;
use super::type_config::Raft;
use crate::raft::{
    self, AppendFault, AppendReply, AppendRequest, RaftService, ReadIndexFault, ReadIndexReply,
    ReadIndexRequest, SnapshotFault, SnapshotReply, SnapshotRequest, VoteFault, VoteReply,
    WriteFault, WriteReply, WriteRequest,
};
use crate::types::NodeId;

/// The generated service, implemented by openraft.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) raft: Raft,
    pub(super) batcher: Batcher,
}

impl RaftService for Service {
    async fn append(
        &self,
        _: &Context,
        request: AppendRequest,
    ) -> Result<AppendReply, AppendFault> {
        let request = AppendEntriesRequest::from_wire(request).map_err(append_fault)?;
        let reply = self.raft.append_entries(request).await;
        reply.map_err(append_fault)?.to_wire().map_err(append_fault)
    }

    async fn read_index(
        &self,
        _: &Context,
        _: ReadIndexRequest,
    ) -> Result<ReadIndexReply, ReadIndexFault> {
        // A majority confirms the leadership of this node.
        let confirmed = self.raft.get_read_log_id().await;
        let (index, _applied) = confirmed.map_err(|error| match error.into() {
            ReplicaError::NotLeader { leader } => ReadIndexFault::NotLeader(leader_text(leader)),
            ReplicaError::NoQuorum(reason) => ReadIndexFault::NoQuorum(reason),
            other => ReadIndexFault::RaftStopped(other.to_string()),
        })?;
        Ok(ReadIndexReply::new(
            index
                .map(Convert::to_wire)
                .transpose()
                .map_err(|error| ReadIndexFault::RaftStopped(error.to_string()))?,
        ))
    }

    async fn snapshot(
        &self,
        _: &Context,
        request: SnapshotRequest,
    ) -> Result<SnapshotReply, SnapshotFault> {
        let request = InstallSnapshotRequest::from_wire(request).map_err(snapshot_fault)?;
        let reply = self.raft.install_snapshot(request).await;
        let reply = reply.map_err(|error| match error {
            RaftError::APIError(InstallSnapshotError::SnapshotMismatch(mismatch)) => {
                SnapshotFault::SnapshotMismatch(mismatch.got.to_string())
            }
            RaftError::Fatal(fatal) => snapshot_fault(fatal),
        });
        reply?.to_wire().map_err(snapshot_fault)
    }

    async fn vote(&self, _: &Context, request: raft::VoteRequest) -> Result<VoteReply, VoteFault> {
        let request = VoteRequest::from_wire(request).map_err(vote_fault)?;
        let reply = self.raft.vote(request).await;
        reply.map_err(vote_fault)?.to_wire().map_err(vote_fault)
    }

    async fn write(&self, _: &Context, request: WriteRequest) -> Result<WriteReply, WriteFault> {
        let written = self.batcher.commit(request.command).await;
        written.map_err(|error| match error {
            ReplicaError::NotLeader { leader } => WriteFault::NotLeader(leader_text(leader)),
            ReplicaError::LeadershipLost => WriteFault::LeadershipLost,
            ReplicaError::Inadmissible(reason) => WriteFault::CommandInadmissible(reason),
            other => WriteFault::RaftStopped(other.to_string()),
        })
    }
}

/// The leader's number, as the detail of a fault.
fn leader_text(leader: Option<NodeId>) -> String {
    leader.map(|leader| leader.to_string()).unwrap_or_default()
}

fn append_fault(error: impl Display) -> AppendFault {
    AppendFault::RaftStopped(error.to_string())
}

fn snapshot_fault(error: impl Display) -> SnapshotFault {
    SnapshotFault::RaftStopped(error.to_string())
}

fn vote_fault(error: impl Display) -> VoteFault {
    VoteFault::RaftStopped(error.to_string())
}
