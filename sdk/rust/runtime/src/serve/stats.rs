//! Statistics of a server.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// The counters of a server since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Received messages.
    pub received: u64,
    /// Requests that a handler answered with a reply or a fault.
    pub answered: u64,
    /// Requests that were refused because they violate their schema or match no operation.
    pub invalid: u64,
    /// Requests that were not executed because their deadline had passed.
    pub expired: u64,
    /// Requests that were refused because the queue was full or the server was draining.
    pub refused: u64,
    /// Panics of handlers.
    pub panicked: u64,
    /// Messages without a reply subject, or with a reply subject that is not an inbox; they are neither executed nor
    /// answered.
    pub ignored: u64,
    /// Replies that were not sent because the connection was closed.
    pub unsent: u64,
    /// Duplicates, which were answered with the reply of the first request.
    pub repeated: u64,
    /// Requests that were left to another server: neither executed nor answered.
    pub left: u64,
    /// Queued requests that a control request has overtaken.
    pub cancelled: u64,
    /// Running requests that a control request has stopped.
    pub aborted: u64,
    /// Requests that run now.
    pub running: usize,
    /// Requests that are queued now.
    pub waiting: usize,
    /// The reason why the server is saturated now, if it is.
    pub saturation: Option<Saturation>,
}

/// The reason why a server is saturated: it refuses requests, or soon will.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Saturation {
    /// At least 7/8 of the queue is taken.
    Queue,
    /// The queued and running requests take at least 7/8 of the limit of bytes.
    Bytes,
    /// Requests are ready to run, and none has started for more than 1 s.
    Handlers,
}

impl fmt::Display for Saturation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Queue => "the queue is almost full",
            Self::Bytes => "the requests take almost all bytes",
            Self::Handlers => "no handler is free",
        })
    }
}

/// The counters of [`Stats`].
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
    pub(super) cancelled: Counter,
    pub(super) aborted: Counter,
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
    pub(super) fn snapshot(
        &self,
        (running, waiting): (usize, usize),
        saturation: Option<Saturation>,
    ) -> Stats {
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
            cancelled: self.cancelled.get(),
            aborted: self.aborted.get(),
            running,
            waiting,
            saturation,
        }
    }
}
