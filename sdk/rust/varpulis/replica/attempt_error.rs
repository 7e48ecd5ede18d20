//! Errors of an attempt to reach the leader.

use std::error::Error;

use natsgen_runtime::{CallError, Failure, Fault, NotDelivered, Refused};

use super::error::ReplicaError;
use crate::raft::{ReadIndexFault, WriteFault};

/// Why an attempt to reach the leader failed.
pub(super) enum AttemptError {
    /// Nothing was executed. Another attempt may succeed.
    NotExecuted(ReplicaError),
    /// It is unknown if it was executed.
    Unknown(ReplicaError),
    /// Another attempt would fail as well.
    Refused(ReplicaError),
}

impl From<ReplicaError> for AttemptError {
    fn from(error: ReplicaError) -> Self {
        match error {
            ReplicaError::NotLeader { .. } => {
                Self::NotExecuted(ReplicaError::NoLeader(error.to_string()))
            }
            ReplicaError::NoQuorum(_) => Self::NotExecuted(error),
            ReplicaError::LeadershipLost => Self::unanswered(error.to_string()),
            _ => Self::Refused(error),
        }
    }
}

impl From<&CallError<WriteFault>> for AttemptError {
    fn from(error: &CallError<WriteFault>) -> Self {
        match error.fault() {
            None => Self::of_call(error),
            Some(WriteFault::NotLeader(_)) => {
                Self::NotExecuted(ReplicaError::NoLeader(text(error)))
            }
            Some(WriteFault::CommandInadmissible(reason)) => {
                Self::Refused(ReplicaError::Inadmissible(reason.clone()))
            }
            Some(WriteFault::InvalidApiKey | WriteFault::RaftRefused(_)) => {
                Self::Refused(ReplicaError::Refused(text(error)))
            }
            // The command may be in the log of that node.
            Some(WriteFault::LeadershipLost | WriteFault::RaftStopped(_)) => {
                Self::unanswered(text(error))
            }
        }
    }
}

impl From<&CallError<ReadIndexFault>> for AttemptError {
    fn from(error: &CallError<ReadIndexFault>) -> Self {
        match error.fault() {
            None => Self::of_call(error),
            Some(ReadIndexFault::NoQuorum(reason)) => {
                Self::NotExecuted(ReplicaError::NoQuorum(reason.clone()))
            }
            Some(ReadIndexFault::RaftRefused(_)) => {
                Self::Refused(ReplicaError::Refused(text(error)))
            }
            Some(ReadIndexFault::NotLeader(_) | ReadIndexFault::RaftStopped(_)) => {
                Self::NotExecuted(ReplicaError::NoLeader(text(error)))
            }
        }
    }
}

impl AttemptError {
    /// It is unknown if it was executed.
    pub(super) fn unanswered(reason: String) -> Self {
        Self::Unknown(ReplicaError::Unanswered(reason))
    }

    /// A call that failed without a fault of the operation.
    fn of_call<F: Fault>(error: &CallError<F>) -> Self {
        match &error.failure {
            Failure::NotEncoded(_) | Failure::NotDelivered(NotDelivered::TooLarge { .. }) => {
                Self::Refused(ReplicaError::Inadmissible(text(error)))
            }
            Failure::NotDelivered(_) => Self::NotExecuted(ReplicaError::NoLeader(text(error))),
            Failure::Refused(Refused::Standard(fault)) if fault.is_retryable() => {
                Self::NotExecuted(ReplicaError::NoLeader(text(error)))
            }
            _ => Self::unanswered(text(error)),
        }
    }
}

fn text<F: Fault>(error: &CallError<F>) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
