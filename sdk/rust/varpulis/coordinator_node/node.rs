//! A coordinator that is not started: its options.

use std::collections::BTreeMap;
use std::time::Duration;

#[cfg(feature = "http")]
use natsgen_runtime::http::HttpServerOptions;
use natsgen_runtime::{Connection, Limited, Secs, ServeOptions};

use super::api_keys::ApiKeys;
use super::dispatch::Placement;
use super::error::CoordinatorNodeError;
use super::over_http::HttpSettings;
#[cfg(feature = "http")]
use super::over_http::HttpWorkers;
use super::running::RunningCoordinatorNode;
use super::settings::Settings;
use crate::batch::BatchFallback;
#[cfg(feature = "http")]
use crate::http_listener::HttpListener;
use crate::replica::ReplicaOptions;
use crate::types::{ApiKey, CoordinatorConfig, NodeId, RaftConfig, RaftNode, WorkerId};

/// A coordinator that is not started.
#[derive(Debug)]
pub struct CoordinatorNode {
    settings: Settings,
}

impl CoordinatorNode {
    /// Creates a coordinator that accepts workers with this key. `replica` sets up its replica of the registry. Writes to
    /// the replica over the network need the same key. The heartbeat interval is 5 s.
    #[must_use]
    pub fn new(api_key: ApiKey, replica: ReplicaOptions) -> Self {
        Self {
            settings: Settings {
                replica: replica.write_key(api_key.clone()),
                keys: ApiKeys {
                    shared: api_key,
                    own: BTreeMap::new(),
                },
                members: BTreeMap::new(),
                interval: Secs::from_static(5),
                placement: Placement::default(),
                command_limit: Duration::from_secs(10),
                redeploy: true,
                batch_fallback: BatchFallback::default(),
                heartbeat_bytes: 64 << 20,
                drain: Duration::from_secs(10),
                serving: ServeOptions::new(),
                http: HttpSettings::default(),
            },
        }
    }

    /// Creates a coordinator from the [configuration](crate::config). Its members are reached over NATS only.
    #[must_use]
    pub fn configured(config: &CoordinatorConfig, raft: &RaftConfig) -> Self {
        let members = raft.members.iter().map(|id| {
            let addr = Limited::default();
            (*id, RaftNode::new(addr))
        });
        let mut node = Self::new(config.api_key.clone(), ReplicaOptions::configured(raft))
            .worker_keys(config.worker_keys.clone().into_inner())
            .members(members.collect())
            .heartbeat_interval(config.heartbeat_interval.into())
            .placement(config.placement.into())
            .command_limit(config.command_limit.into())
            .redeploy(config.redeploy)
            .heartbeat_bytes(
                config
                    .heartbeat_bytes
                    .get()
                    .try_into()
                    .unwrap_or(usize::MAX),
            )
            .drain_limit(config.drain_limit.into())
            .serve_options((&config.serve).into());
        node.settings.http = HttpSettings::configured(config);
        node
    }

    /// Sets the API keys of single workers. Such a worker can register only with its own key, and its new instance
    /// replaces the instance before at once. All other workers register with the shared key, whose holder cannot replace
    /// an instance that is alive.
    #[must_use]
    pub fn worker_keys(mut self, keys: BTreeMap<WorkerId, ApiKey>) -> Self {
        self.settings.keys.own = keys;
        self
    }

    /// Sets the members of a new cluster, including this coordinator. All members may do this with the same list. Has
    /// no effect on a coordinator that has been in a cluster before. A new coordinator without members waits until a
    /// leader [adds it](crate::replica::Replica::add_learner).
    #[must_use]
    pub fn members(mut self, members: BTreeMap<NodeId, RaftNode>) -> Self {
        self.settings.members = members;
        self
    }

    /// Sets the heartbeat interval, in whole seconds from 1 s to a day. A worker is unhealthy when it is silent for
    /// more than three intervals.
    #[must_use]
    pub fn heartbeat_interval(mut self, interval: Duration) -> Self {
        self.settings.interval = Secs::saturating(interval);
        self
    }

