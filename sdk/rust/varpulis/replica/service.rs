//! Answers other nodes, and clients that write.

use std::fmt::Display;

use natsgen_runtime::Context;
use openraft::error::{ClientWriteError, InstallSnapshotError, RaftError};
use openraft::raft::{AppendEntriesRequest, InstallSnapshotRequest, VoteRequest};

use super::error::ReplicaError;
use super::kinds::Raft;
use super::wire::OnWire;
use super::writer::Writer;
use crate::raft::{
    self, AppendFault, AppendReply, AppendRequest, RaftService, ReadIndexFault, ReadIndexReply,
    ReadIndexRequest, SnapshotFault, SnapshotReply, SnapshotRequest, VoteFault, VoteReply,
    WriteFault, WriteReply, WriteRequest,
};
use crate::types::NodeId;

/// The generated service over one node of openraft.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) raft: Raft,
    pub(super) writer: Writer,
}

/// Refuses what only a leader can do. openraft gives the same error to who asks a follower and to who asked a leader
/// whose entry was replaced later on; only here is it certain that nothing was done.
pub(super) fn assert_leads(raft: &Raft) -> Result<(), ReplicaError> {
    let metrics = raft.metrics();
    let metrics = metrics.borrow();
    if let Err(fatal) = &metrics.running_state {
        return Err(fatal.clone().into());
    }
    if metrics.state.is_leader() {
        Ok(())
    } else {
        Err(ReplicaError::not_leader(metrics.current_leader))
    }
}

/// What became of something that a leader was asked to write.
pub(super) fn write_error(
    error: RaftError<u64, ClientWriteError<u64, openraft::BasicNode>>,
) -> ReplicaError {
    match error {
        RaftError::APIError(ClientWriteError::ForwardToLeader(_)) => ReplicaError::LeadershipLost,
        RaftError::APIError(ClientWriteError::ChangeMembershipError(error)) => {
            ReplicaError::Membership(error.to_string())
        }
        RaftError::Fatal(fatal) => fatal.into(),
    }
}

impl RaftService for Service {
    async fn append(
        &self,
        _: &Context,
        request: AppendRequest,
    ) -> Result<AppendReply, AppendFault> {
        let request = AppendEntriesRequest::of_wire(request).map_err(append_fault)?;
        let reply = self.raft.append_entries(request).await;
        reply.map_err(append_fault)?.to_wire().map_err(append_fault)
    }

    async fn read_index(
        &self,
        _: &Context,
        _: ReadIndexRequest,
    ) -> Result<ReadIndexReply, ReadIndexFault> {
        // A majority confirms that this node leads.
        let confirmed = self.raft.get_read_log_id().await;
        let (index, _applied) = confirmed.map_err(|error| match error.into() {
            ReplicaError::NotLeader { leader } => ReadIndexFault::NotLeader(detail(leader)),
            ReplicaError::NoQuorum(reason) => ReadIndexFault::NoQuorum(reason),
            other => ReadIndexFault::RaftStopped(other.to_string()),
        })?;
        Ok(ReadIndexReply {
            log_id: index
                .map(OnWire::to_wire)
                .transpose()
                .map_err(|error| ReadIndexFault::RaftStopped(error.to_string()))?,
        })
    }

    async fn snapshot(
        &self,
        _: &Context,
        request: SnapshotRequest,
    ) -> Result<SnapshotReply, SnapshotFault> {
        let request = InstallSnapshotRequest::of_wire(request).map_err(snapshot_fault)?;
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
        let request = VoteRequest::of_wire(request).map_err(vote_fault)?;
        let reply = self.raft.vote(request).await;
        reply.map_err(vote_fault)?.to_wire().map_err(vote_fault)
    }

    async fn write(&self, _: &Context, request: WriteRequest) -> Result<WriteReply, WriteFault> {
        let written = self.writer.commit(request.command).await;
        written.map_err(|error| match error {
            ReplicaError::NotLeader { leader } => WriteFault::NotLeader(detail(leader)),
            ReplicaError::LeadershipLost => WriteFault::LeadershipLost,
            ReplicaError::Inadmissible(reason) => WriteFault::CommandInadmissible(reason),
            other => WriteFault::RaftStopped(other.to_string()),
        })
    }
}

/// The leader's number, as faults tell it.
fn detail(leader: Option<NodeId>) -> String {
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
