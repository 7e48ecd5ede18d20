//! How to call.

use std::time::Duration;

/// How to call.
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    pub(super) timeout: Option<Duration>,
    pub(super) retry: Option<Retry>,
    pub(super) traceparent: Option<String>,
    pub(super) request_id: Option<String>,
}

/// How often and after which pauses a request is sent again, if
/// [`CallError::is_retryable`](crate::CallError::is_retryable) allows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    pub(super) attempts: u32,
    pub(super) pause: Duration,
    pub(super) longest_pause: Duration,
    pub(super) attempt: Option<Duration>,
    pub(super) is_deduplicated: bool,
}

impl CallOptions {
    /// The operation's own timeout and no retries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits this long for an answer, retries included, in place of the operation's own timeout; and this long for room
    /// to publish an event, in place of ten seconds.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sends again what may be sent again.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = Some(retry);
        self
    }

    /// Sends this trace context along.
    #[must_use]
    pub fn traceparent(mut self, traceparent: impl Into<String>) -> Self {
        self.traceparent = Some(traceparent.into());
        self
    }

    /// Calls under this id in place of one that no other request has, so that a server that remembers requests executes
    /// once what is called more than once: the same request, to the same subject, over the same connection.
    #[must_use]
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(id.into());
        self
    }
}

impl Retry {
    /// At most this many attempts, the first one included, with pauses of 100 ms that double up to 5 s.
    #[must_use]
    pub const fn new(attempts: u32) -> Self {
        Self {
            attempts,
            pause: Duration::from_millis(100),
            longest_pause: Duration::from_secs(5),
            attempt: None,
            is_deduplicated: false,
        }
    }

    /// Sends again also what may have been executed, under the id that it had: for servers that remember requests, see
    /// [`ServeOptions::deduplicate`](crate::ServeOptions::deduplicate). Any other would execute it once more.
    #[must_use]
    pub const fn deduplicated(mut self) -> Self {
        self.is_deduplicated = true;
        self
    }

    /// Waits this long for the answer to an attempt, in place of all the time that is left, if the request may be sent again
    /// even though it may have been executed. Where the other side loses its connection, a request or its answer is gone
    /// without a word.
    #[must_use]
    pub const fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt = Some(timeout);
        self
    }

    /// The first pause, and the longest one that doubling it leads to.
    #[must_use]
    pub const fn pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.pause = first;
        self.longest_pause = longest;
        self
    }
}
