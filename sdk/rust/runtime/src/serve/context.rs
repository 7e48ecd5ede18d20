//! What a handler is given.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use crate::rpc::operation::Request;
use crate::transport::Headers;
use crate::transport::headers::{REQUEST_ID_HEADER, TIMEOUT_HEADER, TRACE_HEADER};

/// A request and what is known of it.
#[non_exhaustive]
pub struct Call<R: Request> {
    /// About the request.
    pub context: Context,
    /// What its subject says.
    pub params: R::Params,
    /// What it carries.
    pub request: R,
}

/// About a request.
#[derive(Clone, Debug)]
pub struct Context {
    subject: String,
    headers: Headers,
    deadline: Instant,
}

impl Context {
    /// The context of a request that came just now. If no header says how long its caller waits, `timeout` does.
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
        let told = headers
            .get(TIMEOUT_HEADER)
            .and_then(|millis| millis.parse().ok())
            .map(Duration::from_millis);
        let deadline = now
            .checked_add(told.unwrap_or(timeout))
            .unwrap_or(now + timeout);
        Self {
            subject,
            headers,
            deadline,
        }
    }

    /// The subject that the request was sent to.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The name of the request, the same when it is sent again; absent if the caller is no peer of ours.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.headers.get(REQUEST_ID_HEADER)
    }

    /// The trace context of the caller, as the W3C defines it.
    #[must_use]
    pub fn traceparent(&self) -> Option<&str> {
        self.headers.get(TRACE_HEADER)
    }

    /// How long the caller still waits; zero if it has gone.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// When the caller stops waiting.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline
    }
}

impl<R: Request> fmt::Debug for Call<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The request may hold what no log should have.
        f.debug_struct("Call")
            .field("operation", &R::INFO.name)
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}
