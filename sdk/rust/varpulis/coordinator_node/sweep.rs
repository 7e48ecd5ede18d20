//! What the leader thinks of workers, and what it tells those that it does not know.
//!
//! All coordinators sweep, so that each knows whom it heard last when its turn to lead comes; only the one that leads writes.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use natsgen_runtime::CallOptions;
use natsgen_runtime::transport::BoxFuture;
use tokio::task::yield_now;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::pulse::{News, Pulse, Pulses};
use crate::replica::{Change, Metrics, Registry, Replica};
use crate::types::{Command, WorkerId, WorkerStatus, WorkerStatusChanged};
use crate::worker::{Registration, WorkerClient};

/// After so many heartbeats that did not come, a worker is unhealthy.
const HEARTBEATS: u32 = 3;

/// How many sweeps there are from one heartbeat to the next.
const SWEEPS: u32 = 5;

/// How many workers are looked at without a pause: while they are, nothing is written to the registry.
const CHUNK: usize = 1_000;

/// How many changes are on their way to the registry at once: many, because they share its entries and its disks' writes,
/// and not all, because who registers meanwhile waits for them.
const WRITES: usize = 512;

/// How long a notice may wait for room in the connection.
const NOTICE_LIMIT: Duration = Duration::from_secs(1);

/// What the leader does by itself.
pub(super) struct Sweeper {
    replica: Arc<Replica>,
    pulses: Arc<Pulses>,
    client: WorkerClient,
    /// How long a worker may be silent.
    limit: Duration,
    leads: Option<Leadership>,
    /// What is to be written.
    due: VecDeque<(WorkerId, WorkerStatus)>,
    /// Workers in `due` and in `writes`.
    pending: HashSet<WorkerId>,
    writes: FuturesUnordered<BoxFuture<'static, WorkerId>>,
}

/// One leadership.
#[derive(Clone, Copy)]
struct Leadership {
    term: u64,
    /// Nobody was silent before.
    since: Instant,
}

impl Sweeper {
    /// Wants a heartbeat this often.
    pub(super) fn new(
        replica: Arc<Replica>,
        pulses: Arc<Pulses>,
        client: WorkerClient,
        interval: Duration,
    ) -> Self {
        Self {
            replica,
            pulses,
            client: client.with_options(CallOptions::new().timeout(NOTICE_LIMIT)),
            limit: interval * HEARTBEATS,
            leads: None,
            due: VecDeque::new(),
            pending: HashSet::new(),
            writes: FuturesUnordered::new(),
        }
    }

    /// Goes on until it is aborted, or the Raft node has stopped.
    pub(super) async fn run(mut self) {
        let mut metrics = self.replica.metrics();
        let mut sweeps = interval(self.limit / HEARTBEATS / SWEEPS);
        sweeps.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let pulses = Arc::clone(&self.pulses);
        let mut registry = self.replica.changes();
        loop {
            if self.lead(term(&metrics.borrow_and_update())) {
                sweeps.reset_immediately();
            }
            self.write();
            tokio::select! {
                changed = metrics.changed() => if changed.is_err() { return },
                Some(id) = self.writes.next() => {
                    self.pending.remove(&id);
                }
                change = registry.next() => match change {
                    Some(Change::Applied(command)) => self.follow(&command),
                    // The next sweep will see it.
                    Some(Change::Restored) => {}
                    None => return,
                },
                news = pulses.news() => self.take(news).await,
                _ = sweeps.tick() => self.sweep().await,
            }
        }
    }

    /// Begins to lead in this term, or ends. True if it begins.
    fn lead(&mut self, term: Option<u64>) -> bool {
        if term == self.leads.map(|leads| leads.term) {
            return false;
        }
        self.due.clear();
        self.pending.clear();
        self.writes.clear();
        self.leads = term.map(|term| Leadership {
            term,
            since: Instant::now(),
        });
        self.leads.is_some()
    }

