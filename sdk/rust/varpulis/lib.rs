//! Typed, schema-first clients and servers for [Varpulis](https://github.com/varpulis/varpulis) clusters over NATS.
//!
//! Everything below [`coordinator`], [`worker`], [`raft`], [`types`], [`subject`] and [`mod@error`] is generated from the JSON
//! Schema files of `schema/` when this package is built. A client is named after the peer it talks to, a service after what
//! it is: a coordinator implements [`CoordinatorService`](coordinator::CoordinatorService), serves it with a
//! [`CoordinatorServer`](coordinator::CoordinatorServer) and commands workers with a [`WorkerClient`](worker::WorkerClient).
//!
//! [`worker_node`] has a whole worker and, with the feature `raft`, `coordinator_node` a whole coordinator and `replica` the
//! Raft node in it.
//!
//! The transports, errors and options that they share come from [`natsgen_runtime`].

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

/// The programs of the README, so that they compile.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
