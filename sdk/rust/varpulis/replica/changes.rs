//! Subscriptions to changes of the registry.

use std::fmt;
use std::sync::Arc;

use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::watch;

use super::type_config::Metrics;
use crate::types::Command;

/// The number of changes that are kept for a slow subscriber.
const CAPACITY: usize = 1_024;

/// A change of the registry of a node.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A command was applied. Commands that the registry refused change nothing and are not reported.
    Applied(Arc<Command>),
    /// Anything may have changed, because the node installed a snapshot or the subscriber was too slow. The subscriber
    /// should read the registry again.
    Restored,
}

/// A subscription to the changes of the registry of a node, from its creation on. It keeps up to 1,024 changes for a
/// slow subscriber. Beyond that it drops all of them and reports [`Change::Restored`].
pub struct Changes {
    changes: broadcast::Receiver<Change>,
    metrics: watch::Receiver<Metrics>,
}

/// The subscribers of a registry.
#[derive(Clone)]
pub(super) struct Subscribers(broadcast::Sender<Change>);

impl Changes {
    pub(super) fn new(subscribers: &Subscribers, metrics: watch::Receiver<Metrics>) -> Self {
        Self {
            changes: subscribers.0.subscribe(),
            metrics,
        }
    }

    /// The next change, in the order of the log. Returns nothing once the node has stopped. Cancel-safe: if the future
    /// is dropped, no change is lost.
    pub async fn next(&mut self) -> Option<Change> {
        let next = tokio::select! {
            biased;
            next = self.changes.recv() => next,
            _ = self.metrics.wait_for(|metrics| metrics.running_state.is_err()) => return None,
        };
        match next {
            Ok(change) => Some(change),
            Err(RecvError::Lagged(_)) => {
                // The changes that are still kept are visible in the registry already.
                self.changes = self.changes.resubscribe();
                Some(Change::Restored)
            }
            Err(RecvError::Closed) => None,
        }
    }
}

impl Subscribers {
    pub(super) fn new() -> Self {
        Self(broadcast::Sender::new(CAPACITY))
    }

    /// Whether there are no subscribers.
    pub(super) fn is_empty(&self) -> bool {
        self.0.receiver_count() == 0
    }

    pub(super) fn notify(&self, change: Change) {
        // The last subscriber may have gone.
        let _ = self.0.send(change);
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes")
            .field("pending", &self.changes.len())
            .finish_non_exhaustive()
    }
}
