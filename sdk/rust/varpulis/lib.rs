//! Typed clients and servers for [Varpulis](https://github.com/varpulis/varpulis) clusters over NATS.
//!
//! The modules [`coordinator`], [`worker`], [`raft`], [`types`], [`subject`] and [`mod@error`] are generated from the
//! JSON Schema files of `schema/` when this package is built. A client has the name of the peer that it calls, and a
//! service the name of its own role. For example, a coordinator implements
//! [`CoordinatorService`](coordinator::CoordinatorService), serves it with a
//! [`CoordinatorServer`](coordinator::CoordinatorServer), and commands workers with a
//! [`WorkerClient`](worker::WorkerClient).
//!
//! The other modules are complete roles and their configuration:
//!
//! - [`worker_node`] serves, registers and drains a worker.
//! - `coordinator_node` (feature `raft`) registers workers and deploys pipelines on them.
//! - `replica` (feature `raft`) is the Raft node of a coordinator.
//! - `connector` (feature `nats`) carries events of users from NATS into pipelines, and back.
//! - `batch` (feature `nats-transport`) injects batches of events, and checks that the worker processes each event.
//! - [`config`] reads the configuration of a process.
//!
//! [`natsgen_runtime`] provides transports, errors and options.
//!
//! # A server, a subscriber and a client
//!
//! [`Connection::memory`] is the in-process transport, for tests without a broker.
//!
//! ```
//! # use varpulis_sdk::coordinator::{
//! #     GetWorkerFault, GetWorkerParams, GetWorkerReply, GetWorkerRequest, ListWorkersFault, ListWorkersReply,
//! #     ListWorkersRequest, RemoveWorkerFault, RemoveWorkerParams, RemoveWorkerReply, RemoveWorkerRequest,
//! # };
//! use varpulis_sdk::coordinator::{
//!     CoordinatorClient, CoordinatorServer, CoordinatorService, Heartbeat, HeartbeatFilter,
//!     RegisterFault, RegisterReply, RegisterRequest, RegisterStatus,
//! };
//! use varpulis_sdk::types::WorkerCapacity;
//! use varpulis_sdk::{Connection, Context};
//!
//! struct Coordinator;
//!
//! impl CoordinatorService for Coordinator {
//!     async fn register(
//!         &self,
//!         _: &Context,
//!         request: RegisterRequest,
//!     ) -> Result<RegisterReply, RegisterFault> {
//!         let worker_id = request.worker_id.to_string();
//!         Ok(RegisterReply::new(worker_id, RegisterStatus::Registered))
//!     }
//!     // list_workers, get_worker and remove_worker follow.
//! #
//! #     async fn list_workers(
//! #         &self,
//! #         _: &Context,
//! #         _: ListWorkersRequest,
//! #     ) -> Result<ListWorkersReply, ListWorkersFault> {
//! #         unimplemented!()
//! #     }
//! #
//! #     async fn get_worker(
//! #         &self,
//! #         _: &Context,
//! #         _: GetWorkerParams,
//! #         _: GetWorkerRequest,
//! #     ) -> Result<GetWorkerReply, GetWorkerFault> {
//! #         unimplemented!()
//! #     }
//! #
//! #     async fn remove_worker(
//! #         &self,
//! #         _: &Context,
//! #         _: RemoveWorkerParams,
//! #         _: RemoveWorkerRequest,
//! #     ) -> Result<RemoveWorkerReply, RemoveWorkerFault> {
//! #         unimplemented!()
//! #     }
//! }
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let connection = Connection::memory();
//! let server = CoordinatorServer::new(Coordinator).start(&connection).await?;
//! let mut heartbeats = connection.subscribe::<Heartbeat>(&HeartbeatFilter::default()).await?;
//!
//! let coordinator = CoordinatorClient::new(&connection);
//! let capacity = WorkerCapacity::new(4, 0, 10);
//! let request = RegisterRequest::new("w0".try_into()?, "".try_into()?, "secret".try_into()?, capacity);
//! let reply = coordinator.register(&request).await?;
//! assert_eq!(reply.status, RegisterStatus::Registered);
//!
//! coordinator.heartbeat(&request.worker_id, &Heartbeat::new(0, 0)).await?;
//! let received = heartbeats.next().await.unwrap().unwrap();
//! assert_eq!(received.params.worker_id, request.worker_id);
//! server.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Errors of a call
//!
//! A [`CallError`] names the phase in which the call failed:
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

#[cfg(any(feature = "nats", feature = "nats-transport"))]
pub use natsgen_runtime::NatsOptions;
pub use natsgen_runtime::Prefix;
#[cfg(feature = "nats-transport")]
pub use natsgen_runtime::{
    CallError, CallOptions, Connection, Context, DedupOptions, Failure, MemoryBroker, NoAnswer,
    NotDelivered, Observer, Refused, Retry, ServeOptions, Server, StandardFault, Subscription,
};

#[cfg(feature = "nats-transport")]
pub mod batch;
pub mod config;
#[cfg(any(feature = "nats", feature = "nats-transport"))]
pub mod connector;
#[cfg(feature = "raft")]
pub mod coordinator_node;
#[cfg(feature = "http")]
mod http_listener;
#[cfg(feature = "nats-transport")]
mod listener;
#[cfg(feature = "raft")]
pub mod replica;
#[cfg(feature = "nats-transport")]
pub mod worker_node;

include!(concat!(env!("OUT_DIR"), "/mod.rs"));

/// Compiles the programs of the README as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
