//! A coordinator that is not started: its options.

use std::collections::BTreeMap;
use std::time::Duration;

use natsgen_runtime::{Connection, Limited, Secs, ServeOptions};

use super::dispatch::Placement;
use super::error::CoordinatorNodeError;
use super::running::RunningCoordinatorNode;
use super::settings::Settings;
use crate::replica::ReplicaOptions;
use crate::types::{ApiKey, CoordinatorConfig, NodeId, RaftConfig, RaftNode};

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
                api_key,
                members: BTreeMap::new(),
                interval: Secs::from_static(5),
                placement: Placement::default(),
                command_limit: Duration::from_secs(10),
                redeploy: true,
                serving: ServeOptions::new(),
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
        let serving = ServeOptions::from(&config.serve).drain(config.drain_limit.into());
        Self::new(config.api_key.clone(), ReplicaOptions::configured(raft))
            .members(members.collect())
            .heartbeat_interval(config.heartbeat_interval.into())
            .placement(config.placement.into())
            .command_limit(config.command_limit.into())
            .redeploy(config.redeploy)
            .serve_options(serving)
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

    /// Sets how many registrations the server runs and queues.
    #[must_use]
    pub fn serve_options(mut self, options: ServeOptions) -> Self {
        self.settings.serving = options;
        self
    }

    /// Opens the registry, subscribes to heartbeats and serves registrations.
    ///
    /// # Errors
    /// If the Raft node does not start, this node is missing in the list of members, or a subscription is refused.
    pub async fn start(
        self,
        connection: &Connection,
    ) -> Result<RunningCoordinatorNode, CoordinatorNodeError> {
        RunningCoordinatorNode::start(self.settings, connection).await
    }
}
