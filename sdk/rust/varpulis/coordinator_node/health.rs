//! The health of a coordinator.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use natsgen_runtime::{Saturation, Stats};

use crate::replica::{Health, WorkerRecord};
use crate::types::WorkerStatus;

/// The health of a coordinator. All counters begin at its start.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CoordinatorHealth {
    /// The health of its Raft node.
    pub raft: Health,
    /// Whether its connections are up.
    pub is_connected: bool,
    /// The patterns of its subscriptions that the server denies. The connection repeats such a subscription until the
    /// server permits it.
    pub denied: Vec<String>,
    /// The number of workers in its replica of the registry, by status.
    pub workers: WorkerCounts,
    /// The number of readable heartbeats.
    pub heartbeats: u64,
    /// The number of heartbeats of workers that are not registered.
    pub unknown_heartbeats: u64,
    /// The number of unreadable heartbeats.
    pub unreadable_heartbeats: u64,
    /// The least number of messages that the connection discarded because they were not read fast enough. Usually they
    /// are heartbeats, because no other messages arrive in such numbers.
    pub lost_heartbeats: u64,
    /// The number of heartbeats that the coordinator keeps or kept without their pipeline metrics, because of the
    /// [limit](super::CoordinatorNode::heartbeat_bytes).
    pub trimmed_heartbeats: u64,
    /// How long the last scan of all workers took; zero before the first.
    pub scan_time: Duration,
    /// The number of accepted registrations.
    pub registrations: u64,
    /// The number of registrations that were refused: wrong keys, replaced instances and ids in use.
    pub refused: u64,
    /// The number of registrations that could not be written to the registry in time.
    pub unavailable: u64,
    /// The counters of its server.
    pub requests: Stats,
}

/// The number of workers by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorkerCounts {
    /// Registered, without a heartbeat yet.
    pub registering: usize,
    /// Registered, with a recent heartbeat.
    pub ready: usize,
    /// Silent for too long.
    pub unhealthy: usize,
    /// Draining: these workers get no new pipelines.
    pub draining: usize,
}

/// The reason why a coordinator is not ready.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CoordinatorNotReady {
    /// A connection is lost.
    Disconnected,
    /// The server denies subscriptions to these patterns.
    Denied(Vec<String>),
    /// Its Raft node is not ready; see [`Health::is_ready`].
    Raft,
    /// Its server refuses registrations, or soon will.
    Saturated(Saturation),
}

impl CoordinatorHealth {
    /// Whether it is connected, receives registrations and heartbeats, its Raft node is ready, and its server is not
    /// saturated.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.not_ready().is_none()
    }

    /// The reason why it is not ready; `None` if it is ready.
    #[must_use]
    pub fn not_ready(&self) -> Option<CoordinatorNotReady> {
        if !self.is_connected {
            Some(CoordinatorNotReady::Disconnected)
        } else if !self.denied.is_empty() {
            Some(CoordinatorNotReady::Denied(self.denied.clone()))
        } else if !self.raft.is_ready() {
            Some(CoordinatorNotReady::Raft)
        } else {
            let saturation = self.requests.saturation;
            saturation.map(CoordinatorNotReady::Saturated)
        }
    }
}

impl fmt::Display for CoordinatorNotReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disconnected => f.write_str("not connected"),
            Self::Denied(patterns) => write!(f, "the server denies {}", patterns.join(", ")),
            Self::Raft => f.write_str("its raft node is not ready"),
            Self::Saturated(saturation) => write!(f, "saturated: {saturation}"),
        }
    }
}

impl WorkerCounts {
    pub(super) fn of<'a>(workers: impl Iterator<Item = &'a WorkerRecord>) -> Self {
        let mut counts = Self::default();
        for worker in workers {
            *match worker.status {
                WorkerStatus::Registering => &mut counts.registering,
                WorkerStatus::Ready => &mut counts.ready,
                WorkerStatus::Unhealthy => &mut counts.unhealthy,
                WorkerStatus::Draining => &mut counts.draining,
            } += 1;
        }
        counts
    }
}

/// The counters of a coordinator.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) heartbeats: Counter,
    pub(super) unknown: Counter,
    pub(super) unreadable: Counter,
    pub(super) lost: Counter,
    pub(super) registrations: Counter,
    pub(super) refused: Counter,
    pub(super) unavailable: Counter,
}

/// A counter that several tasks increase.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