    /// Writes what is due, as much as may be on its way at once.
    fn write(&mut self) {
        while self.writes.len() < WRITES
            && let Some((id, status)) = self.due.pop_front()
        {
            // There may be no reason for it any more.
            if self.verdict_on(&id) != Some(status) {
                self.pending.remove(&id);
                continue;
            }
            let replica = Arc::clone(&self.replica);
            self.writes.push(Box::pin(async move {
                let change = WorkerStatusChanged {
                    id: id.clone(),
                    status,
                };
                // Where that fails, another node leads and forms its own opinion, or the worker was removed.
                let _ = replica.write(Command::WorkerStatusChanged(change)).await;
                id
            }));
        }
    }

    fn plan(&mut self, id: WorkerId, status: WorkerStatus) {
        if self.pending.insert(id.clone()) {
            self.due.push_back((id, status));
        }
    }

    /// What is to be thought of a worker from now on, if it is something else. Only the leader has an opinion.
    fn verdict(&self, status: WorkerStatus, pulse: &Pulse, now: Instant) -> Option<WorkerStatus> {
        let leads = self.leads?;
        let is_silent = || now.saturating_duration_since(pulse.heard.max(leads.since)) > self.limit;
        match status {
            WorkerStatus::Registering | WorkerStatus::Unhealthy if pulse.is_heard => {
                Some(WorkerStatus::Ready)
            }
            WorkerStatus::Registering | WorkerStatus::Ready if is_silent() => {
                Some(WorkerStatus::Unhealthy)
            }
            _ => None,
        }
    }

    fn verdict_on(&self, id: &WorkerId) -> Option<WorkerStatus> {
        let status = self.status(id)?;
        let look = |pulse: &Pulse| self.verdict(status, pulse, Instant::now());
        self.pulses.look(id, look)?
    }

    fn status(&self, id: &WorkerId) -> Option<WorkerStatus> {
        self.replica
            .local(|registry| registry.worker(id).map(|record| record.status))
    }

    /// Goes by what the registry was told of a worker.
    fn follow(&self, command: &Command) {
        let id = match command {
            Command::RegisterWorker(worker) => &worker.id,
            Command::WorkerStatusChanged(change) => &change.id,
            Command::DeregisterWorker(worker) => &worker.id,
            _ => return,
        };
        match self.status(id) {
            Some(status) => self.pulses.follow(id, status),
            None => self.pulses.forget(id),
        }
    }

    /// Takes heartbeats that may mean something.
    async fn take(&mut self, news: News) {
        if self.leads.is_none() {
            return;
        }
        for id in news.heard {
            if let Some(status) = self.verdict_on(&id) {
                self.plan(id, status);
            }
        }
        let unknown = Registration::default();
        for id in news.strays {
            // Without a connection the others would wait in vain, too. All are told after the next sweep.
            if self.client.registration(&id, &unknown).await.is_err() {
                return;
            }
        }
    }

    /// Looks at all workers.
    async fn sweep(&mut self) {
        let start = Instant::now();
        self.pulses.begin_sweep();
        let (mut met, mut last) = (0, None);
        loop {
            let (count, end) = self.sweep_behind(last.as_ref());
            met += count;
            if count < CHUNK {
                break;
            }
            last = end;
            yield_now().await;
        }
        self.pulses.end_sweep(met, start.elapsed());
    }

    /// Looks at the next workers in the order of their ids: how many there were, and the last of them.
    fn sweep_behind(&mut self, last: Option<&WorkerId>) -> (usize, Option<WorkerId>) {
        let now = Instant::now();
        let mut changes = Vec::new();
        let look = |registry: &Registry| {
            let (mut count, mut end) = (0, None);
            let workers = registry.workers_behind(last).take(CHUNK);
            let counted = workers.inspect(|(id, _)| {
                count += 1;
                end = Some(*id);
            });
            self.pulses.meet(counted, |id, status, pulse| {
                if let Some(other) = self.verdict(status, pulse, now) {
                    changes.push((id.clone(), other));
                }
            });
            (count, end.cloned())
        };
        let met = self.replica.local(look);
        for (id, status) in changes {
            self.plan(id, status);
        }
        met
    }
}

/// The term in which a node leads, once it has applied all that was committed before it did.
pub(super) fn term(metrics: &Metrics) -> Option<u64> {
    let applied = metrics.last_applied.map(|last| last.leader_id.term);
    let leads = metrics.state.is_leader() && applied == Some(metrics.current_term);
    leads.then_some(metrics.current_term)
}
