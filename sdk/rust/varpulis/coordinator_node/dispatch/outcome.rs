//! How to command a worker, and what it means when that fails.

use std::time::Duration;

use natsgen_runtime::{
    CallError, CallOptions, Failure, Fault, NotDelivered, Refused, Retry, StandardFault,
};

use super::error::DispatchError;
use crate::error::PIPELINE_NOT_FOUND;
use crate::types::{WorkerId, WorkerInstance};

/// How often a command is sent to a worker that remembers it.
const ATTEMPTS: u32 = 4;

/// The first pause between them, and the longest.
const PAUSES: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(250)];

/// How to command a worker that has this long. One that says which instance it is executes once what is sent again; of any
/// other that is not known.
pub(super) fn options(limit: Duration, instance: Option<&WorkerInstance>) -> CallOptions {
    let options = CallOptions::new().timeout(limit);
    if instance.is_none() {
        return options;
    }
    let retry = Retry::new(ATTEMPTS).remembered();
    let retry = retry.attempt_timeout(limit / ATTEMPTS);
    options.retry(retry.pauses(PAUSES[0], PAUSES[1]))
}

/// Whether the worker has certainly not done what it was told.
pub(super) fn is_undone<F>(failure: &Failure<F>) -> bool {
    match failure {
        Failure::Refused(Refused::Standard(fault)) => !matches!(
            fault,
            StandardFault::Internal
                | StandardFault::ReplyTooLarge { .. }
                | StandardFault::ReplyForgotten
        ),
        Failure::NotEncoded(_) | Failure::NotDelivered(_) | Failure::Refused(_) => true,
        _ => false,
    }
}

/// Whether nobody is there who could have done it.
pub(super) fn is_absent<F>(error: &CallError<F>) -> bool {
    matches!(
        error.failure,
        Failure::NotDelivered(NotDelivered::NoResponders)
    )
}

/// Whether the worker does not have the pipeline.
pub(super) fn is_gone<F: Fault>(error: &CallError<F>) -> bool {
    let is_gone = |fault: &F| *fault.kind() == PIPELINE_NOT_FOUND;
    error.fault().is_some_and(is_gone)
}

impl<F: Fault> DispatchError<F> {
    /// What a call that failed means.
    pub(super) fn of_call(worker_id: WorkerId, error: CallError<F>) -> Self {
        if is_undone(&error.failure) {
            Self::NotExecuted { worker_id, error }
        } else {
            Self::OutcomeUnknown { worker_id, error }
        }
    }
}
