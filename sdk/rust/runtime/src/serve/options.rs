//! Options of a server.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch::Receiver;

use super::dedup::DedupOptions;
use super::limits::Limits;
use super::state::ServingState;

/// The options of a server.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    pub(super) concurrency: usize,
    pub(super) queue: usize,
    /// An eighth of the queue if it is absent.
    pub(super) per_key: Option<usize>,
    pub(super) reserve: usize,
    pub(super) bytes: usize,
    pub(super) grace: Duration,
    pub(super) drain: Duration,
    pub(super) dedup: Option<DedupOptions>,
    pub(super) handlers: Option<Handle>,
    pub(super) state: Option<Receiver<ServingState>>,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            concurrency: 1_024,
            queue: 16_384,
            per_key: None,
            reserve: 16,
            bytes: 64 << 20,
            grace: Duration::from_secs(1),
            drain: Duration::from_secs(20),
            dedup: None,
            handlers: None,
            state: None,
        }
    }
}

impl ServeOptions {
    /// Creates options with the defaults: 1,024 concurrent requests, 16,384 queued requests, 64 MiB of requests, 16
    /// reserved places, 1 s of grace, 20 s for a shutdown, and no deduplication.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the maximum number of concurrent requests, at least 1.
    #[must_use]
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests.max(1);
        self
    }

    /// Sets the maximum number of queued requests, at least 1; further requests are refused as `overloaded`. The server
    /// takes requests from the connection in batches of up to 64. A batch must fit into the free concurrency and the
    /// free queue, or the rest of the batch is refused.
    #[must_use]
    pub fn queue(mut self, requests: usize) -> Self {
        self.queue = requests.max(1);
        self
    }

    /// Sets the maximum number of requests that wait for an ordering key, at least 1; further requests are refused as
    /// `key_overloaded`. They may take the same fraction of [`bytes`](Self::bytes) as of the queue. Default: an eighth
    /// of the queue.
    #[must_use]
    pub fn per_key(mut self, requests: usize) -> Self {
        self.per_key = Some(requests.max(1));
        self
    }

    /// Sets the maximum size of all queued and running requests in bytes, as messages; further requests are refused as
    /// `overloaded`. A request is accepted in any case while no other request is queued or runs. While the connection
    /// takes no replies and the unsent replies exceed the same size, no request starts.
    #[must_use]
    pub fn bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// Sets the number of further places for control requests, in the concurrency and in the queue. Each place adds
    /// 64 KiB to the limit of bytes. The schema declares which operations are control operations.
    #[must_use]
    pub fn reserve(mut self, requests: usize) -> Self {
        self.reserve = requests;
        self
    }

    /// Sets the time for which a control request waits for the running request with its ordering key. After that, the
    /// server stops the running request and answers it as `aborted`.
    #[must_use]
    pub fn grace(mut self, limit: Duration) -> Self {
        self.grace = limit;
        self
    }

    /// Sets the time for which a shutdown waits for running and queued requests. After that, queued requests are
    /// refused as `draining`, and running requests continue.
    #[must_use]
    pub fn drain(mut self, limit: Duration) -> Self {
        self.drain = limit;
        self
    }

    /// Runs handlers in this runtime. The default is the runtime in which the server starts. With a separate runtime
    /// for handlers, a handler that blocks its thread delays neither the receiver nor the deadlines of queued requests.
    #[must_use]
    pub fn handlers(mut self, runtime: Handle) -> Self {
        self.handlers = Some(runtime);
        self
    }

    /// Sets the source of the serving state. Without a source, the server is always in [`ServingState::Serving`].
    #[must_use]
    pub fn state(mut self, state: Receiver<ServingState>) -> Self {
        self.state = Some(state);
        self
    }

    /// Deduplicates the requests of operations that are not idempotent, so that the server executes a repeated request
    /// only once. A duplicate of a queued or running request waits for the reply of the first request. A later
    /// duplicate gets the stored reply.
    ///
    /// Requests of different callers, to different subjects or with different payloads are never duplicates. A request
    /// without an id is always executed.
    #[must_use]
    pub fn deduplicate(mut self, dedup: DedupOptions) -> Self {
        self.dedup = Some(dedup);
        self
    }

    pub(super) fn limits(&self) -> Limits {
        Limits {
            concurrency: self.concurrency,
            queue: self.queue,
            per_key: self.per_key.unwrap_or((self.queue / 8).max(1)),
            reserve: self.reserve,
            bytes: self.bytes,
        }
    }
}
