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

use super::pulse::{News, Pulses, may_become_ready};
use crate::replica::{Change, Metrics, Replica};
use crate::types::{Command, WorkerId, WorkerStatus, WorkerStatusChanged};
use crate::worker::{Registration, WorkerClient};

/// After so many heartbeats that did not come, a worker is unhealthy.
const HEARTBEATS: u32 = 3;

/// How many sweeps there are from one heartbeat to the next.
const SWEEPS: u32 = 5;

/// How many workers are looked at without a pause: while they are, nothing is written to the registry.
const CHUNK: usize = 1_000;

/// How many changes are on their way to the registry at once: enough for them to share the writes to the disk.
const WRITES: usize = 256;

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
        let mut changes = self.replica.changes();
        loop {
            self.lead(term(&metrics.borrow_and_update()));
            self.write();
            tokio::select! {
                changed = metrics.changed() => if changed.is_err() { return },
                Some(id) = self.writes.next() => {
                    self.pending.remove(&id);
                }
                change = changes.next() => match change {
                    Some(Change::Applied(command)) => self.follow(&command),
                    Some(Change::Restored) => self.sweep().await,
                    None => return,
                },
                news = pulses.news() => self.look(news).await,
                _ = sweeps.tick() => self.sweep().await,
            }
        }
    }

    /// Begins to lead in this term, or ends.
    fn lead(&mut self, term: Option<u64>) {
        if term == self.leads.map(|leads| leads.term) {
            return;
        }
        self.due.clear();
        self.pending.clear();
        self.writes.clear();
        self.leads = term.map(|term| Leadership {
            term,
            since: Instant::now(),
        });
    }

    /// Writes what is due, as much as may be on its way at once.
    fn write(&mut self) {
        while self.writes.len() < WRITES
            && let Some((id, status)) = self.due.pop_front()
        {
            if !self.is_due(&id, status) {
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

    /// Whether there is still reason for a change: it may have waited for others.
    fn is_due(&self, id: &WorkerId, status: WorkerStatus) -> bool {
        match (self.status(id), status) {
            (Some(known), WorkerStatus::Ready) => may_become_ready(known),
            (Some(known), _) => {
                let pulse = self.pulses.get(id);
                may_fall_silent(known) && pulse.is_some_and(|pulse| self.is_silent(pulse.heard))
            }
            (None, _) => false,
        }
    }

    /// Only the leader may say so.
    fn is_silent(&self, heard: Instant) -> bool {
        self.leads
            .is_some_and(|leads| heard.max(leads.since).elapsed() > self.limit)
    }

    /// Goes by what the registry was told of a worker.
    fn follow(&self, command: &Command) {
        let id = match command {
            Command::RegisterWorker(worker) => &worker.id,
            Command::WorkerStatusChanged(change) => &change.id,
            _ => return,
        };
        let is_registration = matches!(command, Command::RegisterWorker(_));
        match self.status(id) {
            Some(WorkerStatus::Registering) if is_registration => self.pulses.restart(id),
            Some(status) => self.pulses.follow(id, status),
            None => {}
        }
    }

    fn status(&self, id: &WorkerId) -> Option<WorkerStatus> {
        self.replica
            .local(|registry| registry.worker(id).map(|record| record.status))
    }

    /// Looks at heartbeats that may mean something.
    async fn look(&mut self, news: News) {
        for id in news.heard {
            let Some(status) = self.status(&id) else {
                continue;
            };
            self.pulses.follow(&id, status);
            if self.leads.is_some() && may_become_ready(status) {
                self.plan(id, WorkerStatus::Ready);
            }
        }
        if self.leads.is_some() {
            let unknown = Registration { instance: None };
            for id in news.strays {
                // Without a connection the others would wait in vain, too. All are told after the next sweep.
                if self.client.registration(&id, &unknown).await.is_err() {
                    return;
                }
            }
        }
    }

    fn plan(&mut self, id: WorkerId, status: WorkerStatus) {
        if self.pending.insert(id.clone()) {
            self.due.push_back((id, status));
        }
    }

    /// Looks at all workers.
    async fn sweep(&mut self) {
        self.pulses.begin_sweep();
        let (mut met, mut last) = (0, None);
        loop {
            let mut silent = Vec::new();
            let (count, end) = self.replica.local(|registry| {
                let mut count = 0;
                let mut end = None;
                let workers = registry.workers_behind(last.as_ref()).take(CHUNK);
                let counted = workers.inspect(|(id, _)| {
                    count += 1;
                    end = Some(*id);
                });
                self.pulses.meet(counted, |id, status, heard| {
                    if may_fall_silent(status) && self.is_silent(heard) {
                        silent.push(id.clone());
                    }
                });
                (count, end.cloned())
            });
            for id in silent {
                self.plan(id, WorkerStatus::Unhealthy);
            }
            met += count;
            if count < CHUNK {
                break;
            }
            last = end;
            yield_now().await;
        }
        self.pulses.end_sweep(met);
    }
}

/// Whether silence makes a worker unhealthy.
fn may_fall_silent(status: WorkerStatus) -> bool {
    matches!(status, WorkerStatus::Registering | WorkerStatus::Ready)
}

/// The term in which a node leads, once it has applied all that was committed before it did.
fn term(metrics: &Metrics) -> Option<u64> {
    let applied = metrics.last_applied.map(|last| last.leader_id.term);
    let leads = metrics.state.is_leader() && applied == Some(metrics.current_term);
    leads.then_some(metrics.current_term)
}
