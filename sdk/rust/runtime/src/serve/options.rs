//! Options of a server.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch::Receiver;

use super::dedup::DedupOptions;
use super::state::ServingState;

/// How much a server takes on.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    pub(super) concurrency: usize,
    pub(super) queue: usize,
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
            drain: Duration::from_secs(30),
            dedup: None,
            handlers: None,
            state: None,
        }
    }
}

impl ServeOptions {
    /// 1,024 requests at once, 16,384 more that wait, 30 seconds to finish them at the end, and no memory of requests
    /// that were executed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs up to `requests` at once, at least one.
    #[must_use]
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests.max(1);
        self
    }

    /// Lets up to `requests` wait; what comes beyond is refused as `overloaded`. Requests are taken from the
    /// connection many at a time, so without room for at least as many as come at once, some are refused.
    #[must_use]
    pub fn queue(mut self, requests: usize) -> Self {
        self.queue = requests.max(1);
        self
    }

    /// Waits at a shutdown up to `limit` for what runs and what waits; then what waits is refused as `draining`, and
    /// what runs is left alone.
    #[must_use]
    pub fn drain(mut self, limit: Duration) -> Self {
        self.drain = limit;
        self
    }

    /// Runs handlers in this runtime, in place of the one that the server is started in. That one goes on reading requests,
    /// and the time of those that wait goes on, whatever handlers do to their threads.
    #[must_use]
    pub fn handlers(mut self, runtime: Handle) -> Self {
        self.handlers = Some(runtime);
        self
    }

    /// Begins requests as `state` says, now and whenever it changes; as soon as they come if nothing is given.
    #[must_use]
    pub fn state(mut self, state: Receiver<ServingState>) -> Self {
        self.state = Some(state);
        self
    }

    /// Executes requests of operations that are not idempotent once, however often they are sent under one id: one that
    /// comes again while the first runs waits for its answer, and one that comes later gets the answer of the first.
    /// Requests of other callers, to other subjects or with other contents are others, whatever their ids; and what has
    /// no id, because its caller is no peer of ours, is executed each time.
    #[must_use]
    pub fn deduplicate(mut self, dedup: DedupOptions) -> Self {
        self.dedup = Some(dedup);
        self
    }
}
