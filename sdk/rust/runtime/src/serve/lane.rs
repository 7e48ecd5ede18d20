//! The requests of an ordering key.

use std::collections::VecDeque;
use std::sync::Arc;

use super::job::{Execution, Job};

/// The requests of an ordering key: a request that is ready or runs, and the requests behind it.
#[derive(Default)]
pub(super) struct Lane {
    running: Option<Arc<Execution>>,
    behind: VecDeque<Job>,
    /// The size of the requests in `behind`.
    bytes: usize,
}

impl Lane {
    /// Whether a request of this size may wait here.
    pub(super) fn has_room(&self, job: &Job, requests: usize, bytes: usize) -> bool {
        // A control request removes the other requests.
        let stay = self
            .behind
            .iter()
            .filter(|other| other.is_control || !job.is_control);
        let (mut count, mut size) = (self.behind.len(), self.bytes);
        if job.is_control {
            count = stay.clone().count();
            size = stay.map(|job| job.size).sum();
        }
        count == 0 || (count < requests && size.saturating_add(job.size) <= bytes)
    }

    pub(super) fn begin(&mut self, execution: &Arc<Execution>) {
        self.running = Some(Arc::clone(execution));
    }

    /// Ends an execution. Returns false if it has been ended before.
    pub(super) fn end(&mut self, execution: &Arc<Execution>) -> bool {
        let is_current = |current: &mut Arc<Execution>| Arc::ptr_eq(current, execution);
        self.running.take_if(is_current).is_some()
    }

    /// The execution that a control request overtakes.
    pub(super) fn overtaken(&self) -> Option<&Arc<Execution>> {
        self.running
            .as_ref()
            .filter(|execution| !execution.is_control)
    }

    pub(super) fn push(&mut self, job: Job) {
        self.bytes += job.size;
        self.behind.push_back(job);
    }

    pub(super) fn pop(&mut self) -> Option<Job> {
        let job = self.behind.pop_front()?;
        self.bytes -= job.size;
        Some(job)
    }

    /// Removes waiting requests.
    pub(super) fn extract(&mut self, is_removed: impl Fn(&Job) -> bool) -> VecDeque<Job> {
        let removed = extract(&mut self.behind, is_removed);
        self.bytes -= removed.iter().map(|job| job.size).sum::<usize>();
        removed
    }

    pub(super) fn waiting(&self) -> impl Iterator<Item = &Job> {
        self.behind.iter()
    }
}

/// Removes elements from a queue and keeps the order of the others.
pub(super) fn extract(
    queue: &mut VecDeque<Job>,
    is_removed: impl Fn(&Job) -> bool,
) -> VecDeque<Job> {
    if !queue.iter().any(&is_removed) {
        return VecDeque::new();
    }
    let (removed, kept) = std::mem::take(queue).into_iter().partition(is_removed);
    *queue = kept;
    removed
}
