//! When each worker was last heard, and what it said.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::coordinator::Heartbeat;
use crate::replica::WorkerRecord;
use crate::types::{WorkerId, WorkerStatus};

/// How many ids that nobody registered are remembered from one sweep to the next: heartbeats of any id may come.
const STRAYS: usize = 10_000;

/// When each worker was last heard, and what it said. It is this coordinator's own: heartbeats are not replicated. No lock
/// of the registry is taken while this one is held.
#[derive(Debug, Default)]
pub(super) struct Pulses {
    state: Mutex<State>,
    told: Notify,
}

#[derive(Debug, Default)]
struct State {
    known: HashMap<WorkerId, Pulse>,
    /// Number of the sweep that runs, or ran last.
    sweep: u64,
    /// How long the sweep before took.
    took: Duration,
    news: News,
    strays: HashSet<WorkerId>,
}

/// What is known of one worker.
#[derive(Clone, Debug)]
pub(super) struct Pulse {
    /// When it was heard last; before its first heartbeat, when this coordinator first knew of it.
    pub(super) heard: Instant,
    /// What it said.
    pub(super) heartbeat: Option<Heartbeat>,
    /// What the registry said of it when somebody looked last.
    status: WorkerStatus,
    /// It was heard since it has that status, which makes it ready if it was not.
    pub(super) is_heard: bool,
    /// The last sweep that met it.
    sweep: u64,
}

/// Heartbeats that somebody must look at.
#[derive(Debug, Default)]
pub(super) struct News {
    /// Workers that may be ready now.
    pub(super) heard: Vec<WorkerId>,
    /// Ids that nobody registered; each comes once from sweep to sweep.
    pub(super) strays: Vec<WorkerId>,
}

impl Pulses {
    /// Takes a heartbeat; gives it back if this coordinator has not heard of the worker.
    pub(super) fn hear(
        &self,
        id: WorkerId,
        heartbeat: Heartbeat,
    ) -> Result<(), (WorkerId, Heartbeat)> {
        let now = Instant::now();
        let mut state = self.lock();
        let Some(pulse) = state.known.get_mut(&id) else {
            return Err((id, heartbeat));
        };
        pulse.heard = now;
        let before = pulse.heartbeat.replace(heartbeat);
        let was_heard = std::mem::replace(&mut pulse.is_heard, true);
        let is_news = !was_heard && may_become_ready(pulse.status);
        if is_news {
            state.news.heard.push(id);
        }
        drop(state);
        drop(before);
        if is_news {
            self.told.notify_one();
        }
        Ok(())
    }

    /// Takes the first heartbeat of a worker that the registry knows.
    pub(super) fn admit(&self, id: WorkerId, status: WorkerStatus, heartbeat: Heartbeat) {
        let mut state = self.lock();
        let pulse = Pulse {
            heard: Instant::now(),
            heartbeat: Some(heartbeat),
            status,
            is_heard: true,
            sweep: state.sweep,
        };
        state.known.insert(id.clone(), pulse);
        if may_become_ready(status) {
            state.news.heard.push(id);
            drop(state);
            self.told.notify_one();
        }
    }

    /// Notes a heartbeat that comes from nobody who is registered.
    pub(super) fn stray(&self, id: WorkerId) {
        let mut state = self.lock();
        if state.strays.len() < STRAYS && state.strays.insert(id.clone()) {
            state.news.strays.push(id);
            drop(state);
            self.told.notify_one();
        }
    }

    /// Waits for something to look at.
    pub(super) async fn news(&self) -> News {
        loop {
            let told = self.told.notified();
            let news = std::mem::take(&mut self.lock().news);
            if !news.heard.is_empty() || !news.strays.is_empty() {
                return news;
            }
            told.await;
        }
    }

    /// Goes by what the registry says of a worker.
    pub(super) fn follow(&self, id: &WorkerId, status: WorkerStatus) {
        if let Some(pulse) = self.lock().known.get_mut(id) {
            pulse.follow(status, Instant::now());
        }
    }

    /// A worker is registered no longer.
    pub(super) fn forget(&self, id: &WorkerId) {
        self.lock().known.remove(id);
    }

    /// Begins a sweep, from which on each stray is told once more.
    pub(super) fn begin_sweep(&self) {
        let mut state = self.lock();
        state.sweep += 1;
        state.strays.clear();
    }

    /// Meets some of the workers that are registered. `look` hears what is known of each.
    pub(super) fn meet<'a>(
        &self,
        workers: impl Iterator<Item = (&'a WorkerId, &'a WorkerRecord)>,
        mut look: impl FnMut(&WorkerId, WorkerStatus, &Pulse),
    ) {
        let now = Instant::now();
        let mut state = self.lock();
        let sweep = state.sweep;
        for (id, record) in workers {
            let status = record.status;
            if let Some(pulse) = state.known.get_mut(id) {
                pulse.sweep = sweep;
                pulse.follow(status, now);
                look(id, status, pulse);
            } else {
                let pulse = Pulse {
                    heard: now,
                    heartbeat: None,
                    status,
                    is_heard: false,
                    sweep,
                };
                state.known.insert(id.clone(), pulse);
            }
        }
    }

    /// Ends a sweep that has met so many workers, and forgets all others. It took so long.
    pub(super) fn end_sweep(&self, met: usize, took: Duration) {
        let mut state = self.lock();
        state.took = took;
        if state.known.len() > met {
            let sweep = state.sweep;
            state.known.retain(|_, pulse| pulse.sweep == sweep);
        }
    }

    /// How long the last sweep took that has ended.
    pub(super) fn sweep_time(&self) -> Duration {
        self.lock().took
    }

    /// Shows what is known of a worker.
    pub(super) fn look<T>(&self, id: &WorkerId, look: impl FnOnce(&Pulse) -> T) -> Option<T> {
        self.lock().known.get(id).map(look)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pulse {
    fn follow(&mut self, status: WorkerStatus, now: Instant) {
        if status == self.status {
            return;
        }
        if status == WorkerStatus::Registering {
            // It is a new instance: its time begins now, and what the one before it said means nothing.
            self.heard = now;
        }
        self.status = status;
        self.is_heard = false;
    }
}

/// Whether a heartbeat makes a worker ready.
fn may_become_ready(status: WorkerStatus) -> bool {
    matches!(status, WorkerStatus::Registering | WorkerStatus::Unhealthy)
}
