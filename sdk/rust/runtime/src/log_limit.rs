//! A limit for repeated log entries.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Limits a log entry that a peer can cause any number of times.
///
/// ```
/// use std::time::Duration;
///
/// use natsgen_runtime::LogLimit;
///
/// let limit = LogLimit::new(Duration::from_secs(10));
/// assert_eq!(limit.permit(), Some(0));
/// assert_eq!(limit.permit(), None);
/// ```
#[derive(Debug)]
pub struct LogLimit {
    interval: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The time of the last permitted entry.
    last: Option<Instant>,
    suppressed: u64,
}

impl LogLimit {
    /// Creates a limit of a single entry in each `interval`.
    #[must_use]
    pub const fn new(interval: Duration) -> Self {
        Self {
            interval,
            state: Mutex::new(State {
                last: None,
                suppressed: 0,
            }),
        }
    }

    /// Returns the number of entries that were suppressed since the last permitted entry, or `None` if this entry is
    /// suppressed too.
    pub fn permit(&self) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state
            .last
            .is_some_and(|last| last.elapsed() < self.interval)
        {
            state.suppressed += 1;
            return None;
        }
        state.last = Some(Instant::now());
        Some(std::mem::take(&mut state.suppressed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_limit_counts_suppressed_entries() {
        let limit = LogLimit::new(Duration::from_millis(50));
        assert_eq!(limit.permit(), Some(0));
        for _ in 0..1_000 {
            limit.permit();
        }
        std::thread::sleep(Duration::from_millis(60));
        assert!(limit.permit().is_some_and(|suppressed| suppressed >= 900));
        let endless = LogLimit::new(Duration::MAX);
        assert_eq!((endless.permit(), endless.permit()), (Some(0), None));
    }
}
