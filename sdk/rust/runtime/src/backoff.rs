//! Pauses between attempts.

use std::time::Duration;

use crate::random;

/// Pauses between attempts. Each pause is twice as long as the previous pause, up to a limit. A random part of at most a
/// half is then subtracted, so that peers that failed at the same time do not retry at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Backoff {
    /// Creates pauses of at most `first`, then twice this limit, and so on up to `longest`.
    #[must_use]
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self {
            first,
            longest,
            next: first,
        }
    }

    /// Returns the next pause.
    pub fn pause(&mut self) -> Duration {
        let pause = self.next.min(self.longest);
        self.next = pause.saturating_mul(2);
        shortened(pause)
    }

    /// Restarts with the first pause.
    pub const fn reset(&mut self) {
        self.next = self.first;
    }
}

/// Returns a random duration from half of `pause` to nearly `pause`.
fn shortened(pause: Duration) -> Duration {
    let part = u32::try_from(random::number() % 1_024).unwrap_or_default();
    pause / 2 + pause / 2_048 * part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_pauses_double_up_to_the_limit_with_jitter() {
        let longest = Duration::from_secs(5);
        let mut backoff = Backoff::new(Duration::from_secs(1), longest);
        for _ in 0..2 {
            for seconds in [1, 2, 4, 5, 5, 5] {
                let (pause, full) = (backoff.pause(), Duration::from_secs(seconds));
                assert!(pause <= full && pause >= full / 2, "{pause:?} {full:?}");
            }
            backoff.reset();
        }
        let mut endless = Backoff::new(Duration::MAX, Duration::MAX);
        assert!(endless.pause() >= Duration::MAX / 2 && endless.pause() >= Duration::MAX / 2);
        let mut none = Backoff::new(Duration::ZERO, longest);
        assert_eq!(
            (none.pause(), none.pause()),
            (Duration::ZERO, Duration::ZERO)
        );
    }
}
