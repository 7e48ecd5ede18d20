//! The permissions of subscriptions: the subscriptions that the server denies.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::Notify;

use super::registered::Registered;

/// The permissions of all subscriptions of a connection.
#[derive(Debug, Default)]
pub(super) struct Permissions(Registered<Permission>);

/// The permission of a subscription. A new subscription counts as permitted.
#[derive(Debug)]
pub(super) struct Permission {
    pattern: String,
    queue: Option<String>,
    is_denied: AtomicBool,
    /// The number of denials.
    denials: AtomicU64,
    /// Whether the client has repeated the subscription on a new connection since the last change.
    is_repeated: AtomicBool,
    changed: Notify,
}

impl Permissions {
    /// Adds a subscription. It is removed after the last reference to its permission is dropped.
    pub(super) fn add(&self, pattern: &str, queue: Option<&str>) -> Arc<Permission> {
        let permission = Arc::new(Permission {
            pattern: pattern.to_owned(),
            queue: queue.map(str::to_owned),
            is_denied: AtomicBool::new(false),
            denials: AtomicU64::new(0),
            is_repeated: AtomicBool::new(false),
            changed: Notify::new(),
        });
        self.0.add(&permission);
        permission
    }

    /// Handles a denial. Some denials do not name the queue group; they count for all subscriptions to the pattern.
    pub(super) fn deny(&self, pattern: &str, queue: Option<&str>) {
        for permission in self.0.current() {
            let is_same_queue = queue.is_none() || permission.queue.as_deref() == queue;
            if permission.pattern == pattern && is_same_queue {
                permission.denials.fetch_add(1, Ordering::SeqCst);
                permission.is_denied.store(true, Ordering::SeqCst);
                permission.changed.notify_one();
            }
        }
    }

    /// Handles a new connection, on which the client repeats all subscriptions.
    pub(super) fn repeat(&self) {
        for permission in self.0.current() {
            if permission.is_denied() {
                permission.is_repeated.store(true, Ordering::SeqCst);
                permission.changed.notify_one();
            }
        }
    }

    /// Returns the denied patterns, sorted.
    pub(super) fn denied(&self) -> Vec<String> {
        let denied = self
            .0
            .current()
            .into_iter()
            .filter(|permission| permission.is_denied());
        let mut patterns: Vec<_> = denied
            .map(|permission| permission.pattern.clone())
            .collect();
        patterns.sort_unstable();
        patterns.dedup();
        patterns
    }
}

impl Permission {
    pub(super) fn pattern(&self) -> &str {
        &self.pattern
    }

    pub(super) fn queue(&self) -> Option<&str> {
        self.queue.as_deref()
    }

    pub(super) fn is_denied(&self) -> bool {
        self.is_denied.load(Ordering::SeqCst)
    }

    pub(super) fn denials(&self) -> u64 {
        self.denials.load(Ordering::SeqCst)
    }

    /// Marks the subscription as permitted.
    pub(super) fn restore(&self) {
        self.is_denied.store(false, Ordering::SeqCst);
    }

    /// Returns true once if the client has repeated the subscription on a new connection.
    pub(super) fn take_repeated(&self) -> bool {
        self.is_repeated.swap(false, Ordering::SeqCst)
    }

    /// Waits for the next denial or repetition.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_denials_match_pattern_and_queue() {
        let permissions = Permissions::default();
        let plain = permissions.add("a.>", None);
        let queued = permissions.add("a.>", Some("q"));
        let other = permissions.add("b", None);
        permissions.deny("a.>", Some("q"));
        assert!(queued.is_denied() && !plain.is_denied());
        permissions.deny("a.>", None);
        assert!(plain.is_denied() && !other.is_denied());
        assert_eq!((plain.denials(), queued.denials()), (1, 2));
        permissions.deny("b", None);
        assert_eq!(permissions.denied(), ["a.>", "b"]);
        plain.restore();
        drop((queued, other));
        assert_eq!(permissions.denied(), [""; 0]);
    }

    #[test]
    fn permissions_only_denied_subscriptions_are_repeated() {
        let permissions = Permissions::default();
        let (denied, permitted) = (permissions.add("a", None), permissions.add("b", None));
        permissions.deny("a", None);
        permissions.repeat();
        assert!(denied.take_repeated() && !denied.take_repeated());
        assert!(!permitted.take_repeated());
    }
}
