//! Whole clusters of Raft nodes that replicate the registry: over memory and over a real nats-server.
//!
//! Nothing here sleeps: tests wait for what the nodes tell of themselves.

mod changes;
mod cluster;
mod coordinator;
mod crash;
mod dispatch;
mod elections;
mod leader;
mod linearizable;
mod membership;
mod nodes;
mod snapshots;
mod wires;
mod writes;
