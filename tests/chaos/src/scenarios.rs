//! The table of scenarios, a file each.

mod coordinator_kill;
mod half_open;
mod handlers;
mod kill_server;
mod kill_worker;
mod raft_partition;
mod rolling_restart;
mod soak;
mod stall;
mod storm;
mod twice;
mod two_instances;
mod worker_restart;

use std::future::Future;
use std::pin::Pin;

use crate::Failure;
use crate::round::Round;

/// A running round.
pub(crate) type Running<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + 'a>>;

/// A scenario: a workload and the faults that are injected.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// Whether the scenario is bound by time and has a single round.
    pub(crate) is_long: bool,
    pub(crate) run: fn(&mut Round) -> Running<'_>,
}

/// All scenarios, in the order in which they run.
pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "kill_server",
        is_long: false,
        run: |round| Box::pin(kill_server::run(round)),
    },
    Scenario {
        name: "rolling_restart",
        is_long: false,
        run: |round| Box::pin(rolling_restart::run(round)),
    },
    Scenario {
        name: "stall",
        is_long: false,
        run: |round| Box::pin(stall::run(round)),
    },
    Scenario {
        name: "handlers",
        is_long: false,
        run: |round| Box::pin(handlers::run(round)),
    },
    Scenario {
        name: "twice",
        is_long: false,
        run: |round| Box::pin(twice::run(round)),
    },
    Scenario {
        name: "half_open",
        is_long: false,
        run: |round| Box::pin(half_open::run(round)),
    },
    Scenario {
        name: "kill_worker",
        is_long: false,
        run: |round| Box::pin(kill_worker::run(round)),
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
    Scenario {
        name: "worker_restart",
        is_long: false,
        run: |round| Box::pin(worker_restart::run(round)),
    },
    Scenario {
        name: "two_instances",
        is_long: false,
        run: |round| Box::pin(two_instances::run(round)),
    },
    Scenario {
        name: "storm",
        is_long: false,
        run: |round| Box::pin(storm::run(round)),
    },
    Scenario {
        name: "soak",
        is_long: true,
        run: |round| Box::pin(soak::run(round)),
    },
];
