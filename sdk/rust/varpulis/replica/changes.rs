//! A watch on the registry.

use std::fmt;
use std::sync::Arc;

use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::watch;

use super::kinds::Metrics;
use super::node::Replica;
use crate::types::Command;

/// How many changes are kept for a watcher that is slow.
const CAPACITY: usize = 1_024;

/// What happened to the registry of a node.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A command was applied. One that the registry refused changed nothing and is not told.
    Applied(Arc<Command>),
    /// Anything may have changed, because the node got the whole registry from another one or the watcher was too slow:
    /// look at it anew.
    Restored,
}

/// A watch on the registry of a node, from when it was made. It keeps up to 1,024 changes for a slow watcher, and lets go
/// of them all beyond that.
pub struct Changes {
    changes: broadcast::Receiver<Change>,
    metrics: watch::Receiver<Metrics>,
}

/// Tells watchers what happens.
#[derive(Clone)]
pub(super) struct Watchers(broadcast::Sender<Change>);

impl Replica {
    /// Watches the registry of this node, which may be behind what is committed. What is told can be seen by
    /// [`Replica::local`]; so who first calls this and then looks misses nothing.
    #[must_use]
    pub fn changes(&self) -> Changes {
        Changes {
            changes: self.machine.watchers().0.subscribe(),
            metrics: self.metrics(),
        }
    }
}

impl Changes {
    /// The next change, in the order of the log. None once the node has stopped. Dropped before it is done, it has taken
    /// nothing away.
    pub async fn next(&mut self) -> Option<Change> {
        let next = tokio::select! {
            biased;
            next = self.changes.recv() => next,
            _ = self.metrics.wait_for(|metrics| metrics.running_state.is_err()) => return None,
        };
        match next {
            Ok(change) => Some(change),
            Err(RecvError::Lagged(_)) => {
                // What is still kept is in what the watcher will see.
                self.changes = self.changes.resubscribe();
                Some(Change::Restored)
            }
            Err(RecvError::Closed) => None,
        }
    }
}

impl Watchers {
    pub(super) fn new() -> Self {
        Self(broadcast::Sender::new(CAPACITY))
    }

    /// Whether anybody watches.
    pub(super) fn is_empty(&self) -> bool {
        self.0.receiver_count() == 0
    }

    pub(super) fn tell(&self, change: Change) {
        // The last watcher may have gone.
        let _ = self.0.send(change);
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes")
            .field("waiting", &self.changes.len())
            .finish_non_exhaustive()
    }
}
