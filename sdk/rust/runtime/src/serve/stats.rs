//! Counting what a server does.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a server has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Messages that came.
    pub received: u64,
    /// Requests that were handed to a handler and answered with a reply or a fault.
    pub answered: u64,
    /// Requests that were refused because they break their schema or have no operation.
    pub invalid: u64,
    /// Requests whose caller had gone before their turn came; they were not executed.
    pub expired: u64,
    /// Requests that were refused because too many waited, or the server stopped.
    pub refused: u64,
    /// Handlers that panicked.
    pub panicked: u64,
    /// Messages without a reply subject, or with one that is no inbox: neither executed nor answered.
    pub ignored: u64,
    /// Answers that could not be sent, because the connection was closed.
    pub unsent: u64,
    /// Requests that were sent again: answered with what came of the first.
    pub repeated: u64,
    /// Requests that were left to another server: neither executed nor answered.
    pub left: u64,
    /// Requests that run now.
    pub running: usize,
    /// Requests that wait now.
    pub waiting: usize,
}

/// The counters behind [`Stats`].
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) received: Counter,
    pub(super) answered: Counter,
    pub(super) invalid: Counter,
    pub(super) expired: Counter,
    pub(super) refused: Counter,
    pub(super) panicked: Counter,
    pub(super) ignored: Counter,
    pub(super) unsent: Counter,
    pub(super) repeated: Counter,
    pub(super) left: Counter,
}

#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self, count: usize) {
        self.0.fetch_add(count as u64, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    pub(super) fn snapshot(&self, running: usize, waiting: usize) -> Stats {
        Stats {
            received: self.received.get(),
            answered: self.answered.get(),
            invalid: self.invalid.get(),
            expired: self.expired.get(),
            refused: self.refused.get(),
            panicked: self.panicked.get(),
            ignored: self.ignored.get(),
            unsent: self.unsent.get(),
            repeated: self.repeated.get(),
            left: self.left.get(),
            running,
            waiting,
        }
    }
}
