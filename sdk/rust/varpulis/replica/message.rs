//! openraft's requests and replies, as they cross the network.

use natsgen_runtime::{Limited, Violation};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest, InstallSnapshotResponse,
    VoteRequest, VoteResponse,
};

use super::kinds::{Kinds, LogId, SnapshotMeta, Vote};
use super::wire::OnWire;
use crate::raft;

impl OnWire for AppendEntriesRequest<Kinds> {
    type Wire = raft::AppendRequest;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(raft::AppendRequest {
            vote: self.vote.to_wire()?,
            prev_log_id: self.prev_log_id.to_wire()?,
            entries: Limited::new(self.entries.to_wire()?)?,
            leader_commit: self.leader_commit.to_wire()?,
        })
    }

    fn of_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self {
            vote: Vote::of_wire(wire.vote)?,
            prev_log_id: Option::of_wire(wire.prev_log_id)?,
            entries: Vec::of_wire(wire.entries.into_inner())?,
            leader_commit: Option::of_wire(wire.leader_commit)?,
        })
    }
}

impl OnWire for AppendEntriesResponse<u64> {
    type Wire = raft::AppendReply;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(match self {
            Self::Success => raft::AppendReply::Success,
            Self::Conflict => raft::AppendReply::Conflict,
            Self::PartialSuccess(last) => raft::AppendReply::PartialSuccess(last.to_wire()?),
            Self::HigherVote(vote) => raft::AppendReply::HigherVote(vote.to_wire()?),
        })
    }

    fn of_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(match wire {
            raft::AppendReply::Success => Self::Success,
            raft::AppendReply::Conflict => Self::Conflict,
            raft::AppendReply::PartialSuccess(last) => {
                Self::PartialSuccess(Option::<LogId>::of_wire(last)?)
            }
            raft::AppendReply::HigherVote(vote) => Self::HigherVote(Vote::of_wire(vote)?),
            raft::AppendReply::Unknown(_) => {
                return Err(Violation::new("expected an answer of openraft 0.9"));
            }
        })
    }
}

impl OnWire for VoteRequest<u64> {
    type Wire = raft::VoteRequest;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(raft::VoteRequest {
            vote: self.vote.to_wire()?,
            last_log_id: self.last_log_id.to_wire()?,
        })
    }

    fn of_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self {
            vote: Vote::of_wire(wire.vote)?,
            last_log_id: Option::of_wire(wire.last_log_id)?,
        })
    }
}

impl OnWire for VoteResponse<u64> {
    type Wire = raft::VoteReply;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(raft::VoteReply {
            vote: self.vote.to_wire()?,
            vote_granted: self.vote_granted,
            last_log_id: self.last_log_id.to_wire()?,
        })
    }

    fn of_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self {
            vote: Vote::of_wire(wire.vote)?,
            vote_granted: wire.vote_granted,
            last_log_id: Option::of_wire(wire.last_log_id)?,
        })
    }
}

impl OnWire for InstallSnapshotRequest<Kinds> {
    type Wire = raft::SnapshotRequest;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(raft::SnapshotRequest {
            vote: self.vote.to_wire()?,
            meta: self.meta.to_wire()?,
            offset: self.offset,
            data: Limited::new(self.data)?,
            done: self.done,
        })
    }

    fn of_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self {
            vote: Vote::of_wire(wire.vote)?,
            meta: SnapshotMeta::of_wire(wire.meta)?,
            offset: wire.offset,
            data: wire.data.into_inner(),
            done: wire.done,
        })
    }
}

impl OnWire for InstallSnapshotResponse<u64> {
    type Wire = raft::SnapshotReply;

    fn to_wire(self) -> Result<Self::Wire, Violation> {
        Ok(raft::SnapshotReply {
            vote: self.vote.to_wire()?,
        })
    }

    fn of_wire(wire: Self::Wire) -> Result<Self, Violation> {
        Ok(Self {
            vote: Vote::of_wire(wire.vote)?,
        })
    }
}
