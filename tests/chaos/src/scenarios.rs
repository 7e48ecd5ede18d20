//! The table of scenarios, a file each.

mod byzantine_lite;
mod clock_jumps;
mod connector;
mod coordinator_kill;
mod forged_workers;
mod gateways;
mod half_open;
mod handlers;
mod heartbeat_flood;
mod kill_server;
mod kill_worker;
mod malformed_frames;
mod raft_partition;
mod read_storm;
mod rolling_restart;
mod server_loss;
mod snapshot_attack;
mod soak;
mod stall;
mod storm;
mod stuck_pipeline;
mod suspend;
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
    pub(crate) set: Set,
    /// Whether the scenario has a single round.
    pub(crate) is_single: bool,
    pub(crate) run: fn(&mut Round) -> Running<'_>,
}

/// A set of scenarios.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    /// Parts of the system fail.
    Faults,
    /// A peer attacks, a clock jumps, or the NATS set-up is unusual.
    Hostile,
}

impl Set {
    pub(crate) const ALL: [Self; 2] = [Self::Faults, Self::Hostile];

    /// The name of the set in the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Faults => "faults",
            Self::Hostile => "hostile",
        }
    }
}

impl Scenario {
    /// Whether `name` names the scenario or its set.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        name == self.name || name == self.set.name()
    }
}

/// All scenarios, in the order in which they run.
pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "kill_server",
        set: Set::Faults,
        is_single: false,
        run: |round| Box::pin(kill_server::run(round)),
    },
    Scenario {
        name: "rolling_restart",
        set: Set::Faults,
        is_single: false,
        run: |round| Box::pin(rolling_restart::run(round)),
    },
    Scenario {
        name: "stall",
        set: Set::Faults,
        is_single: false,
        run: |round| Box::pin(stall::run(round)),
    },
    Scenario {
        name: "handlers",
        set: Set::Faults,
        is_single: false,
        run: |round| Box::pin(handlers::run(round)),
    },
    Scenario {
        name: "twice",
        set: Set::Faults,
        is_single: false,
        run: |round| Box::pin(twice::run(round)),
    },
    Scenario {
        name: "half_open",
        set: Set::Faults,
        is_single: false,
        run: |round| Box::pin(half_open::run(round)),
    },
    Scenario {
        name: "kill_worker",
        set: Set::Faults,
        is_single: false,
        run: |round| Box::pin(kill_worker::run(round)),
    },
    Scenario {
        name: "coordinator_kill",
        set: Set::Faults,
        is_single: false,
        run: |round| Box::pin(coordinator_kill::run(round)),
    },
    Scenario {
        name: "raft_partition",
        set: Set::Faults,
        is_single: false,
        run: |round| Box::pin(raft_partition::run(round)),
    },
    Scenario {
        name: "worker_restart",
        set: Set::Faults,
        is_single: false,
        run: |round| Box::pin(worker_restart::run(round)),
    },
    Scenario {
        name: "two_instances",
        set: Set::Faults,
        is_single: false,
        run: |round| Box::pin(two_instances::run(round)),
    },
    Scenario {
        name: "storm",
        set: Set::Faults,
        is_single: false,
        run: |round| Box::pin(storm::run(round)),
    },
    Scenario {
        name: "connector",
        set: Set::Faults,
        is_single: true,
        run: |round| Box::pin(connector::run(round)),
    },
    Scenario {
        name: "soak",
        set: Set::Faults,
        is_single: true,
        run: |round| Box::pin(soak::run(round)),
    },
    Scenario {
        name: "byzantine_lite",
        set: Set::Hostile,
        is_single: false,
        run: |round| Box::pin(byzantine_lite::run(round)),
    },
    Scenario {
        name: "clock_jumps",
        set: Set::Hostile,
        is_single: true,
        run: |round| Box::pin(clock_jumps::run(round)),
    },
    Scenario {
        name: "forged_workers",
        set: Set::Hostile,
        is_single: true,
        run: |round| Box::pin(forged_workers::run(round)),
    },
    Scenario {
        name: "gateways",
        set: Set::Hostile,
        is_single: true,
        run: |round| Box::pin(gateways::run(round)),
    },
    Scenario {
        name: "heartbeat_flood",
        set: Set::Hostile,
        is_single: true,
        run: |round| Box::pin(heartbeat_flood::run(round)),
    },
    Scenario {
        name: "malformed_frames",
        set: Set::Hostile,
        is_single: true,
        run: |round| Box::pin(malformed_frames::run(round)),
    },
    Scenario {
        name: "read_storm",
        set: Set::Hostile,
        is_single: true,
        run: |round| Box::pin(read_storm::run(round)),
    },
    Scenario {
        name: "server_loss",
        set: Set::Hostile,
        is_single: true,
        run: |round| Box::pin(server_loss::run(round)),
    },
    Scenario {
        name: "snapshot_attack",
        set: Set::Hostile,
        is_single: true,
        run: |round| Box::pin(snapshot_attack::run(round)),
    },
    Scenario {
        name: "stuck_pipeline",
        set: Set::Hostile,
        is_single: true,
        run: |round| Box::pin(stuck_pipeline::run(round)),
    },
    Scenario {
        name: "suspend",
        set: Set::Hostile,
        is_single: true,
        run: |round| Box::pin(suspend::run(round)),
    },
];
