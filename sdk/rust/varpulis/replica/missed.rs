//! Why a leader did not do what it was asked.

use std::error::Error;

use natsgen_runtime::{CallError, Failure, Fault, NotDelivered, Refused};

use super::error::ReplicaError;
use crate::raft::{ReadIndexFault, WriteFault};

/// Why a leader did not do what it was asked.
pub(super) enum Missed {
    /// Nothing was done; later or elsewhere it may be.
    Undone(ReplicaError),
    /// Nobody knows what was done.
    Unknown(ReplicaError),
    /// It would be the same later and elsewhere.
    Refused(ReplicaError),
}

impl From<ReplicaError> for Missed {
    fn from(error: ReplicaError) -> Self {
        match error {
            ReplicaError::NotLeader { .. } => {
                Self::Undone(ReplicaError::NoLeader(error.to_string()))
            }
            ReplicaError::NoQuorum(_) => Self::Undone(error),
            ReplicaError::LeadershipLost => Self::unanswered(error.to_string()),
            _ => Self::Refused(error),
        }
    }
}

impl From<&CallError<WriteFault>> for Missed {
    fn from(error: &CallError<WriteFault>) -> Self {
        match error.fault() {
            None => Self::of_call(error),
            Some(WriteFault::NotLeader(_)) => Self::Undone(ReplicaError::NoLeader(text(error))),
            Some(WriteFault::CommandInadmissible(reason)) => {
                Self::Refused(ReplicaError::Inadmissible(reason.clone()))
            }
            // It may have had the command in its log.
            Some(WriteFault::LeadershipLost | WriteFault::RaftStopped(_)) => {
                Self::unanswered(text(error))
            }
        }
    }
}

impl From<&CallError<ReadIndexFault>> for Missed {
    fn from(error: &CallError<ReadIndexFault>) -> Self {
        match error.fault() {
            None => Self::of_call(error),
            Some(ReadIndexFault::NoQuorum(reason)) => {
                Self::Undone(ReplicaError::NoQuorum(reason.clone()))
            }
            Some(ReadIndexFault::NotLeader(_) | ReadIndexFault::RaftStopped(_)) => {
                Self::Undone(ReplicaError::NoLeader(text(error)))
            }
        }
    }
}

impl Missed {
    /// Nobody knows what was done.
    pub(super) fn unanswered(reason: String) -> Self {
        Self::Unknown(ReplicaError::Unanswered(reason))
    }

    /// A call that failed by no fault of the operation's own.
    fn of_call<F: Fault>(error: &CallError<F>) -> Self {
        match &error.failure {
            Failure::NotEncoded(_) | Failure::NotDelivered(NotDelivered::TooLarge { .. }) => {
                Self::Refused(ReplicaError::Inadmissible(text(error)))
            }
            Failure::NotDelivered(_) => Self::Undone(ReplicaError::NoLeader(text(error))),
            Failure::Refused(Refused::Standard(fault)) if fault.is_retryable() => {
                Self::Undone(ReplicaError::NoLeader(text(error)))
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
