//! The order of requests.
//!
//! Requests with the same ordering key run in sequence, in the order of their arrival. All other requests run in
//! parallel, up to the concurrency limit. The queue has limits in requests and bytes, and the requests of an ordering
//! key take only a fraction of both. Control requests have reserved places, start before other requests, and overtake
//! the requests with their ordering key.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::job::{Execution, Finished, Job, ReplyTo, Started};
use super::lane::{Lane, extract};
use super::limits::Limits;
use super::state::{ServingState, StateReceiver};
use super::stats::Saturation;
use crate::operation::OrderingKey;
use crate::rpc::fault::StandardFault;
use crate::rpc::ordering::OrderingMap;

/// The time after which a server counts as saturated if requests are ready and none was started.
const STALL: Duration = Duration::from_secs(1);

/// The jobs of a server.
pub(super) struct Schedule {
    jobs: Mutex<Jobs>,
    idle: Notify,
    limits: Limits,
    state: StateReceiver,
}

/// The consequences of queuing jobs.
#[derive(Default)]
pub(super) struct Admission {
    /// Jobs without room, and their faults.
    pub(super) refused: Vec<(Job, StandardFault)>,
    /// Queued jobs whose deadline has passed. They were removed to make room.
    pub(super) expired: VecDeque<Job>,
    /// Queued jobs that a control job has overtaken.
    pub(super) cancelled: VecDeque<Job>,
    /// Running jobs that a control job waits for.
    pub(super) overtaken: Vec<Arc<Execution>>,
}

struct Jobs {
    /// Control jobs that may start; they start before the jobs in `ready`.
    control: VecDeque<Job>,
    ready: VecDeque<Job>,
    /// The keys of all jobs that are ready or run.
    lanes: OrderingMap<Lane>,
    running: usize,
    /// The number of jobs in `control`, `ready` and `lanes`.
    waiting: usize,
    /// The size of all waiting and running jobs.
    bytes: usize,
    /// The total number of jobs that were taken.
    taken: u64,
    /// The earliest deadline of a waiting job, or an earlier time.
    expiry: Option<Instant>,
    /// When `taken` last changed or no job was ready, and the value of `taken` then.
    progress: (Instant, u64),
}

impl Schedule {
    pub(super) fn new(limits: Limits, serving_state: StateReceiver) -> Self {
        Self {
            jobs: Mutex::new(Jobs::new(Instant::now())),
            idle: Notify::new(),
            limits,
            state: serving_state,
        }
    }

    /// Queues jobs.
    pub(super) fn admit(&self, jobs: &mut Vec<Job>, now: Instant) -> Admission {
        let mut admission = Admission::default();
        let mut state = self.lock();
        state.observe(now, self.state());
        for job in jobs.drain(..) {
            state.admit(job, &self.limits, now, &mut admission);
        }
        admission
    }

    /// Completes the given job, if any, and returns the next job that may start, if `may_start`.
    pub(super) fn next(&self, finished: Option<Finished>, may_start: bool) -> Option<Started> {
        let mut state = self.lock();
        if let Some(finished) = finished {
            state.finish(finished.execution());
        }
        if state.running == 0 && state.waiting == 0 {
            self.idle.notify_waiters();
        }
        if !may_start || self.state() != ServingState::Serving {
            return None;
        }
        state.start(&self.limits)
    }

    /// Ends the execution of a running job, so that the next job with its key may start. Returns the receiver of the
    /// reply; `None` if the execution has ended.
    pub(super) fn abort(&self, execution: &Arc<Execution>) -> Option<ReplyTo> {
        let mut state = self.lock();
        if !state.end(execution) {
            return None;
        }
        execution.abort();
        execution.take_reply()
    }

    /// Removes and returns the queued jobs whose deadline has passed.
    pub(super) fn expire(&self, now: Instant) -> VecDeque<Job> {
        self.lock().expire(now)
    }

    /// Records whether jobs were taken since the last call.
    pub(super) fn observe(&self, now: Instant) {
        self.lock().observe(now, self.state());
    }

