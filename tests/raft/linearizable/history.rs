//! The history of operations, and the check that it is linearizable.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use todc_utils::{Action, History, Specification, WGLChecker};
use varpulis_sdk::replica::Registry;

use crate::cluster::policy;

/// An operation of a client. A completed read carries its result.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    /// Replaces the stored value.
    Set(u64),
    /// Adds to the stored set.
    Add(u64),
    Read(Option<Observed>),
}

/// The part of the registry that clients change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Observed {
    set: Option<String>,
    added: BTreeSet<String>,
}

/// The sequential model of the registry.
struct RegistryModel;

/// Records the calls and replies in their order.
#[derive(Default)]
pub(super) struct Recorder(Mutex<Record>);

#[derive(Default)]
struct Record {
    steps: Vec<(usize, Action<Operation>)>,
    /// Operations without a reply.
    open: BTreeMap<usize, Operation>,
    last: usize,
}

/// The result of the checker for a history.
pub(super) struct CheckResult {
    pub(super) seed: u64,
    pub(super) operations: usize,
    /// The number of operations without a reply.
    pub(super) open: usize,
    /// The number of terms.
    pub(super) elections: u64,
    pub(super) is_linearizable: bool,
}

impl Observed {
    pub(super) fn of(registry: &Registry) -> Self {
        let names = registry.groups().keys();
        Self {
            set: policy(registry),
            added: names.map(|name| name.as_str().to_owned()).collect(),
        }
    }
}

impl Specification for RegistryModel {
    type State = Observed;
    type Operation = Operation;

    fn init() -> Observed {
        Observed::default()
    }

    fn apply(operation: &Operation, state: &Observed) -> (bool, Observed) {
        let mut after = state.clone();
        match operation {
            Operation::Set(number) => after.set = Some(number.to_string()),
            Operation::Add(number) => {
                after.added.insert(number.to_string());
            }
            Operation::Read(observed) => return (observed.as_ref() == Some(state), after),
        }
        (true, after)
    }
}

impl Recorder {
    /// Records a call. The returned id identifies its reply.
    pub(super) fn call(&self, operation: Operation) -> usize {
        let mut record = self.record();
        record.last += 1;
        let id = record.last;
        record.open.insert(id, operation.clone());
        record.steps.push((id, Action::Call(operation)));
        id
    }

    /// Records the reply.
    pub(super) fn reply(&self, id: usize, operation: Operation) {
        let mut record = self.record();
        record.open.remove(&id);
        record.steps.push((id, Action::Response(operation)));
    }

    /// Removes a call that was certainly not executed.
    pub(super) fn discard(&self, id: usize) {
        let mut record = self.record();
        record.open.remove(&id);
        record.steps.retain(|(other, _)| *other != id);
    }

    /// Checks the whole history, and prints it if it is not linearizable.
    pub(super) fn check(&self, seed: u64, elections: u64) -> CheckResult {
        let mut record = std::mem::take(&mut *self.record());
        let replies = record.steps.iter();
        let replies = replies.filter(|(_, step)| matches!(step, Action::Response(_)));
        let open = record.open.len();
        let operations = replies.count() + open;
        record.drop_unobserved();
        let mut steps = record.steps;
        // An operation without a reply may take effect after all reads: that is equivalent to no effect.
        let late = record.open.into_iter();
        steps.extend(late.map(|(id, operation)| (id, Action::Response(operation))));
        let is_linearizable =
            WGLChecker::<RegistryModel>::is_linearizable(History::from_actions(steps.clone()));
        if !is_linearizable {
            println!("SEED={seed} is not linearizable:");
            for (id, step) in &steps {
                println!("  {id} {step:?}");
            }
        }
        CheckResult {
            seed,
            operations,
            open,
            elections,
            is_linearizable,
        }
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    /// Removes operations without a reply whose effect no read observed. This keeps the result of the check: if such an
    /// operation took effect, no client read before another operation covered it. Without the removal the checker would
    /// try each of them at every position.
    fn drop_unobserved(&mut self) {
        let reads = self.steps.iter().filter_map(|(_, step)| match step {
            Action::Response(Operation::Read(observed)) => observed.as_ref(),
            _ => None,
        });
        let mut observed = BTreeSet::new();
        for read in reads {
            observed.extend(read.set.iter().chain(&read.added).cloned());
        }
        let is_unobserved = |operation: &Operation| match operation {
            Operation::Set(number) | Operation::Add(number) => {
                !observed.contains(&number.to_string())
            }
            Operation::Read(_) => true,
        };
        let unobserved = self
            .open
            .extract_if(.., |_, operation| is_unobserved(operation));
        let unobserved: BTreeSet<_> = unobserved.map(|(id, _)| id).collect();
        self.steps.retain(|(id, _)| !unobserved.contains(id));
    }
}
