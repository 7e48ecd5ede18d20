//! Errors of a replica.

use std::error::Error;
use std::fmt;

use natsgen_runtime::{StartError, Violation};
use openraft::error::{CheckIsLeaderError, Fatal, InitializeError, RaftError};

use super::store::StoreError;
use crate::types::NodeId;

/// Why a replica did not start, or an operation failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReplicaError {
    /// The options contradict each other.
    Options(String),
    /// The store could not be opened or read.
    Store(StoreError),
    /// The node could not subscribe to requests of other nodes.
    Subscribe(StartError),
    /// The node is not the leader. Nothing was executed.
    NotLeader {
        /// The current leader, if known.
        leader: Option<NodeId>,
    },
    /// The node was the leader and lost the leadership meanwhile. It is unknown if the command was executed.
    LeadershipLost,
    /// No leader was found in time. Nothing was executed.
    NoLeader(String),
    /// The leader did not reply in time. It is unknown if the command was executed.
    Unanswered(String),
    /// The leader does not reach a majority of the nodes.
    NoQuorum(String),
    /// This change of the membership is impossible, or another is under way.
    Membership(String),
    /// The command does not fit into a message, or other nodes could not read it.
    Inadmissible(String),
    /// Another process has the number of this node. The process that started later must not take part.
    DuplicateNode {
        /// The number of both.
        node: NodeId,
    },
    /// The store is empty, but the node is a voter of an existing cluster. It may have voted and confirmed entries that it
    /// does not know any more, so it must not take part.
    StoreLost {
        /// The node with the empty store.
        node: NodeId,
        /// The node that reports the cluster.
        member: NodeId,
    },
    /// The leader refused the request: it belongs to another cluster, or expects another API key.
    Refused(String),
    /// The node has stopped, by a shutdown or because its store failed.
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
        Self::Subscribe(error)
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
            Self::Options(reason) => write!(f, "the options contradict each other: {reason}"),
            Self::Store(_) => f.write_str("the store cannot be used"),
            Self::Subscribe(_) => {
                f.write_str("the node cannot subscribe to requests of other nodes")
            }
            Self::NotLeader {
                leader: Some(leader),
            } => write!(f, "not the leader, which is node {leader}"),
            Self::NotLeader { leader: None } => {
                f.write_str("not the leader, and no leader is known")
            }
            Self::LeadershipLost => f.write_str("leadership was lost, the outcome is unknown"),
            Self::NoLeader(reason) => write!(f, "no leader was found: {reason}"),
            Self::Unanswered(reason) => write!(f, "no answer, the outcome is unknown: {reason}"),
            Self::NoQuorum(reason) => write!(f, "no majority of the nodes is reached: {reason}"),
            Self::Membership(reason) => write!(f, "the membership cannot be changed: {reason}"),
            Self::Inadmissible(reason) => write!(f, "the command cannot enter the log: {reason}"),
            Self::DuplicateNode { node } => {
                write!(f, "another process has the number of node {node}")
            }
            Self::StoreLost { node, member } => write!(
                f,
                "the store is empty, but node {node} is a voter in the cluster of node {member}; remove it from the membership, and add a node with a new number as a learner"
            ),
            Self::Refused(reason) => write!(f, "the leader refused the request: {reason}"),
            Self::Stopped(reason) => write!(f, "the node has stopped: {reason}"),
        }
    }
}

impl Error for ReplicaError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            Self::Subscribe(error) => Some(error),
            _ => None,
        }
    }
}
