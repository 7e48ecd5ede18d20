//! Serves requests of other nodes, and of clients that write.

use std::sync::Arc;

use natsgen_runtime::Context;
use subtle::ConstantTimeEq as _;

use super::admission::{Admission, PieceReply, Rejection};
use super::batcher::Batcher;
use super::confirmer::Confirmer;
use super::convert::Convert;
use super::error::ReplicaError;
use super::type_config::Raft;
use crate::raft::{
    self, AppendFault, AppendReply, AppendRequest, RaftService, ReadIndexFault, ReadIndexReply,
    ReadIndexRequest, SnapshotFault, SnapshotReply, SnapshotRequest, StatusFault, StatusReply,
    StatusRequest, VoteFault, VoteReply, WriteFault, WriteReply, WriteRequest,
};
use crate::types::{ApiKey, NodeId};

/// The generated service, implemented by openraft.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) raft: Raft,
    pub(super) admission: Arc<Admission>,
    pub(super) batcher: Batcher,
    pub(super) confirmer: Confirmer,
    /// The key that writes over the network must contain.
    pub(super) write_key: Option<ApiKey>,
}

impl RaftService for Service {
    async fn append(
        &self,
        _: &Context,
        request: AppendRequest,
    ) -> Result<AppendReply, AppendFault> {
        let reply = self.admission.append(request).await?;
        let reply = reply.to_wire();
        reply.map_err(|error| AppendFault::RaftStopped(error.to_string()))
    }

    async fn read_index(
        &self,
        _: &Context,
        request: ReadIndexRequest,
    ) -> Result<ReadIndexReply, ReadIndexFault> {
        let caller = self.admission.check_caller(request.cluster_id.as_ref());
        caller.map_err(|refusal| ReadIndexFault::RaftRefused(refusal.to_string()))?;
        // A majority confirms the leadership of this node.
        let confirmed = self.confirmer.confirm().await;
        let index = confirmed.map_err(|error| match error {
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
        let vote = match self.admission.snapshot(request).await? {
            PieceReply::Vote(vote) => vote,
            PieceReply::Mismatch(offset) => {
                return Err(SnapshotFault::SnapshotMismatch(offset.to_string()));
            }
        };
        let reply = vote.to_wire().map(SnapshotReply::new);
        reply.map_err(|error| SnapshotFault::RaftStopped(error.to_string()))
    }

    async fn status(
        &self,
        _: &Context,
        request: StatusRequest,
    ) -> Result<StatusReply, StatusFault> {
        let reply = self.admission.status(request.founds).await;
        reply.map_err(|rejection| StatusFault::RaftStopped(rejection.to_string()))
    }

    async fn vote(&self, _: &Context, request: raft::VoteRequest) -> Result<VoteReply, VoteFault> {
        let reply = self.admission.vote(request).await?;
        let reply = reply.to_wire();
        reply.map_err(|error| VoteFault::RaftStopped(error.to_string()))
    }

    async fn write(&self, _: &Context, request: WriteRequest) -> Result<WriteReply, WriteFault> {
        if !is_key(request.api_key.as_ref(), self.write_key.as_ref()) {
            return Err(WriteFault::InvalidApiKey);
        }
        let caller = self.admission.check_caller(request.cluster_id.as_ref());
        caller.map_err(|refusal| WriteFault::RaftRefused(refusal.to_string()))?;
        let written = self.batcher.commit(request.command).await;
        written.map_err(|error| match error {
            ReplicaError::NotLeader { leader } => WriteFault::NotLeader(leader_text(leader)),
            ReplicaError::LeadershipLost => WriteFault::LeadershipLost,
            ReplicaError::Inadmissible(reason) => WriteFault::CommandInadmissible(reason),
            other => WriteFault::RaftStopped(other.to_string()),
        })
    }
}

/// Whether a request contains the expected key, if a key is expected. The comparison takes the same time for each key of
/// the expected length, so that its duration does not reveal which part of a guess is right.
fn is_key(given: Option<&ApiKey>, expected: Option<&ApiKey>) -> bool {
    let Some(expected) = expected else {
        return true;
    };
    let given = given.map_or("", ApiKey::expose);
    given.as_bytes().ct_eq(expected.expose().as_bytes()).into()
}

/// The leader's number, as the detail of a fault.
fn leader_text(leader: Option<NodeId>) -> String {
    leader.map(|leader| leader.to_string()).unwrap_or_default()
}

macro_rules! from_rejection {
    ($($fault:ident)*) => {$(
        impl From<Rejection> for $fault {
            fn from(rejection: Rejection) -> Self {
                match rejection {
                    Rejection::Refused(refusal) => Self::RaftRefused(refusal.to_string()),
                    Rejection::Unreadable(refusal, part) => {
                        Self::RaftRefused(format!("{refusal}: {part}"))
                    }
                    Rejection::Stopped(reason) => Self::RaftStopped(reason),
                }
            }
        }
    )*};
}

from_rejection! { AppendFault SnapshotFault VoteFault }
