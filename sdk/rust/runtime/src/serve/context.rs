//! The input of a handler.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::operation::Request;
use crate::transport::Headers;
use crate::transport::headers::{REQUEST_ID_HEADER, TIMEOUT_HEADER, TRACE_HEADER};

/// The longest remaining time that a caller may claim, unless the operation has a longer timeout. A request without a
/// limit could occupy the queue of the server forever.
const LONGEST_TOLD: Duration = Duration::from_mins(10);

/// The replacement for a timeout that overflows the clock: 34 years.
const LONGEST: Duration = Duration::from_secs(1 << 30);

/// A request with its context.
#[non_exhaustive]
pub struct Call<R: Request> {
    /// The context of the request.
    pub context: Context,
    /// The parameters of the subject.
    pub params: R::Params,
    /// The payload.
    pub request: R,
}

/// The context of a request.
#[derive(Clone, Debug)]
pub struct Context {
    subject: String,
    headers: Headers,
    deadline: Instant,
    retry: RetryHint,
}

/// The time after which the caller may try again, in milliseconds; 0 without a hint. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct RetryHint(Arc<AtomicU64>);

impl Context {
    /// Creates the context of a request that was received now. `timeout` applies if no header contains the caller's
    /// remaining time. A remaining time of more than 10 minutes counts as 10 minutes, or as `timeout` if that is longer.
    #[must_use]
    pub fn new(subject: impl Into<String>, headers: Headers, timeout: Duration) -> Self {
        Self::received(subject.into(), headers, timeout, Instant::now())
    }

    pub(super) fn received(
        subject: String,
        headers: Headers,
        timeout: Duration,
        now: Instant,
    ) -> Self {
        let timeout = timeout.min(LONGEST);
        let told = headers
            .get(TIMEOUT_HEADER)
            .and_then(|millis| millis.parse().ok())
            .map(Duration::from_millis);
        let told = told.map(|told| told.min(LONGEST_TOLD.max(timeout)));
        let deadline = now + told.unwrap_or(timeout);
        Self {
            subject,
            headers,
            deadline,
            retry: RetryHint::default(),
        }
    }

    /// Sets when the caller may try again, if the handler refuses the request now without executing it, e.g. because of
    /// a rate limit. The error carries the time, and clients with [`Retry`](crate::Retry) wait for it. The time is
    /// rounded up to milliseconds.
    pub fn retry_after(&self, pause: Duration) {
        let millis = pause.as_nanos().div_ceil(1_000_000).max(1);
        let millis = u64::try_from(millis).unwrap_or(u64::MAX);
        self.retry.0.store(millis, Ordering::Relaxed);
    }

    pub(super) fn retry_hint(&self) -> RetryHint {
        self.retry.clone()
    }

    /// Returns the subject of the request.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Returns the request id, which is the same for each retry. `None` if the caller does not send ids.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.headers.get(REQUEST_ID_HEADER)
    }

    /// Returns the trace context of the caller, in the W3C format.
    #[must_use]
    pub fn traceparent(&self) -> Option<&str> {
        self.headers.get(TRACE_HEADER)
    }

    /// Returns the caller's remaining time; zero after the deadline.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Returns the deadline of the caller.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline
    }
}

impl RetryHint {
    pub(super) fn millis(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|millis| *millis > 0)
    }
}

impl<R: Request> fmt::Debug for Call<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The request is omitted, because it may contain data that must not be logged.
        f.debug_struct("Call")
            .field("operation", &R::INFO.name)
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}
