//! Work that is shared out over threads.

use std::panic::resume_unwind;
use std::thread::{self, ScopedJoinHandle};

/// How many threads work. Not only for their number: each has a heap of its own, and in one heap ten times the
/// operations took thirteen times as long. Nothing is asked of the machine, here as elsewhere.
const THREADS: usize = 4;

/// What `work` makes of each item, in the order of the items.
pub fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let share = |first: usize| -> Vec<R> {
        let mine = items.iter().skip(first).step_by(THREADS);
        mine.map(&work).collect()
    };
    let shares: Vec<Vec<R>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|first| scope.spawn(move || share(first)))
            .collect();
        let joined = threads.into_iter().map(ScopedJoinHandle::join);
        joined.collect::<Result<_, _>>()
    })
    .unwrap_or_else(|panic| resume_unwind(panic));
    let mut shares: Vec<_> = shares.into_iter().map(Vec::into_iter).collect();
    let turns = (0..items.len()).map(|at| shares[at % THREADS].next());
    turns.flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_items() {
        for count in [0, 1, 3, 4, 5, 1_000] {
            let items: Vec<usize> = (0..count).collect();
            let expected: Vec<_> = items.iter().map(|item| item * 2).collect();
            assert_eq!(map(&items, |item| item * 2), expected);
        }
    }
}
