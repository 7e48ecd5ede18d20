//! The liveness of workers: when each sent its last heartbeat, and with which content.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::heartbeat_budget::HeartbeatBudget;
use crate::coordinator::Heartbeat;
use crate::replica::WorkerRecord;
use crate::types::{WorkerId, WorkerStatus};

/// The limit of unknown ids between two scans. The limit is needed because heartbeats of any id may arrive.
const UNKNOWN_LIMIT: usize = 10_000;

/// The liveness of all workers, as this coordinator sees it: heartbeats are not replicated. The registry's lock is
/// never taken while this lock is held.
#[derive(Debug)]
pub(super) struct Liveness {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    workers: HashMap<WorkerId, WorkerLiveness>,
    /// The number of the current or last scan.
    scan: u64,
    /// How long the last finished scan took.
    scan_time: Duration,
    changes: LivenessChanges,
    unknown: HashSet<WorkerId>,
    budget: HeartbeatBudget,
}

/// The liveness of a worker.
#[derive(Clone, Debug)]
pub(super) struct WorkerLiveness {
    /// When its last heartbeat arrived. Before the first heartbeat: when this coordinator learned of the worker.
    pub(super) last_seen: Instant,
    /// The content of its last heartbeat.
    pub(super) heartbeat: Option<Heartbeat>,
    /// The status of the worker in the registry, as last seen.
    status: WorkerStatus,
    /// Whether a heartbeat arrived since the status changed. Such a heartbeat makes a worker ready.
    pub(super) is_seen: bool,
    /// The size of the pipeline metrics in its last heartbeat.
    bytes: usize,
    /// The number of the last scan that visited it.
    scan: u64,
}

/// Heartbeats that may change the status of a worker.
#[derive(Debug, Default)]
pub(super) struct LivenessChanges {
    /// Workers that may be ready now.
    pub(super) seen: Vec<WorkerId>,
    /// Ids that are not registered. Each is reported once between two scans.
    pub(super) unknown: Vec<WorkerId>,
}

impl Liveness {
    /// Creates a liveness that keeps up to `limit` bytes of pipeline metrics.
    pub(super) fn new(limit: usize) -> Self {
        let state = State {
            budget: HeartbeatBudget::new(limit),
            ..State::default()
        };
        Self {
            state: Mutex::new(state),
            changed: Notify::new(),
        }
    }

