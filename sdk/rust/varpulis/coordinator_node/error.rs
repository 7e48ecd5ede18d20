//! Errors of a coordinator.

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
    /// Its Raft node did not start, or refused to initialize the cluster.
    Replica(ReplicaError),
    /// It is missing in the list of members of the new cluster.
    NotAMember,
    /// It could not subscribe to heartbeats.
    Subscribe(SubscribeError),
    /// Its server did not start.
    Serve(StartError),
    /// The options of HTTP are invalid, or the HTTP server did not start.
    Http(Box<dyn Error + Send + Sync>),
}

/// Why a coordinator did not remove or drain a worker.
#[derive(Debug)]
#[non_exhaustive]
pub enum MemberError {
    /// The registry refused the change, usually because there is no such worker. Contains the reason.
    Refused(String),
    /// The registry could not be changed.
    Replica(ReplicaError),
    /// The worker gets no new pipelines, but it did not confirm the command `drain`.
    Drain(CallError<Infallible>),
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
            Self::Drain(_) => f.write_str("the worker did not confirm the command `drain`"),
        }
    }
}

impl Error for MemberError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Replica(error) => Some(error),
            Self::Drain(error) => Some(error),
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
        Self::Subscribe(error)
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
            Self::Replica(_) => "the coordinator's raft node failed",
            Self::NotAMember => "the coordinator is not among the members of its own cluster",
            Self::Subscribe(_) => "the coordinator cannot subscribe to heartbeats",
            Self::Serve(_) => "the coordinator's server did not start",
            Self::Http(_) => "the coordinator cannot use HTTP",
        })
    }
}

impl Error for CoordinatorNodeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Replica(error) => Some(error),
            Self::Subscribe(error) => Some(error),
            Self::Serve(error) => Some(error),
            Self::Http(error) => Some(&**error),
            Self::NotAMember => None,
        }
    }
}
