//! The limits of a queue.

use super::job::Job;

/// The size that a reserved place adds to the limit of bytes.
const RESERVED_BYTES: usize = 65_536;

/// The limits of a queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The number of requests that run at the same time.
    pub(super) concurrency: usize,
    /// The number of requests in the queue.
    pub(super) queue: usize,
    /// The number of requests that wait for an ordering key.
    pub(super) per_key: usize,
    /// The number of further places for control requests, among the running and among the queued requests.
    pub(super) reserve: usize,
    /// The size of all queued and running requests.
    pub(super) bytes: usize,
}

impl Limits {
    /// The number of queued and running requests that `job` may find.
    pub(super) fn requests_for(&self, job: &Job) -> usize {
        let all = self.concurrency.saturating_add(self.queue);
        all.saturating_add(self.reserve_for(job))
    }

    /// The size of all queued and running requests with `job`.
    pub(super) fn bytes_for(&self, job: &Job) -> usize {
        let reserved = self.reserve_for(job).saturating_mul(RESERVED_BYTES);
        self.bytes.saturating_add(reserved)
    }

    /// The size of all requests that wait for an ordering key: the same fraction of the bytes as of the places.
    pub(super) fn bytes_per_key(&self) -> usize {
        let places = (self.queue / self.per_key).max(1);
        self.bytes / places
    }

    fn reserve_for(&self, job: &Job) -> usize {
        if job.is_control { self.reserve } else { 0 }
    }
}