    /// Records a heartbeat. Returns it if this coordinator does not know the worker.
    pub(super) fn record(
        &self,
        id: WorkerId,
        mut heartbeat: Heartbeat,
    ) -> Result<(), (WorkerId, Heartbeat)> {
        let now = Instant::now();
        let mut guard = self.lock();
        let state = &mut *guard;
        let Some(worker) = state.workers.get_mut(&id) else {
            return Err((id, heartbeat));
        };
        state.budget.release(worker.bytes);
        worker.bytes = state.budget.take(&mut heartbeat);
        worker.last_seen = now;
        let before = worker.heartbeat.replace(heartbeat);
        let was_seen = std::mem::replace(&mut worker.is_seen, true);
        let is_change = !was_seen && may_become_ready(worker.status);
        if is_change {
            state.changes.seen.push(id);
        }
        drop(guard);
        drop(before);
        if is_change {
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Records the first heartbeat of a worker that the registry knows.
    pub(super) fn insert(&self, id: WorkerId, status: WorkerStatus, mut heartbeat: Heartbeat) {
        let mut state = self.lock();
        let bytes = state.budget.take(&mut heartbeat);
        let worker = WorkerLiveness {
            last_seen: Instant::now(),
            heartbeat: Some(heartbeat),
            status,
            is_seen: true,
            bytes,
            scan: state.scan,
        };
        if let Some(before) = state.workers.insert(id.clone(), worker) {
            state.budget.release(before.bytes);
        }
        if may_become_ready(status) {
            state.changes.seen.push(id);
            drop(state);
            self.changed.notify_one();
        }
    }

    /// Records a heartbeat of a worker that is not registered.
    pub(super) fn record_unknown(&self, id: WorkerId) {
        let mut state = self.lock();
        if state.unknown.len() < UNKNOWN_LIMIT && state.unknown.insert(id.clone()) {
            state.changes.unknown.push(id);
            drop(state);
            self.changed.notify_one();
        }
    }

    /// Waits for heartbeats that may change a status.
    pub(super) async fn changes(&self) -> LivenessChanges {
        loop {
            let notified = self.changed.notified();
            let changes = std::mem::take(&mut self.lock().changes);
            if !changes.seen.is_empty() || !changes.unknown.is_empty() {
                return changes;
            }
            notified.await;
        }
    }

    /// Records the status of a worker in the registry.
    pub(super) fn set_status(&self, id: &WorkerId, status: WorkerStatus) {
        if let Some(worker) = self.lock().workers.get_mut(id) {
            worker.set_status(status, Instant::now());
        }
    }

    /// Removes a worker that is not registered any more.
    pub(super) fn remove(&self, id: &WorkerId) {
        let mut state = self.lock();
        if let Some(worker) = state.workers.remove(id) {
            state.budget.release(worker.bytes);
        }
    }

    /// Begins a scan. From now on each unknown id is reported once more.
    pub(super) fn begin_scan(&self) {
        let mut state = self.lock();
        state.scan += 1;
        state.unknown.clear();
    }

    /// Visits registered workers and passes the liveness of each to `visit`. Workers without liveness get an entry.
    pub(super) fn visit<'a>(
        &self,
        workers: impl Iterator<Item = (&'a WorkerId, &'a WorkerRecord)>,
        mut visit: impl FnMut(&WorkerId, WorkerStatus, &WorkerLiveness),
    ) {
        let now = Instant::now();
        let mut state = self.lock();
        let scan = state.scan;
        for (id, record) in workers {
            let status = record.status;
            if let Some(worker) = state.workers.get_mut(id) {
                worker.scan = scan;
                worker.set_status(status, now);
                visit(id, status, worker);
            } else {
                let worker = WorkerLiveness {
                    last_seen: now,
                    heartbeat: None,
                    status,
                    is_seen: false,
                    bytes: 0,
                    scan,
                };
                state.workers.insert(id.clone(), worker);
            }
        }
    }

    /// Ends a scan that visited `visited` workers and took `elapsed`. Removes all workers that it did not visit.
    pub(super) fn end_scan(&self, visited: usize, elapsed: Duration) {
        let mut state = self.lock();
        state.scan_time = elapsed;
        if state.workers.len() > visited {
            let State {
                workers,
                scan,
                budget,
                ..
            } = &mut *state;
            for (_, worker) in workers.extract_if(|_, worker| worker.scan != *scan) {
                budget.release(worker.bytes);
            }
        }
    }

    /// The number of heartbeats that were kept without their pipeline metrics.
    pub(super) fn trimmed(&self) -> u64 {
        self.lock().budget.trimmed()
    }

    /// How long the last finished scan took.
    pub(super) fn scan_time(&self) -> Duration {
        self.lock().scan_time
    }

    /// Reads the liveness of a worker.
    pub(super) fn read<T>(
        &self,
        id: &WorkerId,
        read: impl FnOnce(&WorkerLiveness) -> T,
    ) -> Option<T> {
        self.lock().workers.get(id).map(read)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WorkerLiveness {
    /// Whether its last heartbeat says that the worker is saturated.
    pub(super) fn is_saturated(&self) -> bool {
        let heartbeat = self.heartbeat.as_ref();
        heartbeat.is_some_and(|heartbeat| heartbeat.saturated.is_some())
    }

    fn set_status(&mut self, status: WorkerStatus, now: Instant) {
        if status == self.status {
            return;
        }
        if status == WorkerStatus::Registering {
            // A new instance: its silence begins now, and the last heartbeat belongs to the instance before it.
            self.last_seen = now;
        }
        self.status = status;
        self.is_seen = false;
    }
}

/// Whether a heartbeat makes a worker with this status ready.
fn may_become_ready(status: WorkerStatus) -> bool {
    matches!(status, WorkerStatus::Registering | WorkerStatus::Unhealthy)
}
