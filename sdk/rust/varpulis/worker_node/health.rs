//! The health of a worker.

use std::fmt;
use std::time::Duration;

use natsgen_runtime::{Saturation, Stats};

use super::registration_error::RegistrationError;
use crate::coordinator::RegisterFault;

/// The health of a worker.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WorkerHealth {
    /// The phase of the worker.
    pub phase: WorkerPhase,
    /// Whether its connections are up.
    pub is_connected: bool,
    /// The patterns of its subscriptions that the server denies. The connection repeats such a subscription until the
    /// server permits it.
    pub denied: Vec<String>,
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
    pub failure: Option<RegistrationError>,
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
    /// The coordinators have refused its API key too often. It sends no registrations any more.
    Rejected,
    /// It refuses new work and finishes running work.
    Draining,
    /// It refuses new work, and no work runs.
    Drained,
    /// Another instance has replaced it. It has unsubscribed, sends no registrations and heartbeats any more, and
    /// finishes running work.
    Replaced,
}

/// The reason why a worker is not ready.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WorkerNotReady {
    /// A connection is lost.
    Disconnected,
    /// The server denies subscriptions to these patterns.
    Denied(Vec<String>),
    /// It is not in the phase [`WorkerPhase::Ready`].
    Phase(WorkerPhase),
    /// Its server refuses commands, or soon will.
    Saturated(Saturation),
}

impl WorkerHealth {
    /// Whether it is connected, receives commands, is registered, and takes new work.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.not_ready().is_none()
    }

    /// The reason why it is not ready; `None` if it is ready.
    #[must_use]
    pub fn not_ready(&self) -> Option<WorkerNotReady> {
        if !self.is_connected {
            Some(WorkerNotReady::Disconnected)
        } else if !self.denied.is_empty() {
            Some(WorkerNotReady::Denied(self.denied.clone()))
        } else if self.phase != WorkerPhase::Ready {
            Some(WorkerNotReady::Phase(self.phase))
        } else {
            self.commands.saturation.map(WorkerNotReady::Saturated)
        }
    }
}

impl fmt::Display for WorkerNotReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disconnected => f.write_str("not connected"),
            Self::Denied(patterns) => write!(f, "the server denies {}", patterns.join(", ")),
            Self::Phase(phase) => phase.fmt(f),
            Self::Saturated(saturation) => write!(f, "saturated: {saturation}"),
        }
    }
}

impl fmt::Display for WorkerPhase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Joining => "joining",
            Self::Ready => "ready",
            Self::Rejected => "rejected",
            Self::Draining => "draining",
            Self::Drained => "drained",
            Self::Replaced => "replaced",
        })
    }
}

/// The state of the registration.
#[derive(Clone, Debug, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent facts that coordinators have reported"
)]
pub(super) struct RegistrationStatus {
    pub(super) is_registered: bool,
    /// Whether a coordinator knows that the worker drains.
    pub(super) is_draining: bool,
    pub(super) registrations: u64,
    pub(super) failure: Option<RegistrationError>,
    pub(super) heartbeat_interval: Option<Duration>,
    /// Whether the coordinator keeps its state of a worker that registers again.
    pub(super) is_renewable: bool,
    /// How often in succession coordinators have refused the API key.
    pub(super) key_refusals: u32,
    /// Whether coordinators have refused the API key too often.
    pub(super) is_rejected: bool,
}

impl RegistrationStatus {
    /// Records a failed registration. Coordinators may refuse the API key up to `attempts` times in succession; 0 is no
    /// limit.
    pub(super) fn fail(&mut self, error: RegistrationError, attempts: u32) {
        self.is_registered = false;
        match error.fault() {
            Some(RegisterFault::InvalidApiKey) => self.key_refusals += 1,
            Some(_) => self.key_refusals = 0,
            None => {}
        }
        self.is_rejected |= attempts > 0 && self.key_refusals >= attempts;
        self.failure = Some(error);
    }
}
