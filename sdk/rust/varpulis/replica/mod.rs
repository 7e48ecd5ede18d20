//! A Raft node that replicates the registry of the coordinators, so that any coordinator may fail.
//!
//! A [`Replica`] is a complete node. Its log and vote are in a store on disk, and its replica of the [`Registry`] is in
//! memory. It communicates with the other nodes over NATS. [openraft](https://docs.rs/openraft) implements the
//! consensus protocol. Its messages travel through the generated [`RaftClient`](crate::raft::RaftClient) and
//! [`RaftServer`](crate::raft::RaftServer), in the form of `schema/raft/`.
//!
//! ```
//! use varpulis_sdk::Connection;
//! use varpulis_sdk::replica::{Replica, ReplicaOptions};
//! use varpulis_sdk::types::{Command, DeregisterWorker, NodeId, RaftNode, WorkerId};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let connection = Connection::memory();
//! let id = NodeId::try_from(1)?;
//! let replica = Replica::start(ReplicaOptions::memory(id), &connection).await?;
//! let node = RaftNode::new("http://coordinator-1:9100".try_into()?);
//! replica.initialize([(id, node)].into()).await?;
//!
//! let id = WorkerId::try_from("w0")?;
//! let reply = replica.propose(Command::DeregisterWorker(DeregisterWorker::new(id))).await?;
//! println!("{:?}", reply.outcome); // Error: no worker w0
//! assert_eq!(replica.current(|registry| registry.workers().count()).await?, 0);
//! replica.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod admission;
mod append_validator;
mod attempt_error;
mod batch_readers;
mod batcher;
mod bounds;
mod changes;
mod client;
mod confirmer;
mod convert;
mod duplicate_detector;
mod error;
mod founder;
mod gate;
mod groups;
mod health;
mod identity;
mod joiner;
mod known_state;
mod leader;
mod leadership;
mod log;
mod logged_command;
mod message;
mod network;
mod node;
mod options;
mod refusal;
mod registry;
mod reply_validator;
mod service;
mod snapshot;
mod snapshot_receiver;
mod state_machine;
mod store;
mod type_config;
mod unreadable;
mod validator;

pub use changes::{Change, Changes};
pub use client::RegistryClient;
pub use error::ReplicaError;
pub use groups::Group;
pub use health::{Health, Role};
pub(crate) use leadership::leading_term;
pub(crate) use logged_command::value_of;
pub use node::Replica;
pub use options::ReplicaOptions;
pub use refusal::Refusal;
pub use registry::{GroupCheckpoints, Migration, Registry, WorkerRecord};
pub use store::StoreError;
pub use type_config::{Metrics, TypeConfig};
pub use unreadable::Unreadable;

#[cfg(test)]
mod tests;
