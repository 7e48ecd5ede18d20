//! A complete coordinator: it registers workers, watches their heartbeats and deploys pipelines on them.
//!
//! The coordinators of a cluster share a registry that a Raft group replicates, so that any coordinator may fail. A
//! single coordinator is a cluster with a single member. A [`CoordinatorNode`]:
//!
//! - answers registrations and writes them to the registry;
//! - lists the workers and removes a worker, for operators;
//! - receives heartbeats and, while its Raft node is the leader, writes to the registry which workers are ready and
//!   which are unhealthy;
//! - deploys pipelines on ready workers with free capacity, undeploys them, and routes events to the worker that runs a
//!   pipeline;
//! - while it is the leader, deploys pipelines again if their worker is silent or has lost them.
//!
//! Every step of a deployment is written to the registry before the next step begins. So all coordinators know the
//! state of each deployment, even if a coordinator fails:
//!
//! - a pipeline name is deployed once;
//! - no worker receives more pipelines than it accepts;
//! - a deployment with an unknown outcome is marked as uncertain.
//!
//! With the feature `http`, a coordinator [commands workers over HTTP](CoordinatorNode::http_workers) if they registered
//! with an address, and [serves registrations and heartbeats over HTTP](CoordinatorNode::http).
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
//! let address = RaftNode::new("http://coordinator-1:9100".try_into()?);
//! let node = CoordinatorNode::new(ApiKey::try_from("secret")?, ReplicaOptions::memory(id));
//! let running = node.members([(id, address)].into()).start(&connection).await?;
//!
//! let source = "stream A = SensorReading .where(temperature > 100)";
//! let request = DeployRequest::new("p1".try_into()?, source.try_into()?);
//! match running.deploy(&request).await {
//!     Ok(deployed) => println!("runs on {}", deployed.worker_id),
//!     Err(DispatchError::NoRoom { workers, .. }) => assert_eq!(workers, 0),
//!     Err(error) => return Err(error.into()),
//! }
//! running.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod api_keys;
mod commands;
mod dispatch;
mod error;
mod failure_detector;
mod health;
mod heartbeat_budget;
mod heartbeat_subscriber;
mod key_digest;
mod liveness;
mod members;
mod node;
#[cfg_attr(not(feature = "http"), path = "no_http.rs")]
mod over_http;
mod registrar;
mod replacement;
mod running;
mod service;
mod settings;

pub use self::dispatch::{DispatchError, Placement};
pub use self::error::{CoordinatorNodeError, MemberError};
pub use self::health::{CoordinatorHealth, CoordinatorNotReady, WorkerCounts};
pub use self::node::CoordinatorNode;
#[cfg(feature = "http")]
pub use self::over_http::HttpWorkers;
pub use self::running::{RunningCoordinatorNode, WorkerView};
