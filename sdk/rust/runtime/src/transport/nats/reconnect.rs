//! Pauses before reconnections.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::backoff::Backoff;

/// A connection that was lost earlier counts as short.
const SHORT: Duration = Duration::from_secs(5);

/// The number of short connections in succession after which a client reconnects without a pause.
const FREE: u32 = 3;

/// The first and the longest pause after further short connections. A peer that causes the losses must not keep this
/// connection away from its server for long.
const PAUSES: [Duration; 2] = [Duration::from_millis(10), Duration::from_millis(500)];

/// The longest pause while no server is reached.
const LONGEST: Duration = Duration::from_secs(4);

/// The pauses before the reconnections of a connection. The first attempt after a loss has no pause, unless several
/// connections in succession were short.
#[derive(Debug)]
pub(super) struct ReconnectPauses(Mutex<State>);

#[derive(Debug)]
struct State {
    /// The time of the last attempt, which is also the start of the last connection.
    last: Option<Instant>,
    /// The number of short connections in succession.
    short: u32,
    backoff: Backoff,
}

impl ReconnectPauses {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State {
            last: None,
            short: 0,
            backoff: Backoff::new(PAUSES[0], PAUSES[1]),
        }))
    }

    /// Returns the pause before an attempt. The first attempt after a loss has the number 1.
    pub(super) fn pause(&self, attempt: usize, now: Instant) -> Duration {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = state.last.replace(now);
        if attempt > 1 {
            let doublings = u32::try_from(attempt - 1).unwrap_or(u32::MAX).min(12);
            return Duration::from_millis(1 << doublings).min(LONGEST);
        }
        if last.is_some_and(|last| now.saturating_duration_since(last) < SHORT) {
            state.short = state.short.saturating_add(1);
        } else {
            state.short = 0;
            state.backoff.reset();
        }
        if state.short <= FREE {
            return Duration::ZERO;
        }
        state.backoff.pause()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reconnect_pauses_grow_with_short_connections() {
        let pauses = ReconnectPauses::new();
        let mut now = Instant::now();
        let mut next = |lived: Duration| {
            now += lived;
            pauses.pause(1, now)
        };
        let short = Duration::from_millis(10);
        for _ in 0..4 {
            assert_eq!(next(short), Duration::ZERO);
        }
        let pauses: Vec<_> = (0..20).map(|_| next(short)).collect();
        assert!(pauses[0] > Duration::ZERO && pauses[0] <= PAUSES[0]);
        assert!(pauses[19] >= PAUSES[1] / 2 && pauses[19] <= PAUSES[1]);
        assert_eq!(next(SHORT), Duration::ZERO);
        assert_eq!(next(short), Duration::ZERO);
    }

    #[test]
    fn reconnect_pauses_grow_while_no_server_is_reached() {
        let pauses = ReconnectPauses::new();
        let now = Instant::now();
        let after: Vec<_> = [1, 2, 3, 13, usize::MAX]
            .map(|attempt| pauses.pause(attempt, now))
            .to_vec();
        let millis = |millis| Duration::from_millis(millis);
        assert_eq!(after, [millis(0), millis(2), millis(4), LONGEST, LONGEST]);
    }
}
