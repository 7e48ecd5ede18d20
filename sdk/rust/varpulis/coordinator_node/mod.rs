//! The coordinator's side of the cluster: the registry of workers, kept by a Raft node, so that any coordinator can die.
//!
//! A [`CoordinatorNode`] answers registrations, hears heartbeats and, while its Raft node leads, says which workers are
//! ready and which are not. Coordinators of one cluster share the registry and answer each registration once; a lone one is
//! a cluster of one.
//!
//! Any of them deploys pipelines on workers that are ready and have room, undeploys them, and routes events to wherever a
//! pipeline runs. Each step is written down before the next, so that all know of it whatever happens to one of them: a name
//! is deployed once, no worker is given more than it takes, and what is in doubt is told. Pipelines of workers that fall
//! silent, or come back without them, are deployed again.
//!
//! ```
//! use varpulis_sdk::Connection;
//! use varpulis_sdk::coordinator_node::{CoordinatorNode, DispatchError};
//! use varpulis_sdk::replica::ReplicaOptions;
//! use varpulis_sdk::types::{ApiKey, NodeId, RaftNode};
//! use varpulis_sdk::worker::DeployRequest;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let connection = Connection::memory();
//! let id = NodeId::try_from(1)?;
//! let address = RaftNode { addr: "http://coordinator-1:9100".try_into()? };
//! let node = CoordinatorNode::new(ApiKey::try_from("secret")?, ReplicaOptions::memory(id));
//! let running = node.members([(id, address)].into()).start(&connection).await?;
//!
//! let source = "stream A = SensorReading .where(temperature > 100)";
//! let request = DeployRequest { name: "p1".try_into()?, source: source.try_into()? };
//! match running.deploy(&request).await {
//!     Ok(deployed) => println!("runs on {}", deployed.worker_id),
//!     Err(DispatchError::NoRoom { workers, .. }) => assert_eq!(workers, 0),
//!     Err(error) => return Err(error.into()),
//! }
//! running.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod dispatch;
mod error;
mod health;
mod intake;
mod pulse;
mod registrar;
mod running;
mod sweep;

use std::collections::BTreeMap;
use std::time::Duration;

use natsgen_runtime::{Connection, Limited, Secs, ServeOptions};

pub use self::dispatch::{DispatchError, Placement};
pub use self::error::{CoordinatorNodeError, MemberError};
pub use self::health::{CoordinatorHealth, WorkerCounts};
pub use self::running::{RunningCoordinatorNode, WorkerView};
use crate::replica::ReplicaOptions;
use crate::types::{ApiKey, CoordinatorConfig, NodeId, RaftConfig, RaftNode};

/// How often a worker is to send a heartbeat.
type Interval = Secs<1, 86_400>;

/// A coordinator that is not started yet.
#[derive(Debug)]
pub struct CoordinatorNode {
    api_key: ApiKey,
    replica: ReplicaOptions,
    members: BTreeMap<NodeId, RaftNode>,
    interval: Interval,
    placement: Placement,
    command_limit: Duration,
    redeploy: bool,
    serving: ServeOptions,
}

impl CoordinatorNode {
    /// A coordinator that takes workers with this key and keeps its part of the registry as `replica` says. It wants a
    /// heartbeat every 5 seconds.
    #[must_use]
    pub fn new(api_key: ApiKey, replica: ReplicaOptions) -> Self {
        Self {
            api_key,
            replica,
            members: BTreeMap::new(),
            interval: Secs::from_static(5),
            placement: Placement::default(),
            command_limit: Duration::from_secs(10),
            redeploy: true,
            serving: ServeOptions::new(),
        }
    }

    /// A coordinator as the [configuration](crate::config) says. Its members are reached over NATS only.
    #[must_use]
    pub fn configured(config: &CoordinatorConfig, raft: &RaftConfig) -> Self {
        let members = raft.members.iter().map(|id| {
            let addr = Limited::default();
            (*id, RaftNode { addr })
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

    /// Founds a cluster of these coordinators, itself among them, unless it has been in one. All of them may say so, with
    /// the same members. One that does not waits until it is [taken in](crate::replica::Replica::add_learner).
    #[must_use]
    pub fn members(mut self, members: BTreeMap<NodeId, RaftNode>) -> Self {
        self.members = members;
        self
    }

    /// Wants a heartbeat this often, in whole seconds from one to a day. A worker that is silent for more than three
    /// times as long is unhealthy.
    #[must_use]
    pub fn heartbeat_interval(mut self, interval: Duration) -> Self {
        self.interval = Secs::saturating(interval);
        self
    }

    /// Waits up to so long for the registry, elections included, in place of what the options of the Raft node say. A worker
    /// that registers is answered before it gives up in any case.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.replica = self.replica.patience(patience);
        self
    }

    /// Chooses workers for pipelines like this.
    #[must_use]
    pub fn placement(mut self, placement: Placement) -> Self {
        self.placement = placement;
        self
    }

    /// Waits up to so long for workers to carry out a command, 10 seconds unless given: one that deploys, undeploys or
    /// injects by the name of a pipeline.
    #[must_use]
    pub fn command_limit(mut self, limit: Duration) -> Self {
        self.command_limit = limit;
        self
    }

    /// Whether it has pipelines deployed again, while it leads: those of a worker that is silent, that came back as another
    /// instance or that was [taken out](RunningCoordinatorNode::remove), there or on another one. They begin anew, without
    /// what they knew. It does unless it is told not to.
    #[must_use]
    pub fn redeploy(mut self, redeploy: bool) -> Self {
        self.redeploy = redeploy;
        self
    }

    /// Takes on so many registrations at once.
    #[must_use]
    pub fn serve_options(mut self, options: ServeOptions) -> Self {
        self.serving = options;
        self
    }

    /// Opens the registry, hears heartbeats and answers registrations.
    ///
    /// # Errors
    /// When the Raft node does not start, it is not one of the members that it is to found a cluster with, or a
    /// subscription is refused.
    pub async fn start(
        self,
        connection: &Connection,
    ) -> Result<RunningCoordinatorNode, CoordinatorNodeError> {
        RunningCoordinatorNode::start(self, connection).await
    }
}
