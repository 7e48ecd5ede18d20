//! Entries and snapshots that a node cannot read.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use natsgen_runtime::{DecodeError, Escaped};

/// The number of entries without effect that are kept.
const KEPT: usize = 16;

/// An entry or a snapshot that this node cannot read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unreadable {
    /// The entry or the snapshot, e.g. `entry 42`.
    pub part: String,
    /// The JSON pointer of the unreadable value; empty if it is the whole part.
    pub pointer: String,
    /// The expected value.
    pub reason: String,
}

impl Unreadable {
    /// A command of the entry at `index`.
    pub(super) fn entry(index: u64, error: DecodeError) -> Self {
        Self {
            part: format!("entry {index}"),
            pointer: error.pointer,
            reason: error.reason,
        }
    }

    /// A snapshot of another release or implementation.
    pub(super) fn snapshot(id: &str, reason: String) -> Self {
        Self {
            part: format!("snapshot {id}"),
            pointer: String::new(),
            reason,
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            part,
            pointer,
            reason,
        } = self;
        write!(f, "cannot read {part}: ")?;
        if !pointer.is_empty() {
            write!(f, "{}: ", Escaped(pointer))?;
        }
        write!(f, "{}", Escaped(reason))
    }
}

/// The unreadable parts of a node's log.
#[derive(Debug, Default)]
pub(super) struct UnreadableParts(Mutex<Parts>);

#[derive(Debug, Default)]
struct Parts {
    blocking: Option<Unreadable>,
    without_effect: VecDeque<Unreadable>,
}

impl UnreadableParts {
    /// Records the part that the node stays behind.
    pub(super) fn block(&self, part: Unreadable) {
        let mut parts = self.lock();
        // The leader sends the part again and again.
        if parts.blocking.as_ref() != Some(&part) {
            tracing::error!("{part}; the node stays behind");
            parts.blocking = Some(part);
        }
    }

    /// Records that the node has received a later part.
    pub(super) fn unblock(&self) {
        self.lock().blocking = None;
    }

    /// Records an entry without an effect on the registry of this node.
    pub(super) fn skip(&self, part: Unreadable) {
        tracing::warn!("{part}; it has no effect on the registry of this node");
        let mut parts = self.lock();
        if parts.without_effect.len() == KEPT {
            parts.without_effect.pop_front();
        }
        parts.without_effect.push_back(part);
    }

    pub(super) fn blocking(&self) -> Option<Unreadable> {
        self.lock().blocking.clone()
    }

    pub(super) fn without_effect(&self) -> Vec<Unreadable> {
        self.lock().without_effect.iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Parts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
