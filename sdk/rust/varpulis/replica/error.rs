//! Why a replica did not do what it was asked.

use std::error::Error;
use std::fmt;

use natsgen_runtime::{StartError, Violation};
use openraft::error::{CheckIsLeaderError, Fatal, InitializeError, RaftError};

use super::store::StoreError;
use crate::types::NodeId;

/// Why a replica did not start, or did not do what it was asked.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReplicaError {
    /// Its options contradict each other.
    Options(String),
    /// Its store could not be opened or read.
    Store(StoreError),
    /// It could not listen to other nodes.
    Listen(StartError),
    /// It does not lead. Nothing was done.
    NotLeader {
        /// Who does, as far as it knows.
        leader: Option<NodeId>,
    },
    /// It led when it was asked, and another node does now. Whether it was done is not known.
    LeadershipLost,
    /// No node that leads was found in time. Nothing was done.
    NoLeader(String),
    /// A node that leads was asked, and did not answer in time. Whether it was done is not known.
    Unanswered(String),
    /// It leads, or did, but does not reach a majority of the nodes.
    NoQuorum(String),
    /// The membership cannot be changed like that, or not now.
    Membership(String),
    /// The command does not fit a message, or other nodes could not read it.
    Inadmissible(String),
    /// It has stopped: by a shutdown, or because its store failed.
    Stopped(String),
}

impl ReplicaError {
    pub(super) fn not_leader(leader: Option<u64>) -> Self {
        Self::NotLeader {
            leader: leader.and_then(|leader| NodeId::try_from(leader).ok()),
        }
    }
}

impl From<StoreError> for ReplicaError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<StartError> for ReplicaError {
    fn from(error: StartError) -> Self {
        Self::Listen(error)
    }
}

impl From<Violation> for ReplicaError {
    fn from(violation: Violation) -> Self {
        Self::Inadmissible(violation.to_string())
    }
}

impl From<Fatal<u64>> for ReplicaError {
    fn from(fatal: Fatal<u64>) -> Self {
        Self::Stopped(fatal.to_string())
    }
}

impl From<RaftError<u64, CheckIsLeaderError<u64, openraft::BasicNode>>> for ReplicaError {
    fn from(error: RaftError<u64, CheckIsLeaderError<u64, openraft::BasicNode>>) -> Self {
        match error {
            RaftError::APIError(CheckIsLeaderError::ForwardToLeader(forward)) => {
                Self::not_leader(forward.leader_id)
            }
            RaftError::APIError(CheckIsLeaderError::QuorumNotEnough(error)) => {
                Self::NoQuorum(error.to_string())
            }
            RaftError::Fatal(fatal) => fatal.into(),
        }
    }
}

impl From<RaftError<u64, InitializeError<u64, openraft::BasicNode>>> for ReplicaError {
    fn from(error: RaftError<u64, InitializeError<u64, openraft::BasicNode>>) -> Self {
        match error {
            RaftError::APIError(error) => Self::Membership(error.to_string()),
            RaftError::Fatal(fatal) => fatal.into(),
        }
    }
}

impl fmt::Display for ReplicaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Options(reason) => write!(f, "the options do not fit together: {reason}"),
            Self::Store(_) => f.write_str("the store cannot be used"),
            Self::Listen(_) => f.write_str("the node cannot listen to others"),
            Self::NotLeader {
                leader: Some(leader),
            } => write!(f, "not the leader, which is node {leader}"),
            Self::NotLeader { leader: None } => f.write_str("not the leader, and none is known"),
            Self::LeadershipLost => f.write_str("leadership was lost, the outcome is unknown"),
            Self::NoLeader(reason) => write!(f, "no node that leads was found: {reason}"),
            Self::Unanswered(reason) => write!(f, "no answer, the outcome is unknown: {reason}"),
            Self::NoQuorum(reason) => write!(f, "no majority of the nodes is reached: {reason}"),
            Self::Membership(reason) => write!(f, "the membership does not change: {reason}"),
            Self::Inadmissible(reason) => write!(f, "the command cannot enter the log: {reason}"),
            Self::Stopped(reason) => write!(f, "the node has stopped: {reason}"),
        }
    }
}

impl Error for ReplicaError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            Self::Listen(error) => Some(error),
            _ => None,
        }
    }
}
