//! A Raft node that replicates the registry of the coordinators, so that any of them can die.
//!
//! One value, [`Replica`], is the whole node: its log and its vote in a store on disk, its replica of the [`Registry`] in
//! memory, and its part of the conversation with the other nodes over NATS. [openraft](https://docs.rs/openraft) decides
//! what is said; what is said goes through the generated [`RaftClient`](crate::raft::RaftClient) and
//! [`RaftServer`](crate::raft::RaftServer), in the form that `schema/raft/` describes.
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
//! let node = RaftNode { addr: "http://coordinator-1:9100".try_into()? };
//! replica.initialize([(id, node)].into()).await?;
//!
//! let id = WorkerId::try_from("w0")?;
//! let reply = replica.propose(Command::DeregisterWorker(DeregisterWorker { id })).await?;
//! println!("{:?}", reply.outcome); // Error: no worker w0
//! assert_eq!(replica.current(|registry| registry.workers().count()).await?, 0);
//! replica.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod admission;
mod changes;
mod client;
mod error;
mod groups;
mod health;
mod kinds;
mod leader;
mod log;
mod machine;
mod message;
mod missed;
mod network;
mod node;
mod options;
mod registry;
mod service;
mod snapshot;
mod store;
mod wire;
mod writer;

pub use changes::{Change, Changes};
pub use client::RegistryClient;
pub use error::ReplicaError;
pub use groups::Group;
pub(crate) use groups::value_of;
pub(crate) use health::leading_term;
pub use health::{Health, Role};
pub use kinds::{Kinds, Metrics};
pub use node::Replica;
pub use options::ReplicaOptions;
pub use registry::{GroupCheckpoints, Migration, Registry, WorkerRecord};
pub use store::StoreError;

#[cfg(test)]
mod tests;
