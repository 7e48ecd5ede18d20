//! Options of a call.

use std::time::Duration;

use crate::backoff::Backoff;

/// Options of a call.
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    pub(super) timeout: Option<Duration>,
    pub(super) retry: Option<Retry>,
    pub(super) traceparent: Option<String>,
    pub(super) request_id: Option<String>,
}

/// The retry policy. Only failures that [`CallError::is_retryable`](crate::CallError::is_retryable) allows are retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    pub(super) attempts: u32,
    pub(super) backoff: Backoff,
    pub(super) attempt: Option<Duration>,
    pub(super) is_deduplicated: bool,
}

impl CallOptions {
    /// Creates options with the defaults: the timeout of the operation, and no retries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the timeout of a call, retries included; default: the timeout of the operation. For an event it limits the
    /// wait for a blocked connection; default 10 s.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the retry policy.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = Some(retry);
        self
    }

    /// Sets the trace context of the call.
    #[must_use]
    pub fn traceparent(mut self, traceparent: impl Into<String>) -> Self {
        self.traceparent = Some(traceparent.into());
        self
    }

    /// Sets the request id; default: a unique id. A server with deduplication executes calls with the same id only
    /// once. The calls must have the same request and subject, and use the same connection.
    #[must_use]
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(id.into());
        self
    }
}

impl Retry {
    /// Allows up to `attempts` attempts, the first included. The pauses are at most 100 ms at first, and this limit
    /// doubles up to 5 s. A pause is longer if the server asks for it, see
    /// [`CallError::retry_after`](crate::CallError::retry_after).
    #[must_use]
    pub const fn new(attempts: u32) -> Self {
        Self {
            attempts,
            backoff: Backoff::new(Duration::from_millis(100), Duration::from_secs(5)),
            attempt: None,
            is_deduplicated: false,
        }
    }

    /// Also retries requests that may have been executed, under the same id. Use this only with servers that
    /// deduplicate, see [`ServeOptions::deduplicate`](crate::ServeOptions::deduplicate). Other servers would execute
    /// the request again.
    #[must_use]
    pub const fn deduplicated(mut self) -> Self {
        self.is_deduplicated = true;
        self
    }

    /// Sets the timeout of an attempt; default: the remaining time. It applies only to requests that may be retried
    /// although they may have been executed. If the server loses its connection, a request or its reply can be lost
    /// without an error.
    #[must_use]
    pub const fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt = Some(timeout);
        self
    }

    /// Sets the limits of the first and the longest pause. The limit doubles after each pause.
    #[must_use]
    pub const fn pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.backoff = Backoff::new(first, longest);
        self
    }
}
