//! Clusters of Raft nodes that replicate the registry, over the in-process transport and over a real nats-server.
//!
//! The tests do not sleep: they wait for the state that nodes report.

mod attacks;
mod changes;
mod cluster;
mod coordinator;
mod crash;
mod dispatch;
mod elections;
mod identity;
mod leader;
mod linearizable;
mod links;
mod membership;
mod nodes;
mod snapshots;
mod writes;
