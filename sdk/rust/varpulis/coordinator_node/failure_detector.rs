//! The failure detector: it decides which workers are ready, and notifies workers that are not registered.
//!
//! Every coordinator scans its workers, so that it knows the last heartbeat of each when it becomes the leader. Only
//! the leader writes to the registry.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use natsgen_runtime::CallOptions;
use natsgen_runtime::transport::BoxFuture;
use tokio::task::yield_now;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::liveness::{Liveness, LivenessChanges, WorkerLiveness};
use crate::replica::{Change, Registry, Replica, leading_term};
use crate::types::{Command, WorkerId, WorkerStatus, WorkerStatusChanged};
use crate::worker::{Registration, WorkerClient};

/// A worker is unhealthy after this many missing heartbeats.
pub(super) const HEARTBEATS: u32 = 3;

/// The number of scans per heartbeat interval.
const SCANS: u32 = 5;

/// The number of workers that a scan visits without a pause: the registry cannot change meanwhile.
const CHUNK: usize = 1_000;

/// The number of concurrent writes of statuses to the registry. It is large because concurrent writes share log entries
/// and disk writes, and limited because registrations wait for them.
const WRITES: usize = 512;

/// How long a notice may wait for room in the connection.
const NOTICE_LIMIT: Duration = Duration::from_secs(1);

/// Detects failed workers. Writes statuses and sends notices only while the node is the leader.
pub(super) struct FailureDetector {
    replica: Arc<Replica>,
    liveness: Arc<Liveness>,
    client: WorkerClient,
    /// A worker that is silent for longer than this is unhealthy.
    limit: Duration,
    leadership: Option<Leadership>,
    /// The statuses that are to be written.
    queue: VecDeque<(WorkerId, WorkerStatus)>,
    /// The workers in `queue` and in `writes`.
    pending: HashSet<WorkerId>,
    writes: FuturesUnordered<BoxFuture<'static, WorkerId>>,
}

/// A leadership of this node.
#[derive(Clone, Copy)]
struct Leadership {
    term: u64,
    /// Silence is counted from here at the earliest.
    since: Instant,
}

impl FailureDetector {
    /// Creates a failure detector for this heartbeat interval.
    pub(super) fn new(
        replica: Arc<Replica>,
        liveness: Arc<Liveness>,
        client: WorkerClient,
        interval: Duration,
    ) -> Self {
        Self {
            replica,
            liveness,
            client: client.options(CallOptions::new().timeout(NOTICE_LIMIT)),
            limit: interval * HEARTBEATS,
            leadership: None,
            queue: VecDeque::new(),
            pending: HashSet::new(),
            writes: FuturesUnordered::new(),
        }
    }

    /// Runs until the task is aborted or the Raft node has stopped.
    pub(super) async fn run(mut self) {
        let mut metrics = self.replica.metrics();
        let mut scans = interval(self.limit / HEARTBEATS / SCANS);
        scans.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let liveness = Arc::clone(&self.liveness);
        let mut registry = self.replica.changes();
        loop {
            if self.update_leadership(leading_term(&metrics.borrow_and_update())) {
                scans.reset_immediately();
            }
            self.start_writes();
            tokio::select! {
                changed = metrics.changed() => if changed.is_err() { return },
                Some(id) = self.writes.next() => {
                    self.pending.remove(&id);
                }
                change = registry.next() => match change {
                    Some(Change::Applied(command)) => self.apply(&command),
                    // The next scan visits all workers anyway.
                    Some(Change::Restored) => {}
                    None => return,
                },
                changes = liveness.changes() => self.handle(changes).await,
                _ = scans.tick() => self.scan().await,
            }
        }
    }

    /// Begins or ends the leadership. Returns whether it begins.
    fn update_leadership(&mut self, term: Option<u64>) -> bool {
        if term == self.leadership.map(|leadership| leadership.term) {
            return false;
        }
        self.queue.clear();
        self.pending.clear();
        self.writes.clear();
        self.leadership = term.map(|term| Leadership {
            term,
            since: Instant::now(),
        });
        self.leadership.is_some()
    }

