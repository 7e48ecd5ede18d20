//! Sample implementations of the service traits: a worker and a coordinator with state in memory.
//!
//! [`SampleWorker`] shows how to write a worker. It implements [`WorkerService`](varpulis_sdk::worker::WorkerService),
//! and a [`WorkerNode`](varpulis_sdk::worker_node::WorkerNode) serves it and registers it with the coordinator. It
//! exchanges events with other workers. [`SampleCoordinator`] shows how to write a coordinator. The demonstration of
//! `cargo run` consists of these two.
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
//! The sample engine supports a small part of the pipeline language of Varpulis:
//!
//! - it filters events: `stream A = SensorReading .where(temperature > 100) .emit(t: temperature)`;
//! - it has variables that a stream sets, so that checkpoints have content: `var highest = 0` and `.set(highest:
//!   temperature)`.
//!
//! Programs with other operators are refused with an error that names the operator. The state is lost when the process
//! ends.

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
