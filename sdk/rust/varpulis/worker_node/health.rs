//! The health of a worker.

use std::time::Duration;

use natsgen_runtime::{CallError, Stats};

use crate::coordinator::RegisterFault;

/// The health of a worker.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WorkerHealth {
    /// The phase of the worker.
    pub phase: WorkerPhase,
    /// Whether the connection is up.
    pub is_connected: bool,
    /// Whether a coordinator has answered the last registration, and the connection was not lost since. The coordinator
    /// may have lost the registration meanwhile.
    pub is_registered: bool,
    /// Whether the worker receives notices of registrations under its id. The user may have no permission for that, or
    /// the coordinator may send no notices. Then the worker learns only from its next registration that it was replaced
    /// or its registration was lost.
    pub is_notified: bool,
    /// How often a coordinator has registered it.
    pub registrations: u64,
    /// Why the last registration failed, if it did.
    pub failure: Option<CallError<RegisterFault>>,
    /// The heartbeat interval that the coordinator asks for; absent before the first registration.
    pub heartbeat_interval: Option<Duration>,
    /// How many heartbeats the node has sent.
    pub heartbeats: u64,
    /// How many `deploy`, `inject`, `inject_batch` and `restore` commands run.
    pub work: usize,
    /// The counters of the server.
    pub commands: Stats,
}

/// The phase of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WorkerPhase {
    /// It serves commands, but no coordinator has answered yet, or no coordinator answers any more.
    Joining,
    /// It is registered and takes new work.
    Ready,
    /// It refuses new work and finishes running work.
    Draining,
    /// It refuses new work, and no work runs.
    Drained,
    /// Another instance has replaced it. It has unsubscribed, sends no registrations and heartbeats any more, and
    /// finishes running work.
    Replaced,
}

impl WorkerHealth {
    /// Whether it is connected, registered, and takes new work.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.is_connected && self.phase == WorkerPhase::Ready
    }
}

/// The state of the registration.
#[derive(Clone, Debug, Default)]
pub(super) struct RegistrationStatus {
    pub(super) is_registered: bool,
    pub(super) registrations: u64,
    pub(super) failure: Option<CallError<RegisterFault>>,
    pub(super) heartbeat_interval: Option<Duration>,
}
