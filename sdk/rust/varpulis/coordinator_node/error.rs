//! Why a coordinator did not start, or did not do what it was asked.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;

use natsgen_runtime::transport::SubscribeError;
use natsgen_runtime::{CallError, StartError};

use crate::replica::ReplicaError;

/// Why a coordinator did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum CoordinatorNodeError {
    /// Its Raft node did not start, or did not do what it was asked.
    Replica(ReplicaError),
    /// It is not one of the members that it is to found a cluster with.
    NoMember,
    /// It could not listen to heartbeats.
    Listen(SubscribeError),
    /// Its server did not start.
    Serve(StartError),
}

/// Why a coordinator did not remove or drain a worker.
#[derive(Debug)]
#[non_exhaustive]
pub enum MemberError {
    /// The registry says no, in its own words: as a rule there is no such worker.
    Refused(String),
    /// The registry could not be changed.
    Replica(ReplicaError),
    /// It gets nothing new any more, but could not be told to drain.
    Untold(CallError<Infallible>),
}

impl From<ReplicaError> for MemberError {
    fn from(error: ReplicaError) -> Self {
        Self::Replica(error)
    }
}

impl fmt::Display for MemberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(reason) => write!(f, "the registry refuses: {reason}"),
            Self::Replica(_) => f.write_str("the registry could not be changed"),
            Self::Untold(_) => f.write_str("the worker could not be told to drain"),
        }
    }
}

impl Error for MemberError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Replica(error) => Some(error),
            Self::Untold(error) => Some(error),
            Self::Refused(_) => None,
        }
    }
}

impl From<ReplicaError> for CoordinatorNodeError {
    fn from(error: ReplicaError) -> Self {
        Self::Replica(error)
    }
}

impl From<SubscribeError> for CoordinatorNodeError {
    fn from(error: SubscribeError) -> Self {
        Self::Listen(error)
    }
}

impl From<StartError> for CoordinatorNodeError {
    fn from(error: StartError) -> Self {
        Self::Serve(error)
    }
}

impl fmt::Display for CoordinatorNodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Replica(_) => "a coordinator's raft node failed",
            Self::NoMember => "a coordinator is not among the members of its own cluster",
            Self::Listen(_) => "a coordinator cannot listen to heartbeats",
            Self::Serve(_) => "a coordinator's server did not start",
        })
    }
}

impl Error for CoordinatorNodeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Replica(error) => Some(error),
            Self::Listen(error) => Some(error),
            Self::Serve(error) => Some(error),
            Self::NoMember => None,
        }
    }
}
