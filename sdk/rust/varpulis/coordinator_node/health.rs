//! How a coordinator is doing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use natsgen_runtime::Stats;

use crate::replica::{Health, WorkerRecord};
use crate::types::WorkerStatus;

/// How a coordinator is doing. Counts are its own, since it was started.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CoordinatorHealth {
    /// How its Raft node is doing.
    pub raft: Health,
    /// Whether there is a connection.
    pub is_connected: bool,
    /// How many workers its replica of the registry has.
    pub workers: WorkerCounts,
    /// How many heartbeats came that could be read.
    pub heartbeats: u64,
    /// How many of them came from nobody who is registered.
    pub stray_heartbeats: u64,
    /// How many could not be read.
    pub unreadable_heartbeats: u64,
    /// How many messages its connection lost because they were not read fast enough, at least: heartbeats, as a rule, since
    /// nothing else comes in such numbers.
    pub lost_heartbeats: u64,
    /// How long its last look at all workers took; zero before the first.
    pub sweep_time: Duration,
    /// How many registrations it answered with a welcome.
    pub registrations: u64,
    /// How many it refused for good: wrong keys, and instances that were replaced.
    pub refused: u64,
    /// How many it could not enter into the registry in time.
    pub unavailable: u64,
    /// What its server has done.
    pub requests: Stats,
}

/// How many workers there are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorkerCounts {
    /// Registered, and not heard yet.
    pub registering: usize,
    /// Heard, and not silent for too long.
    pub ready: usize,
    /// Silent for too long.
    pub unhealthy: usize,
    /// Given nothing new.
    pub draining: usize,
}

impl CoordinatorHealth {
    /// Whether it is connected, its Raft node runs, and there is a leader.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.is_connected && self.raft.is_ready()
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

/// What a coordinator counts.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) heartbeats: AtomicU64,
    pub(super) strays: AtomicU64,
    pub(super) unreadable: AtomicU64,
    pub(super) lost: AtomicU64,
    pub(super) registrations: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) unavailable: AtomicU64,
}

impl Counts {
    pub(super) fn add(counter: &AtomicU64, count: u64) {
        counter.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn get(counter: &AtomicU64) -> u64 {
        counter.load(Ordering::Relaxed)
    }
}
