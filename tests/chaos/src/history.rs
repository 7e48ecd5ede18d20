//! The history of a round: all operations, their outcomes, and their executions.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use natsgen_runtime::{Failure, NoAnswer, Refused, StandardFault};
use tokio::time::sleep;

/// The pause between two looks at the history.
const PAUSE: Duration = Duration::from_millis(5);

/// The guarantee that an operation must keep. All operations must finish and be executed at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guarantee {
    /// No further guarantee: the call may run into its own timeout.
    AtMostOnce,
    /// The call ends before its own timeout, at worst with an unknown outcome.
    InTime,
    /// The call is acknowledged and executed.
    ExactlyOnce,
}

/// The outcome of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The operation was executed.
    Acknowledged,
    /// The handler failed, as its fault says.
    Failed,
    /// The peer refused the operation without executing it.
    Refused,
    /// The request reached no server, so it was not executed.
    Undelivered,
    /// The operation may have been executed.
    Unknown(NoAnswer),
    /// The reply does not belong to this operation.
    Mismatched,
}

/// The history of a round.
#[derive(Debug, Default)]
pub(crate) struct History {
    operations: Mutex<Vec<Operation>>,
    /// Odd while no fault is active; incremented when a fault starts or ends.
    fault_epoch: AtomicU64,
}

/// An operation of a client.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) guarantee: Guarantee,
    /// The value of the history's `fault_epoch` at the start of the operation.
    fault_epoch: u64,
    /// Whether it failed although no fault was active during the operation.
    pub(crate) is_without_fault: bool,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) executed: u64,
}

impl Outcome {
    /// The outcome that a failure of a call stands for.
    pub(crate) fn of<F>(failure: &Failure<F>) -> Self {
        match failure {
            Failure::NotEncoded(_) | Failure::NotDelivered(_) => Self::Undelivered,
            Failure::NoAnswer(reason) => Self::Unknown(*reason),
            Failure::Refused(Refused::Standard(fault)) if fault.is_retryable() => Self::Refused,
            Failure::Refused(Refused::Standard(StandardFault::Internal) | Refused::Fault(_)) => {
                Self::Failed
            }
            _ => Self::Mismatched,
        }
    }
}

impl History {
    /// Records the start of an operation, and returns its number.
    pub(crate) fn begin(&self, guarantee: Guarantee) -> u64 {
        let mut operations = self.operations();
        operations.push(Operation {
            guarantee,
            fault_epoch: self.fault_epoch.load(Ordering::SeqCst),
            is_without_fault: false,
            outcome: None,
            executed: 0,
        });
        number(operations.len() - 1)
    }

    /// Records the outcome of operation `number`.
    pub(crate) fn finish(&self, number: u64, outcome: Outcome) {
        let fault_epoch = self.fault_epoch.load(Ordering::SeqCst);
        self.change(number, |operation| {
            operation.outcome = Some(outcome);
            let is_fault_free = fault_epoch % 2 == 1 && fault_epoch == operation.fault_epoch;
            operation.is_without_fault = is_fault_free && outcome != Outcome::Acknowledged;
        });
    }

    /// Toggles between a phase without faults, in which no call may fail, and a phase with faults.
    pub(crate) fn toggle_faults(&self) {
        self.fault_epoch.fetch_add(1, Ordering::SeqCst);
    }

    /// Records an execution of operation `number`.
    pub(crate) fn executed(&self, number: u64) {
        self.change(number, |operation| operation.executed += 1);
    }

    /// The number of finished operations.
    pub(crate) fn finished(&self) -> u64 {
        self.count(|outcome| outcome.is_some())
    }

    /// The number of acknowledged operations.
    pub(crate) fn acknowledged(&self) -> u64 {
        self.count(|outcome| outcome == Some(Outcome::Acknowledged))
    }

    /// Waits until `calls` operations are acknowledged.
    pub(crate) async fn until_acknowledged(&self, calls: u64) {
        while self.acknowledged() < calls {
            sleep(PAUSE).await;
        }
    }

    /// Calls `visit` for each operation.
    pub(crate) fn for_each(&self, visit: impl FnMut(&Operation)) {
        self.operations().iter().for_each(visit);
    }

    fn count(&self, is_counted: impl Fn(Option<Outcome>) -> bool) -> u64 {
        let operations = self.operations();
        number(
            operations
                .iter()
                .filter(|operation| is_counted(operation.outcome))
                .count(),
        )
    }

    fn change(&self, number: u64, change: impl FnOnce(&mut Operation)) {
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        if let Some(operation) = self.operations().get_mut(index) {
            change(operation);
        }
    }

    fn operations(&self) -> MutexGuard<'_, Vec<Operation>> {
        self.operations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn number(index: usize) -> u64 {
    u64::try_from(index).unwrap_or(u64::MAX)
}
