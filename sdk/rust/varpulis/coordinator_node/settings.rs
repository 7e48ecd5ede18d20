//! The settings of a coordinator.

use std::collections::BTreeMap;
use std::time::Duration;

use natsgen_runtime::{Secs, ServeOptions};

use super::api_keys::ApiKeys;
use super::dispatch::Placement;
use super::over_http::HttpSettings;
use crate::batch::BatchFallback;
use crate::replica::ReplicaOptions;
use crate::types::{NodeId, RaftNode};

/// The interval between heartbeats, in whole seconds.
pub(super) type HeartbeatInterval = Secs<1, 86_400>;

/// The settings of a coordinator.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) keys: ApiKeys,
    pub(super) replica: ReplicaOptions,
    /// The members of a new cluster. Empty if this coordinator does not initialize it.
    pub(super) members: BTreeMap<NodeId, RaftNode>,
    pub(super) interval: HeartbeatInterval,
    pub(super) placement: Placement,
    pub(super) command_limit: Duration,
    pub(super) redeploy: bool,
    pub(super) batch_fallback: BatchFallback,
    /// The limit of the pipeline metrics that the coordinator keeps, in bytes.
    pub(super) heartbeat_bytes: usize,
    /// How long a shutdown waits for registrations and commands.
    pub(super) drain: Duration,
    pub(super) serving: ServeOptions,
    pub(super) http: HttpSettings,
}
