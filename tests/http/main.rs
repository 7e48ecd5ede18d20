//! The HTTP form of the protocol: clients, servers and gateways.

mod cluster;
mod gateway;
mod raw;
mod recordings;
mod retry;
mod roles;
mod tls;
mod worker;
