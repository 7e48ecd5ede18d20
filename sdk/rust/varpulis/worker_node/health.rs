//! How a worker is doing.

use std::time::Duration;

use natsgen_runtime::{CallError, Stats};

use crate::coordinator::RegisterFault;

/// How a worker is doing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WorkerHealth {
    /// Where it stands.
    pub phase: WorkerPhase,
    /// Whether there is a connection.
    pub is_connected: bool,
    /// Whether a coordinator knows of it, as far as it knows: it answered the last registration, and the connection was
    /// not lost since.
    pub is_registered: bool,
    /// Whether it hears who is registered under its id. Where its user may not, or the coordinator does not tell, it learns
    /// only when it registers again that it was replaced or forgotten.
    pub is_notified: bool,
    /// How often it was registered.
    pub registrations: u64,
    /// Why the last registration failed; none if it did not.
    pub failure: Option<CallError<RegisterFault>>,
    /// How often the coordinator wants a heartbeat; none before the first registration.
    pub heartbeat_interval: Option<Duration>,
    /// How many heartbeats were sent by itself.
    pub heartbeats: u64,
    /// How much new work runs: deploys, injects and restores.
    pub work: usize,
    /// What its server has done.
    pub commands: Stats,
}

/// Where a worker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WorkerPhase {
    /// It serves, and no coordinator answered yet, or any more.
    Joining,
    /// It is registered and takes what comes.
    Ready,
    /// It takes nothing new and finishes what runs.
    Draining,
    /// It takes nothing new, and nothing runs.
    Drained,
    /// Another instance has its id: it has stopped to listen, to register and to send heartbeats, and finishes what runs.
    Replaced,
}

impl WorkerHealth {
    /// Whether it is connected, registered, and takes work.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.is_connected && self.phase == WorkerPhase::Ready
    }
}

/// What a node knows of its membership.
#[derive(Clone, Debug, Default)]
pub(super) struct Membership {
    pub(super) is_registered: bool,
    pub(super) registrations: u64,
    pub(super) failure: Option<CallError<RegisterFault>>,
    pub(super) heartbeat_interval: Option<Duration>,
}