    /// Returns the reason why the server is saturated, if it is.
    pub(super) fn saturation(&self, now: Instant) -> Option<Saturation> {
        let state = self.lock();
        let is_almost = |part: usize, whole: usize| part >= whole - whole / 8;
        if now.saturating_duration_since(state.progress.0) > STALL && state.is_stalled() {
            Some(Saturation::Handlers)
        } else if is_almost(state.waiting, self.limits.queue) {
            Some(Saturation::Queue)
        } else if is_almost(state.bytes, self.limits.bytes) && state.running + state.waiting > 1 {
            Some(Saturation::Bytes)
        } else {
            None
        }
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
    pub(super) fn clear(&self) -> VecDeque<Job> {
        self.lock().remove(|_| true)
    }

    fn lock(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Jobs {
    fn new(now: Instant) -> Self {
        Self {
            control: VecDeque::new(),
            ready: VecDeque::new(),
            lanes: OrderingMap::default(),
            running: 0,
            waiting: 0,
            bytes: 0,
            taken: 0,
            expiry: None,
            progress: (now, 0),
        }
    }

    fn admit(&mut self, job: Job, limits: &Limits, now: Instant, admission: &mut Admission) {
        let mut checked = self.check(&job, limits);
        if checked.is_err() {
            admission.expired.extend(self.expire(now));
            checked = self.check(&job, limits);
        }
        match checked {
            Ok(()) => self.push(job, admission),
            Err(fault) => admission.refused.push((job, fault)),
        }
    }

    /// Checks whether a job has room. A job without other jobs has room in any case.
    fn check(&self, job: &Job, limits: &Limits) -> Result<(), StandardFault> {
        let present = self.running + self.waiting;
        let has_bytes = self.bytes.saturating_add(job.size) <= limits.bytes_for(job);
        if present >= limits.requests_for(job) || (present > 0 && !has_bytes) {
            return Err(StandardFault::Overloaded);
        }
        let lane = job.key.and_then(|key| self.lanes.get(&key));
        match lane {
            Some(lane) if !lane.has_room(job, limits.per_key, limits.bytes_per_key()) => {
                Err(StandardFault::KeyOverloaded)
            }
            _ => Ok(()),
        }
    }

    fn push(&mut self, job: Job, admission: &mut Admission) {
        if let Some(key) = job.key
            && job.is_control
        {
            let is_cancelled = |other: &Job| other.key == Some(key) && !other.is_control;
            admission.cancelled.extend(self.remove(is_cancelled));
            let lane = self.lanes.get(&key);
            admission
                .overtaken
                .extend(lane.and_then(Lane::overtaken).cloned());
        }
        self.waiting += 1;
        self.bytes += job.size;
        self.expiry = Some(
            self.expiry
                .map_or(job.deadline, |expiry| expiry.min(job.deadline)),
        );
        let Some(key) = job.key else {
            return self.make_ready(job);
        };
        if let Some(lane) = self.lanes.get_mut(&key) {
            lane.push(job);
        } else {
            self.lanes.insert(key, Lane::default());
            self.make_ready(job);
        }
    }

    fn make_ready(&mut self, job: Job) {
        if job.is_control {
            self.control.push_back(job);
        } else {
            self.ready.push_back(job);
        }
    }

    fn start(&mut self, limits: &Limits) -> Option<Started> {
        let has_slot = self.running < limits.concurrency;
        let has_reserve = self.running < limits.concurrency.saturating_add(limits.reserve);
        let control = has_reserve.then(|| self.control.pop_front()).flatten();
        let job = control.or_else(|| has_slot.then(|| self.ready.pop_front()).flatten())?;
        self.running += 1;
        self.waiting -= 1;
        self.taken += 1;
        let started = job.start();
        let key = started.execution.key;
        if let Some(lane) = key.and_then(|key| self.lanes.get_mut(&key)) {
            lane.begin(&started.execution);
        }
        Some(started)
    }

    fn finish(&mut self, execution: &Arc<Execution>) {
        self.running -= 1;
        self.bytes -= execution.size;
        self.end(execution);
    }

    /// Makes the next job with the key of an execution ready. Returns false if this was done before.
    fn end(&mut self, execution: &Arc<Execution>) -> bool {
        let Some(key) = execution.key else {
            return false;
        };
        let lane = self.lanes.get_mut(&key);
        let is_current = lane.is_some_and(|lane| lane.end(execution));
        if is_current {
            self.advance(key);
        }
        is_current
    }

    /// Makes the next job of a key ready, if no other job of the key is ready or runs.
    fn advance(&mut self, key: OrderingKey) {
        match self.lanes.get_mut(&key).and_then(Lane::pop) {
            Some(job) => self.make_ready(job),
            None => drop(self.lanes.remove(&key)),
        }
    }

    fn expire(&mut self, now: Instant) -> VecDeque<Job> {
        if self.expiry.is_none_or(|expiry| expiry > now) {
            return VecDeque::new();
        }
        let expired = self.remove(|job| job.deadline <= now);
        let behind = self.lanes.values().flat_map(Lane::waiting);
        let waiting = self.ready.iter().chain(&self.control).chain(behind);
        self.expiry = waiting.map(|job| job.deadline).min();
        expired
    }

    /// Removes queued jobs.
    fn remove(&mut self, is_removed: impl Fn(&Job) -> bool) -> VecDeque<Job> {
        let mut removed = VecDeque::new();
        for lane in self.lanes.values_mut() {
            removed.append(&mut lane.extract(&is_removed));
        }
        let mut first = extract(&mut self.ready, &is_removed);
        first.append(&mut extract(&mut self.control, &is_removed));
        for key in first.iter().filter_map(|job| job.key) {
            self.advance(key);
        }
        removed.append(&mut first);
        self.waiting -= removed.len();
        self.bytes -= removed.iter().map(|job| job.size).sum::<usize>();
        removed
    }

    fn observe(&mut self, now: Instant, state: ServingState) {
        if state != ServingState::Serving || !self.is_stalled() {
            self.progress = (now, self.taken);
        }
    }

    /// Whether jobs are ready and none was taken since the last observation.
    fn is_stalled(&self) -> bool {
        self.taken == self.progress.1 && !(self.ready.is_empty() && self.control.is_empty())
    }
}