    /// Starts writes of queued statuses, up to the limit of concurrent writes.
    fn start_writes(&mut self) {
        while self.writes.len() < WRITES
            && let Some((id, status)) = self.queue.pop_front()
        {
            // The reason for the change may be gone.
            if self.next_status_of(&id) != Some(status) {
                self.pending.remove(&id);
                continue;
            }
            let replica = Arc::clone(&self.replica);
            self.writes.push(Box::pin(async move {
                let change = WorkerStatusChanged::new(id.clone(), status);
                // If the write fails, another node is the leader and decides for itself, or the worker was removed.
                let _ = replica.write(Command::WorkerStatusChanged(change)).await;
                id
            }));
        }
    }

    fn enqueue(&mut self, id: WorkerId, status: WorkerStatus) {
        if self.pending.insert(id.clone()) {
            self.queue.push_back((id, status));
        }
    }

    /// The status that a worker should get, if it should change. Always absent while this node is not the leader.
    fn next_status(
        &self,
        status: WorkerStatus,
        worker: &WorkerLiveness,
        now: Instant,
    ) -> Option<WorkerStatus> {
        let leadership = self.leadership?;
        let is_silent =
            || now.saturating_duration_since(worker.last_seen.max(leadership.since)) > self.limit;
        match status {
            WorkerStatus::Registering | WorkerStatus::Unhealthy if worker.is_seen => {
                Some(WorkerStatus::Ready)
            }
            WorkerStatus::Registering | WorkerStatus::Ready if is_silent() => {
                Some(WorkerStatus::Unhealthy)
            }
            _ => None,
        }
    }

    fn next_status_of(&self, id: &WorkerId) -> Option<WorkerStatus> {
        let status = self.status(id)?;
        let next_status =
            |worker: &WorkerLiveness| self.next_status(status, worker, Instant::now());
        self.liveness.read(id, next_status)?
    }

    fn status(&self, id: &WorkerId) -> Option<WorkerStatus> {
        self.replica
            .local(|registry| registry.worker(id).map(|record| record.status))
    }

    /// Takes over the status of a worker from an applied command.
    fn apply(&self, command: &Command) {
        let id = match command {
            Command::RegisterWorker(worker) => &worker.id,
            Command::WorkerStatusChanged(change) => &change.id,
            Command::DeregisterWorker(worker) => &worker.id,
            _ => return,
        };
        match self.status(id) {
            Some(status) => self.liveness.set_status(id, status),
            None => self.liveness.remove(id),
        }
    }

    /// Handles heartbeats that may change a status.
    async fn handle(&mut self, changes: LivenessChanges) {
        if self.leadership.is_none() {
            return;
        }
        for id in changes.seen {
            if let Some(status) = self.next_status_of(&id) {
                self.enqueue(id, status);
            }
        }
        let unknown = Registration::default();
        for id in changes.unknown {
            // Without a connection the remaining notices would fail as well. The next scan reports the ids again.
            if self.client.registration(&id, &unknown).await.is_err() {
                return;
            }
        }
    }

    /// Visits all workers.
    async fn scan(&mut self) {
        let start = Instant::now();
        self.liveness.begin_scan();
        let (mut visited, mut last) = (0, None);
        loop {
            let (count, end) = self.scan_after(last.as_ref());
            visited += count;
            if count < CHUNK {
                break;
            }
            last = end;
            yield_now().await;
        }
        self.liveness.end_scan(visited, start.elapsed());
    }

    /// Visits the next workers in the order of their ids. Returns their number and the last id.
    fn scan_after(&mut self, last: Option<&WorkerId>) -> (usize, Option<WorkerId>) {
        let now = Instant::now();
        let mut changes = Vec::new();
        let visit = |registry: &Registry| {
            let (mut count, mut end) = (0, None);
            let workers = registry.workers_after(last).take(CHUNK);
            let counted = workers.inspect(|(id, _)| {
                count += 1;
                end = Some(*id);
            });
            self.liveness.visit(counted, |id, status, worker| {
                if let Some(other) = self.next_status(status, worker, now) {
                    changes.push((id.clone(), other));
                }
            });
            (count, end.cloned())
        };
        let visited = self.replica.local(visit);
        for (id, status) in changes {
            self.enqueue(id, status);
        }
        visited
    }
}
