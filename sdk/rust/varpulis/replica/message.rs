//! Conversions of openraft's requests and replies.

use natsgen_runtime::{Limited, Ranged, Violation};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest, InstallSnapshotResponse,
    VoteRequest, VoteResponse,
};

use super::convert::Convert;
use super::type_config::{LogId, SnapshotMeta, TypeConfig, Vote};
use crate::raft;

impl Convert for AppendEntriesRequest<TypeConfig> {
    type Wire = raft::AppendRequest;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(raft::AppendRequest::new(
            self.vote.to_wire()?,
            self.prev_log_id.to_wire()?,
            Limited::new(self.entries.to_wire()?)?,
            self.leader_commit.to_wire()?,
        ))
    }

    fn from_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self {
            vote: Vote::from_wire(wire.vote)?,
            prev_log_id: Option::from_wire(wire.prev_log_id)?,
            entries: Vec::from_wire(wire.entries.into_inner())?,
            leader_commit: Option::from_wire(wire.leader_commit)?,
        })
    }
}

impl Convert for AppendEntriesResponse<u64> {
    type Wire = raft::AppendReply;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(match self {
            Self::Success => raft::AppendReply::Success,
            Self::Conflict => raft::AppendReply::Conflict,
            Self::PartialSuccess(last) => raft::AppendReply::PartialSuccess(last.to_wire()?),
            Self::HigherVote(vote) => raft::AppendReply::HigherVote(vote.to_wire()?),
        })
    }

    fn from_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(match wire {
            raft::AppendReply::Success => Self::Success,
            raft::AppendReply::Conflict => Self::Conflict,
            raft::AppendReply::PartialSuccess(last) => {
                Self::PartialSuccess(Option::<LogId>::from_wire(last)?)
            }
            raft::AppendReply::HigherVote(vote) => Self::HigherVote(Vote::from_wire(vote)?),
            raft::AppendReply::Unknown(_) => {
                return Err(Violation::new("expected an answer of openraft 0.9"));
            }
        })
    }
}

impl Convert for VoteRequest<u64> {
    type Wire = raft::VoteRequest;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(raft::VoteRequest::new(
            self.vote.to_wire()?,
            self.last_log_id.to_wire()?,
        ))
    }

    fn from_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self {
            vote: Vote::from_wire(wire.vote)?,
            last_log_id: Option::from_wire(wire.last_log_id)?,
        })
    }
}

impl Convert for VoteResponse<u64> {
    type Wire = raft::VoteReply;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(raft::VoteReply::new(
            self.vote.to_wire()?,
            self.vote_granted,
            self.last_log_id.to_wire()?,
        ))
    }

    fn from_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self {
            vote: Vote::from_wire(wire.vote)?,
            vote_granted: wire.vote_granted,
            last_log_id: Option::from_wire(wire.last_log_id)?,
        })
    }
}

impl Convert for InstallSnapshotRequest<TypeConfig> {
    type Wire = raft::SnapshotRequest;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(raft::SnapshotRequest::new(
            self.vote.to_wire()?,
            self.meta.to_wire()?,
            Ranged::new(self.offset)?,
            Limited::new(self.data)?,
            self.done,
        ))
    }

    fn from_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self {
            vote: Vote::from_wire(wire.vote)?,
            meta: SnapshotMeta::from_wire(wire.meta)?,
            offset: wire.offset.get(),
            data: wire.data.into_inner(),
            done: wire.done,
        })
    }
}

impl Convert for InstallSnapshotResponse<u64> {
    type Wire = raft::SnapshotReply;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(raft::SnapshotReply::new(self.vote.to_wire()?))
    }

    fn from_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self {
            vote: Vote::from_wire(wire.vote)?,
        })
    }
}
