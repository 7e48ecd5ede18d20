//! Call options of commands, and the meaning of their errors.

use std::time::Duration;

use natsgen_runtime::{
    CallError, CallOptions, Failure, Fault, NotDelivered, Refused, Retry, StandardFault,
};

use super::dispatcher::Dispatcher;
use super::error::DispatchError;
use crate::error::PIPELINE_NOT_FOUND;
use crate::types::{WorkerId, WorkerInstance};

/// The number of attempts to send a command to a worker that deduplicates.
const ATTEMPTS: u32 = 4;

/// The first and the longest pause between attempts.
const PAUSES: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(250)];

impl Dispatcher {
    /// The call options of a command with this time limit. A worker that told its instance executes a repeated command
    /// once. Another worker may execute a command twice, so it gets a single attempt.
    pub(super) fn options(
        &self,
        limit: Duration,
        worker_id: &WorkerId,
        instance: Option<&WorkerInstance>,
    ) -> CallOptions {
        let options = CallOptions::new().timeout(limit);
        let is_assigned = self.writer.replica.local(|registry| {
            let worker = registry.worker(worker_id);
            worker.is_some_and(|worker| worker.registration.assigned.is_some())
        });
        if instance.is_none() || is_assigned {
            return options;
        }
        let retry = Retry::new(ATTEMPTS).deduplicated();
        let retry = retry.attempt_timeout(limit / ATTEMPTS);
        options.retry(retry.pauses(PAUSES[0], PAUSES[1]))
    }
}

/// Whether the worker has certainly not executed the command.
pub(super) fn is_not_executed<F>(failure: &Failure<F>) -> bool {
    match failure {
        Failure::Refused(Refused::Standard(fault)) => !matches!(
            fault,
            StandardFault::Internal
                | StandardFault::Aborted
                | StandardFault::ReplyTooLarge { .. }
                | StandardFault::ReplyForgotten
        ),
        Failure::NotEncoded(_) | Failure::NotDelivered(_) | Failure::Refused(_) => true,
        _ => false,
    }
}

/// Whether no server is subscribed that could have executed the command.
pub(super) fn has_no_responders<F>(error: &CallError<F>) -> bool {
    matches!(
        error.failure,
        Failure::NotDelivered(NotDelivered::NoResponders)
    )
}

/// Whether the worker does not have the pipeline.
pub(super) fn is_not_found<F: Fault>(error: &CallError<F>) -> bool {
    let is_not_found = |fault: &F| *fault.kind() == PIPELINE_NOT_FOUND;
    error.fault().is_some_and(is_not_found)
}

impl<F: Fault> DispatchError<F> {
    /// The error of a failed call.
    pub(super) fn of_call(worker_id: WorkerId, error: CallError<F>) -> Self {
        if is_not_executed(&error.failure) {
            Self::NotExecuted { worker_id, error }
        } else {
            Self::OutcomeUnknown { worker_id, error }
        }
    }
}