    /// Sets how long the coordinator waits for the registry, elections included, in place of
    /// [`ReplicaOptions::timeout`]. A registration is answered before its caller times out in any case.
    #[must_use]
    pub fn registry_timeout(mut self, timeout: Duration) -> Self {
        self.settings.replica = self.settings.replica.timeout(timeout);
        self
    }

    /// Sets how the coordinator chooses a worker for a pipeline.
    #[must_use]
    pub fn placement(mut self, placement: Placement) -> Self {
        self.settings.placement = placement;
        self
    }

    /// Sets how long the coordinator waits for a worker to execute `deploy`, `undeploy`, `inject` or `inject_batch` by
    /// pipeline name. Default: 10 s.
    #[must_use]
    pub fn command_limit(mut self, limit: Duration) -> Self {
        self.settings.command_limit = limit;
        self
    }

    /// Sets whether the coordinator, while it is the leader, deploys pipelines again after their worker became silent,
    /// started as another instance or was [removed](RunningCoordinatorNode::remove). They run on the same worker or
    /// another, and start without their earlier state. Default: true.
    #[must_use]
    pub fn redeploy(mut self, redeploy: bool) -> Self {
        self.settings.redeploy = redeploy;
        self
    }

    /// Sets what [`inject_batch`](RunningCoordinatorNode::inject_batch) does if a worker processes no batches. Default: it
    /// fails.
    #[must_use]
    pub fn batch_fallback(mut self, fallback: BatchFallback) -> Self {
        self.settings.batch_fallback = fallback;
        self
    }

    /// Sets the limit of the pipeline metrics that the coordinator keeps of all workers, in bytes; a worker may take
    /// 1/64 of it. The coordinator keeps a heartbeat beyond the limit without its pipeline metrics. Default: 64 MiB.
    #[must_use]
    pub fn heartbeat_bytes(mut self, bytes: usize) -> Self {
        self.settings.heartbeat_bytes = bytes;
        self
    }

    /// Sets how long a shutdown waits for running registrations and commands. The shutdown takes up to 15 s more if the
    /// connection is lost or stalled. Default: 10 s.
    #[must_use]
    pub fn drain_limit(mut self, limit: Duration) -> Self {
        self.settings.drain = limit;
        self
    }

    /// Sets how many registrations the server runs and queues. The drain limit of these options has no effect:
    /// [`drain_limit`](Self::drain_limit) sets it.
    #[must_use]
    pub fn serve_options(mut self, options: ServeOptions) -> Self {
        self.settings.serving = options;
        self
    }

    /// Serves registrations, heartbeats and the other operations of coordinators over HTTP as well. `listen` is an IP
    /// address and a port, e.g. `127.0.0.1:9100`; port 0 is any free port. Requests need the API key of any worker.
    ///
    /// The server is a gateway to all coordinators: it sends the requests over the connection of the coordinator. Its
    /// NATS user needs the permissions of a worker for that, for all worker ids, and an inbox below `_INBOX`.
    #[cfg(feature = "http")]
    #[must_use]
    pub fn http(mut self, listen: impl Into<String>, options: HttpServerOptions) -> Self {
        self.settings.http.listener = Some(HttpListener::new(listen, options));
        self
    }

    /// Commands workers over HTTP if they registered with an address. Without it, all workers are commanded over NATS.
    #[cfg(feature = "http")]
    #[must_use]
    pub fn http_workers(mut self, workers: HttpWorkers) -> Self {
        self.settings.http.workers = Some(workers);
        self
    }

    /// Opens the registry, subscribes to heartbeats and serves registrations.
    ///
    /// # Errors
    /// If the Raft node does not start, this node is missing in the list of members, or a subscription is refused. Also
    /// if the HTTP server does not start.
    pub async fn start(
        self,
        connection: &Connection,
    ) -> Result<RunningCoordinatorNode, CoordinatorNodeError> {
        RunningCoordinatorNode::start(self.settings, connection).await
    }
}
