//! Samples of how to implement the service traits: a worker and a coordinator that keep real state.
//!
//! Read [`SampleWorker`] to see what a worker of your own looks like: it implements
//! [`WorkerService`](varpulis_sdk::worker::WorkerService), hands itself to a [`WorkerNode`](varpulis_sdk::worker_node::WorkerNode) that
//! serves it and makes it a member of the cluster, and exchanges events with other workers. [`SampleCoordinator`] does the same for the other side, and is all that `cargo run` needs beside them.
//!
//! ```
//! use varpulis_sample::{SampleCoordinator, SampleWorker};
//! use varpulis_sdk::types::{ApiKey, WorkerId};
//! use varpulis_sdk::{Connection, MemoryBroker};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let broker = MemoryBroker::new();
//! let (here, there) = (Connection::over(broker.connect()), Connection::over(broker.connect()));
//! let key = ApiKey::try_from("secret")?;
//! let coordinator = SampleCoordinator::new(key.clone()).start(&here).await?;
//! let worker = SampleWorker::new(&there, WorkerId::try_from("w0")?, 10, Vec::new());
//! let worker = worker.start(&there, key).await?;
//! assert!(worker.registered().await.is_some());
//! worker.shutdown().await;
//! coordinator.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! They are samples, not an engine: their pipeline language is the small piece of Varpulis's that filters events
//! (`stream A = SensorReading .where(temperature > 100) .emit(t: temperature)`), with variables that a stream sets
//! (`var highest = 0` and `.set(highest: temperature)`) so that a checkpoint has something to bring back. What they
//! do not have they refuse by name. State is kept in memory and ends with the process.

mod coordinator;
mod engine;
mod error;
mod language;
mod listener;
mod pipeline;
mod route;
mod running;
mod worker;

pub use coordinator::{KnownWorker, Registry, RunningCoordinator, SampleCoordinator};
pub use error::SampleError;
pub use route::Route;
pub use running::RunningWorker;
pub use worker::{EventCounts, SampleWorker};

#[cfg(test)]
mod tests;
