//! What clients asked and were answered, and whether that could have been.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use todc_utils::{Action, History, Specification, WGLChecker};
use varpulis_sdk::replica::Registry;

use crate::cluster::policy;

/// What a client asked for; of a look, with the answer.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    /// Puts this in the place of what was there.
    Set(u64),
    /// Adds this to what is there.
    Add(u64),
    Look(Option<Seen>),
}

/// The part of a registry that clients change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Seen {
    set: Option<String>,
    added: BTreeSet<String>,
}

/// A registry that does one thing after another.
struct Sequential;

/// What happens, in the order in which it does.
#[derive(Default)]
pub(super) struct Recorder(Mutex<Record>);

#[derive(Default)]
struct Record {
    steps: Vec<(usize, Action<Operation>)>,
    /// Operations without an answer.
    open: BTreeMap<usize, Operation>,
    last: usize,
}

/// What the checker says of a history.
pub(super) struct Verdict {
    pub(super) seed: u64,
    pub(super) operations: usize,
    /// Of them, those without an answer.
    pub(super) open: usize,
    /// How many terms there were.
    pub(super) elections: u64,
    pub(super) is_linearizable: bool,
}

impl Seen {
    pub(super) fn of(registry: &Registry) -> Self {
        let names = registry.groups().keys();
        Self {
            set: policy(registry),
            added: names.map(|name| name.as_str().to_owned()).collect(),
        }
    }
}

impl Specification for Sequential {
    type State = Seen;
    type Operation = Operation;

    fn init() -> Seen {
        Seen::default()
    }

    fn apply(operation: &Operation, state: &Seen) -> (bool, Seen) {
        let mut after = state.clone();
        match operation {
            Operation::Set(number) => after.set = Some(number.to_string()),
            Operation::Add(number) => {
                after.added.insert(number.to_string());
            }
            Operation::Look(seen) => return (seen.as_ref() == Some(state), after),
        }
        (true, after)
    }
}

impl Recorder {
    /// Notes that a client asks; by what comes back it says later what became of it.
    pub(super) fn call(&self, operation: Operation) -> usize {
        let mut record = self.record();
        record.last += 1;
        let id = record.last;
        record.open.insert(id, operation.clone());
        record.steps.push((id, Action::Call(operation)));
        id
    }

    /// Notes that it was done.
    pub(super) fn answer(&self, id: usize, operation: Operation) {
        let mut record = self.record();
        record.open.remove(&id);
        record.steps.push((id, Action::Response(operation)));
    }

    /// Notes that certainly nothing was done, so that it is as if nobody had asked.
    pub(super) fn forget(&self, id: usize) {
        let mut record = self.record();
        record.open.remove(&id);
        record.steps.retain(|(other, _)| *other != id);
    }

    /// Has the whole history judged; says what happened if it could not have been.
    pub(super) fn judge(&self, seed: u64, elections: u64) -> Verdict {
        let mut record = std::mem::take(&mut *self.record());
        let answers = record.steps.iter();
        let answers = answers.filter(|(_, step)| matches!(step, Action::Response(_)));
        let open = record.open.len();
        let operations = answers.count() + open;
        record.drop_unseen();
        let mut steps = record.steps;
        // Whether it was done at the very end, when nobody looked any more, or never, is the same.
        let late = record.open.into_iter();
        steps.extend(late.map(|(id, operation)| (id, Action::Response(operation))));
        let is_linearizable =
            WGLChecker::<Sequential>::is_linearizable(History::from_actions(steps.clone()));
        if !is_linearizable {
            println!("SEED={seed} is not linearizable:");
            for (id, step) in &steps {
                println!("  {id} {step:?}");
            }
        }
        Verdict {
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
    /// Takes away what was not answered and that nobody saw the effect of. That changes no verdict: if it was done at all,
    /// nobody looked before something else covered it. The checker would try any number of them at any moment.
    fn drop_unseen(&mut self) {
        let looks = self.steps.iter().filter_map(|(_, step)| match step {
            Action::Response(Operation::Look(seen)) => seen.as_ref(),
            _ => None,
        });
        let mut seen = BTreeSet::new();
        for look in looks {
            seen.extend(look.set.iter().chain(&look.added).cloned());
        }
        let is_unseen = |operation: &Operation| match operation {
            Operation::Set(number) | Operation::Add(number) => !seen.contains(&number.to_string()),
            Operation::Look(_) => true,
        };
        let unseen = self
            .open
            .extract_if(.., |_, operation| is_unseen(operation));
        let unseen: BTreeSet<_> = unseen.map(|(id, _)| id).collect();
        self.steps.retain(|(id, _)| !unseen.contains(id));
    }
}
