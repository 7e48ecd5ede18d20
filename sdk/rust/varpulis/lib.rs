//! Typed clients and servers for [Varpulis](https://github.com/varpulis/varpulis) clusters over NATS.
//!
//! The modules [`coordinator`], [`worker`], [`raft`], [`types`], [`subject`] and [`mod@error`] are generated from the
//! JSON Schema files of `schema/` when this package is built. A client has the name of the peer that it calls, and a service
//! the name of its own role. For example, a coordinator implements
//! [`CoordinatorService`](coordinator::CoordinatorService), serves it with a
//! [`CoordinatorServer`](coordinator::CoordinatorServer), and commands workers with a
//! [`WorkerClient`](worker::WorkerClient).
//!
//! The other modules are complete roles and their configuration:
//!
//! - [`worker_node`] serves, registers and drains a worker.
//! - `coordinator_node` (feature `raft`) registers workers and deploys pipelines on them.
//! - `replica` (feature `raft`) is the Raft node of a coordinator.
//! - [`config`] reads the configuration of a process.
//!
//! [`natsgen_runtime`] provides transports, errors and options. [`Connection::memory`] is the in-process transport, for
//! tests without a broker:
//!
//! ```
//! use varpulis_sdk::types::WorkerId;
//! use varpulis_sdk::worker::{DrainRequest, WorkerClient};
//! use varpulis_sdk::{Connection, Failure, NotDelivered};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let workers = WorkerClient::new(&Connection::memory());
//! let drained = workers.drain(&WorkerId::try_from("w0")?, &DrainRequest::new()).await;
//! let error = drained.unwrap_err();
//! assert!(matches!(error.failure, Failure::NotDelivered(NotDelivered::NoResponders)));
//! # Ok(())
//! # }
//! ```

pub use natsgen_runtime::{
    CallError, CallOptions, Connection, Context, DedupOptions, Failure, MemoryBroker, NatsOptions,
    NoAnswer, NotDelivered, Observer, Prefix, Refused, Retry, ServeOptions, Server, StandardFault,
    Subscription,
};

pub mod config;
#[cfg(feature = "raft")]
pub mod coordinator_node;
#[cfg(feature = "raft")]
pub mod replica;
pub mod worker_node;

include!(concat!(env!("OUT_DIR"), "/mod.rs"));

/// Compiles the programs of the README as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
