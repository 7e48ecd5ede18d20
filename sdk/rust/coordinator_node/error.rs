//! Why a coordinator did not start.

use std::error::Error;
use std::fmt;

use natsgen_runtime::StartError;
use natsgen_runtime::transport::SubscribeError;

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
