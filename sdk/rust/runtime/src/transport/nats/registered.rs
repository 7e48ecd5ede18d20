//! Lists of values that others own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// A list that does not keep its values alive.
#[derive(Debug)]
pub(super) struct Registered<T>(Mutex<Vec<Weak<T>>>);

impl<T> Registered<T> {
    pub(super) fn add(&self, value: &Arc<T>) {
        let mut all = self.lock();
        // Removes dropped values before the list would grow, so that it is at most twice as long as needed.
        if all.len() == all.capacity() {
            all.retain(|value| value.strong_count() > 0);
            let live = all.len();
            all.reserve(live.max(1));
        }
        all.push(Arc::downgrade(value));
    }

    /// Returns the values that are alive.
    pub(super) fn current(&self) -> Vec<Arc<T>> {
        self.lock().iter().filter_map(Weak::upgrade).collect()
    }

    /// Calls `visit`, which must be fast, with each value that is alive.
    pub(super) fn for_each(&self, visit: impl Fn(&T)) {
        let all = self.lock();
        all.iter()
            .filter_map(Weak::upgrade)
            .for_each(|value| visit(&value));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Weak<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Default for Registered<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registered_dropped_values_are_removed() {
        let list = Registered::default();
        let kept: Vec<_> = (0..10).map(Arc::new).collect();
        for value in &kept {
            list.add(value);
        }
        for value in 0..100_000 {
            list.add(&Arc::new(value));
        }
        assert_eq!(list.current(), kept);
        assert!(list.lock().capacity() <= 32);
    }
}
