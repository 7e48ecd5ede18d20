//! The health of a coordinator.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use natsgen_runtime::Stats;

use crate::replica::{Health, WorkerRecord};
use crate::types::WorkerStatus;

/// The health of a coordinator. All counters begin at its start.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CoordinatorHealth {
    /// The health of its Raft node.
    pub raft: Health,
    /// Whether the connection is up.
    pub is_connected: bool,
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

impl CoordinatorHealth {
    /// Whether it is connected, its Raft node runs, there is a leader, and its server is not saturated.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.is_connected && self.raft.is_ready() && self.requests.saturation.is_none()
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
