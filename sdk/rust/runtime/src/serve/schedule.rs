//! The order of requests.
//!
//! Requests with the same ordering key run in sequence, in the order of their arrival. All other requests run in
//! parallel, up to the concurrency limit. The queue has a limit.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::answer::Answer;
use super::dedup::RequestKey;
use super::state::{ServingState, StateReceiver};
use crate::rpc::operation::OrderingKey;
use crate::transport::BoxFuture;

/// A request that is ready to run.
pub(super) struct Job {
    pub(super) key: Option<OrderingKey>,
    /// The deadline of the caller.
    pub(super) deadline: Instant,
    /// The reply subject, an inbox.
    pub(super) reply: String,
    /// The deduplication key, if the request is deduplicated.
    pub(super) name: Option<RequestKey>,
    /// The handler, not yet started.
    pub(super) work: BoxFuture<'static, Answer>,
}

/// A completed job. Only a job can create this value, so the counts of the schedule are right.
pub(super) struct Finished(Option<OrderingKey>);

impl Job {
    pub(super) fn finished(&self) -> Finished {
        Finished(self.key)
    }
}

/// The jobs of a server.
pub(super) struct Schedule {
    jobs: Mutex<Jobs>,
    idle: Notify,
    concurrency: usize,
    queue: usize,
    state: StateReceiver,
}

#[derive(Default)]
struct Jobs {
    ready: VecDeque<Job>,
    /// The jobs that wait for a key, for each key of a job that is ready or runs.
    behind: HashMap<OrderingKey, VecDeque<Job>>,
    running: usize,
    /// The number of jobs in `ready` and `behind`.
    waiting: usize,
    /// The total number of jobs that were taken.
    taken: u64,
}

impl Schedule {
    pub(super) fn new(concurrency: usize, queue: usize, serving_state: StateReceiver) -> Self {
        Self {
            jobs: Mutex::default(),
            idle: Notify::new(),
            concurrency,
            queue,
            state: serving_state,
        }
    }

    /// Queues jobs. Jobs that exceed the limit stay in `jobs`.
    pub(super) fn admit(&self, jobs: &mut Vec<Job>) {
        let mut state = self.lock();
        let room = (self.concurrency + self.queue).saturating_sub(state.running + state.waiting);
        for job in jobs.drain(..room.min(jobs.len())) {
            state.admit(job);
        }
    }

    /// Completes the given job, if any, and returns the next job that may start.
    pub(super) fn next(&self, finished: Option<Finished>) -> Option<Job> {
        let mut state = self.lock();
        if let Some(finished) = finished {
            state.finish(&finished);
        }
        if state.running == 0 && state.waiting == 0 {
            self.idle.notify_waiters();
        }
        if state.running >= self.concurrency || self.state() != ServingState::Serving {
            return None;
        }
        let job = state.ready.pop_front()?;
        state.running += 1;
        state.waiting -= 1;
        state.taken += 1;
        Some(job)
    }

    /// Returns the serving state.
    pub(super) fn state(&self) -> ServingState {
        self.state.current()
    }

    /// Returns the numbers of running and queued jobs.
    pub(super) fn load(&self) -> (usize, usize) {
        let state = self.lock();
        (state.running, state.waiting)
    }

    /// Returns the total number of jobs that were taken.
    pub(super) fn taken(&self) -> u64 {
        self.lock().taken
    }

    /// Waits until no job runs or is queued.
    pub(super) async fn idle(&self) {
        loop {
            let mut notified = std::pin::pin!(self.idle.notified());
            notified.as_mut().enable();
            if self.load() == (0, 0) {
                return;
            }
            notified.await;
        }
    }

    /// Removes and returns all queued jobs.
    pub(super) fn clear(&self) -> Vec<Job> {
        let mut state = self.lock();
        state.waiting = 0;
        let mut jobs: Vec<_> = state.ready.drain(..).collect();
        jobs.extend(state.behind.drain().flat_map(|(_, behind)| behind));
        jobs
    }

    fn lock(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Jobs {
    fn admit(&mut self, job: Job) {
        self.waiting += 1;
        let Some(key) = job.key else {
            return self.ready.push_back(job);
        };
        if let Some(behind) = self.behind.get_mut(&key) {
            behind.push_back(job);
        } else {
            self.behind.insert(key, VecDeque::new());
            self.ready.push_back(job);
        }
    }

    fn finish(&mut self, finished: &Finished) {
        self.running -= 1;
        let Some(key) = finished.0 else { return };
        match self.behind.get_mut(&key).and_then(VecDeque::pop_front) {
            Some(job) => self.ready.push_back(job),
            None => {
                self.behind.remove(&key);
            }
        }
    }
}
