//! The table of scenarios. Each is a file of its own.

mod coordinator_kill;
mod kill_server;
mod raft_partition;

use std::future::Future;
use std::pin::Pin;

use crate::Failure;
use crate::round::Round;

/// A round that is played.
pub(crate) type Playing<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + 'a>>;

/// A bad day.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// Whether it is about time, and so has one round.
    pub(crate) is_long: bool,
    pub(crate) run: fn(&mut Round) -> Playing<'_>,
}

/// All of them, in the order in which they run.
pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "kill_server",
        is_long: false,
        run: |round| Box::pin(kill_server::run(round)),
    },
    Scenario {
        name: "coordinator_kill",
        is_long: false,
        run: |round| Box::pin(coordinator_kill::run(round)),
    },
    Scenario {
        name: "raft_partition",
        is_long: false,
        run: |round| Box::pin(raft_partition::run(round)),
    },
];
