//! What the protocol of `schema/` does once it is code: over memory and over a real nats-server.

mod config;
mod corpus;
mod faults;
mod generated_code;
mod ids;
mod named;
mod network;
mod operations;
mod patience;
mod payloads;
mod peers;
mod protocol;
mod raw;
mod support;
mod vectors;
