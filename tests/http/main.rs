//! The HTTP form of the protocol: clients, servers and gateways.

mod gateway;
mod raw;
mod recordings;
mod tls;
mod worker;
