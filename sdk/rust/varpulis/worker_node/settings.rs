//! The settings of a worker.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{DedupOptions, ServeOptions};

use super::over_http::HttpSettings;
use crate::coordinator::Heartbeat;
use crate::types::{ApiKey, WorkerAddress, WorkerId};

/// Returns the payload of the next heartbeat.
pub(super) type HeartbeatFn = dyn Fn() -> Heartbeat + Send + Sync;

/// The settings that only the start of a worker reads.
pub(super) struct StartOptions {
    pub(super) serving: ServeOptions,
    /// Replaces the deduplication of `serving`.
    pub(super) dedup: DedupOptions,
    /// The number of handler threads.
    pub(super) threads: usize,
    /// Supplies heartbeat payloads in place of the node's own counters.
    pub(super) health_source: Option<Arc<HeartbeatFn>>,
    pub(super) http: HttpSettings,
}

/// The settings that several parts of a node read.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) id: WorkerId,
    pub(super) api_key: ApiKey,
    /// Absent if the worker is reached over NATS only.
    pub(super) address: Option<WorkerAddress>,
    pub(super) max_pipelines: u32,
    /// The first and the longest pause before another attempt to register.
    pub(super) pauses: [Duration; 2],
    /// The interval between registrations. By default three heartbeat intervals.
    pub(super) renewal: Option<Duration>,
    /// How often in succession coordinators may refuse the API key; 0 is no limit.
    pub(super) api_key_attempts: u32,
    /// How long draining and shutdown together wait for running commands.
    pub(super) drain: Duration,
}
